r"""Shares of Boolean tasks solved from several initial gains, and predictions about them.

Rules and predictions, which were committed before any of the numbers:
beyond/docs/initial_weights.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.boolean.boolean_tasks import SOLVED
from beyond.experiments.methods import ANNEALED
from beyond.experiments.statistics import corrected, estimate, sign_test
from beyond.experiments.study import ALPHA
from experiments.engine.experiment import Data, Quantity, array, band, listed

EXACT = ("exact_of_expected", "exact_of_response", "exact_of_cross_entropy")
SURROGATES = ("broad_usual", "broad_of_response", "matched_usual")
"""Arms that K6 compares. They are fixed: an added arm is not among them."""

WINDOWS = {
    16: (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0),
    4: (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2),
}
"""Gains 1/8 to 2 of each slope of the noise, in units of the panels' own slope, which is 16."""
ONE = 3
"""Index of gain 1 in a window."""
FUNCTIONS = {
    "random": ("start_random", "long_random"),
    "literals": ("start_literals", "long_literals"),
}
"""Panels of 600 and of 6 000 updates on the same tasks, by family of functions."""


MARGIN = 0.05
"""Difference of shares below which one direction has no lead over another."""


class Arm(NamedTuple):
    """A training with options to choose from.

    Attributes:
        methods: directions; if there are several, tuning tasks choose among them, too.
        own: whether tuning tasks choose the gain; else it is 1.
        long: whether the training has 6 000 updates.
    """

    methods: tuple[str, ...]
    own: bool = True
    long: bool = False

    def options(self, panels: tuple[Data, Data], slope: int) -> tuple[np.ndarray, np.ndarray]:
        """Return wrong patterns of tuning tasks and of judged tasks, each ``(option, task)``.

        Args:
            panels: arrays of 600 and of 6 000 updates.
            slope: slope of the noise, a key of `WINDOWS`.
        """
        window = WINDOWS[slope]
        return self.among(panels[self.long], window if self.own else window[ONE : ONE + 1])

    def among(self, data: Data, gains: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Return wrong patterns as `options` does, at some gains of a panel.

        Args:
            data: arrays of the panel.
            gains: gains in units of the panel's own slope.
        """
        rows = [listed(data, "methods").index(name) for name in self.methods]
        columns = [list(data["gains"][0]).index(gain) for gain in gains]
        n = len(rows) * len(columns) * len(data["rates"][0])
        tuning, wrong = (
            np.concatenate(data[name], axis=-1)[np.ix_(rows, columns)].reshape(n, -1)
            for name in ("tuning", "wrong")
        )
        return tuning, wrong


RESPONSE, USUAL, ANNEALED_RESPONSE = EXACT[1], SURROGATES[0], f"{ANNEALED}{EXACT[1]}"
PREDICTIONS: dict[str, tuple[Arm, Arm]] = {
    "breadth": (Arm((USUAL,)), Arm((RESPONSE,))),
    "breadth_of_response": (Arm(("broad_of_response",)), Arm((RESPONSE,))),
    "broad_over_expected": (Arm((USUAL,)), Arm(("exact_of_expected",))),
    "loss": (Arm((RESPONSE,)), Arm(("exact_of_expected",))),
    "surrogate": (Arm((USUAL,)), Arm(("matched_usual",))),
    "best": (Arm(SURROGATES), Arm(EXACT)),
    "start": (Arm((RESPONSE,)), Arm((RESPONSE,), own=False)),
    "breadth_at_one": (Arm((USUAL,), own=False), Arm((RESPONSE,), own=False)),
    "updates": (Arm((RESPONSE,), own=False, long=True), Arm((RESPONSE,), own=False)),
    "breadth_long": (
        Arm((USUAL,), own=False, long=True),
        Arm((RESPONSE,), own=False, long=True),
    ),
    "annealing": (Arm((ANNEALED_RESPONSE,), own=False), Arm((RESPONSE,), own=False)),
    "breadth_annealed": (Arm((USUAL,), own=False), Arm((ANNEALED_RESPONSE,), own=False)),
}
"""K1 to K12, in order: the first arm is compared with the second."""
AGAIN = {"random": "again_random", "literals": "again_literals"}
"""Panels of the second look, by family of functions: more tuning tasks, all gains in one window."""
TWICE = ("breadth", "breadth_of_response")
"""Predictions of the second look, with p-values doubled for two looks."""

ARRAYS = {
    "slopes": array("slope", "slopes of the noise whose gains the panel has"),
    "n_tasks": array("", "tasks of all seeds"),
    "gain_share": array("method, gain, statistic", "solved at each gain; bootstrap interval"),
    "gain_rate": array("method, gain", "learning rate chosen at each gain"),
    "own_share": array("method, statistic", "solved at the gain chosen among all of the panel"),
    "own_gain": array("method", "this gain"),
    "own_rate": array("method", "learning rate chosen with it"),
    "share": array("slope, start, method, statistic", "solved; start: gain 1, or the own gain"),
    "chosen_gain": array("slope, start, method", "gain in units of the slope's own"),
    "chosen_rate": array("slope, start, method", "learning rate at slope 16"),
    "gain_at_end": array("slope, method", "whether the own gain is an end of its grid"),
    "rate_at_end": array("slope, start, method", "whether the rate is an end of its grid"),
}
"""Declarations of the arrays of `shares`."""


def shares(data: Data) -> Data:
    """Return shares solved at every gain, and from gain 1 and the own gain at each slope.

    A panel without a gain of a window has no own gain at this slope: its values are NaN.
    """
    names, gains, rates = listed(data, "methods"), list(data["gains"][0]), data["rates"][0]
    tuning, wrong = (np.concatenate(data[name], axis=-1) for name in ("tuning", "wrong"))
    n = wrong.shape[-1]
    by_gain = [_share(t.astype(float), w) for t, w in zip(tuning, wrong, strict=True)]
    shape = len(WINDOWS), 2, len(names)
    share, which = np.full((*shape, 3), np.nan), np.full(shape, -1)
    for (i, window), own in product(enumerate(WINDOWS.values()), (False, True)):
        wanted = window if own else window[ONE : ONE + 1]
        if not set(wanted) <= set(gains):
            continue
        columns = [gains.index(gain) for gain in wanted]
        flat = [x[:, columns].reshape(len(names), -1, x.shape[-1]) for x in (tuning, wrong)]
        share[i, int(own)], option = _share(flat[0].astype(float), flat[1])
        which[i, int(own)] = option + columns[0] * len(rates)
    flat = [x.reshape(len(names), -1, x.shape[-1]) for x in (tuning, wrong)]
    own_share, own = _share(flat[0].astype(float), flat[1])
    gain, rate = np.divmod(which, len(rates))
    starts = np.array([window[ONE] for window in WINDOWS.values()])[:, None, None]
    known = which >= 0
    position = np.array(gains)[gain] / starts
    return {
        "slopes": np.array(list(WINDOWS)),
        "n_tasks": np.array(n),
        "gain_share": np.stack([one[0] for one in by_gain]),
        "gain_rate": rates[np.stack([one[1] for one in by_gain])],
        "own_share": own_share,
        "own_gain": np.array(gains)[own // len(rates)],
        "own_rate": rates[own % len(rates)],
        "share": share,
        "chosen_gain": np.where(known, position, np.nan),
        "chosen_rate": np.where(known, rates[rate], np.nan),
        "gain_at_end": np.isin(position[:, 1], (1 / 8, 2.0)) & known[:, 1],
        "rate_at_end": chosen_rates.at_end(rate, len(rates)) & known,
    }


def _share(tuning: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares solved at chosen options with intervals, ``(arm, 3)``, and the options."""
    which, solved = chosen_rates.chosen(tuning), _solved(wrong)
    end = chosen_rates.at_chosen(solved, which).mean(axis=1)
    return chosen_rates.with_interval(end, chosen_rates.resampled(tuning, solved)), which


def _solved(wrong: np.ndarray) -> np.ndarray:
    """Return 1 for a solved task, 0 for another, and NaN for a task that was not trained."""
    return np.where(np.isnan(wrong), np.nan, wrong < SOLVED)


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of shares solved, with p-values corrected for all tests of the family.

    If a panel of a family is missing, the family returns nothing, since the correction would count
    fewer tests.
    """
    quantities: dict[str, Quantity] = {}
    if {panel for pair in FUNCTIONS.values() for panel in pair} <= set(panels):
        quantities |= _family(_cells(panels), list(PREDICTIONS), "")
    if set(AGAIN.values()) <= set(panels):
        quantities |= _family(_cells_again(panels), list(TWICE), "again_", looks=2)
    return quantities


def outcome(difference: Quantity, p: float) -> str:
    """Return the name of a comparison's outcome, as the rule has it.

    Args:
        difference: first minus second share solved, with its interval.
        p: corrected p-value.
    """
    low, high = difference.ci_low, difference.ci_high
    assert low is not None and high is not None
    if p < ALPHA and low > 0:
        return "solves more"
    if p < ALPHA and high < 0:
        return "solves fewer"
    if -MARGIN < low and high < MARGIN:
        return "as many"
    return "at most 5 points more" if high < MARGIN else "undecided"


Cells = Iterator[tuple[str, str, Quantity, float]]
"""Prediction, name of the quantity, difference of shares, and p-value without correction."""


def _family(cells: Cells, names: list[str], prefix: str, looks: int = 1) -> dict[str, Quantity]:
    """Return the differences of a family, corrected p-values, and the largest of a prediction."""
    quantities, p_values, members = {}, {}, {name: [] for name in names}
    for prediction, name, quantity, p in cells:
        quantities[name], p_values[name] = quantity, min(1.0, looks * p)
        members[prediction].append(f"{name}_p")
    adjusted = corrected(p_values)
    for prediction, each in members.items():
        why = f"the largest of {len(each)}; Holm, of {len(adjusted)}"
        largest = max(adjusted[name].value for name in each)
        quantities[f"{prefix}{prediction}_p"] = band(largest, 0, 1, why)
    return quantities | adjusted


def _cells(panels: Mapping[str, Data]) -> Cells:
    for (start, long), slope in product(FUNCTIONS.values(), WINDOWS):
        both = panels[start], panels[long]
        rows = _compared(PREDICTIONS, lambda arm, both=both, slope=slope: arm.options(both, slope))
        for name, quantity, p in rows:
            yield name, f"{start}.{name}_slope_{slope}", quantity, p


def _cells_again(panels: Mapping[str, Data]) -> Cells:
    pairs = {name: PREDICTIONS[name] for name in TWICE}
    for panel in AGAIN.values():
        data = panels[panel]
        gains = data["gains"][0]
        for name, quantity, p in _compared(pairs, lambda arm, d=data, g=gains: arm.among(d, g)):
            yield name, f"{panel}.{name}", quantity, p


def _compared(
    pairs: Mapping[str, tuple[Arm, Arm]], options: Callable[[Arm], tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[str, Quantity, float]]:
    """Yield each prediction with the difference of shares solved and its p-value."""
    arms = list(dict.fromkeys(arm for pair in pairs.values() for arm in pair))
    tuning, wrong = (_padded(values) for values in zip(*map(options, arms), strict=True))
    which, solved = chosen_rates.chosen(tuning), _solved(wrong)
    end, samples = chosen_rates.at_chosen(solved, which), chosen_rates.resampled(tuning, solved)
    differences = chosen_rates.differences(end, samples)
    for name, pair in pairs.items():
        i, j = (arms.index(arm) for arm in pair)
        first, second = (int(np.sum(end[a] > end[b])) for a, b in ((i, j), (j, i)))
        why = f"only one of both solves: {first} against {second} of {end.shape[1]} tasks"
        yield name, estimate(differences[i, j], why), sign_test(first, second)


def _padded(each: tuple[np.ndarray, ...]) -> np.ndarray:
    """Stack arrays ``(option, task)``; missing options are NaN, which no tuning task chooses."""
    most = max(len(values) for values in each)
    return np.stack(
        [
            np.pad(v.astype(float), ((0, most - len(v)), (0, 0)), constant_values=np.nan)
            for v in each
        ]
    )
