r"""Is breadth a cure for a bad start? Initial gain and rate chosen together for every direction.

Thresholds and initial biases are 0. A network of slope :math:`\beta` with weights W is then the
network of slope 1 with weights :math:`\beta W`, so that noise and initial weights are one axis:
slope 4 with gain 1 is slope 16 with gain 1/4, at a quarter of the rate. One panel therefore has all
gains of both slopes, in units of the noise's slope here, and `WINDOWS` names the gains that
belong to each.

An *option* of a direction is a number of updates, a gain and a rate. Tuning tasks are trained at
every option. Judged tasks are trained at the rates that a bootstrap sample of the tuning tasks
chooses at some gain. *Annealed* directions are exact gradients in noise whose slope rises linearly
from a quarter to the whole over the first half of the updates. Rules, which were committed before
any of these numbers: beyond/docs/initial_weights.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.boolean.boolean_tasks import SOLVED, Task, draw
from beyond.experiments.boolean.boolean_training import BooleanTraining
from beyond.experiments.boolean.response_losses import FUNCTIONS
from beyond.experiments.boolean.three_literals import draw_three_literals
from beyond.experiments.methods import ANNEALED, AT_ONE, BEST, BOOLEAN, FROM_GAINS, LONG, Arm
from beyond.experiments.study import Chosen, Outcomes, Study, choose
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Size,
    array,
    band,
    listed,
    param,
)

SLOPE_4, SLOPE_16 = "slope_4", "slope_16"
"""Slopes of the noise, by which initial gains are chosen; the noise of the panels has slope 16."""
WINDOWS = {
    SLOPE_16: (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0),
    SLOPE_4: (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2),
}
"""Gains 1/8 to 2 of each slope of the noise, in units of the panels' own slope, which is 16."""
ONE = 3
"""Index of gain 1 in a window."""
LONGER = {"start_random": "long_random", "start_literals": "long_literals"}
"""Panels of ten times the updates on the same tasks."""


class InitialWeights(Study, BooleanTraining):
    """Trains Boolean tasks from weights of several scales, at several rates."""

    methods: Distinct[Annotated[str, OneOf(FROM_GAINS)]] = param(
        list(FROM_GAINS), "directions that are followed"
    )
    function: Annotated[str, OneOf(FUNCTIONS)] = param(
        "random", "functions to learn: 1 for a random set of patterns, or of three literals"
    )
    gains: Rising[Positive] = param(
        [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0],
        "scales of the initial weights to choose from",
    )
    rates: Rising[Positive] = param(
        [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "learning rates to choose from",
    )
    n_tasks: Annotated[int, Field(ge=2, le=10_000)] = param(600, "tasks per seed")
    n_tuning: Size = param(64, "other tasks, which choose gain and rate")

    ARRAYS = {
        "methods": array("seed, method", "names of the directions"),
        "beta": array("seed", "slope of the noise, for which gains and rates are"),
        "gains": array("seed, gain", "scales of the initial weights"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, gain, rate, tuning task", "wrong patterns at the end"),
        "wrong": array(
            "seed, method, gain, rate, task", "wrong patterns at the end; NaN at rates not chosen"
        ),
        "n_tasks": array("", "tasks of all seeds"),
        "gain_share": array("method, gain, statistic", "solved at each gain; bootstrap interval"),
        "own_share": array("method, statistic", "solved at the gain chosen among all of the panel"),
        "own_gain": array("method", "this gain"),
        "own_rate": array("method", "learning rate chosen with it"),
    }

    def arm(self, name: str) -> Arm:
        """Return the direction of a name."""
        plain = BOOLEAN[name.removeprefix(ANNEALED)]
        return plain._replace(annealed=name.startswith(ANNEALED))

    def tasks(self, seed: int) -> tuple[Task, Task]:
        """Return the tasks of a seed, and the tuning tasks.

        A task depends on its number alone: fewer tasks are the first ones.
        """
        drawn = draw if self.function == "random" else draw_three_literals
        each = []
        for role, n in enumerate((self.n_tasks, self.n_tuning)):
            key = jax.random.fold_in(jax.random.key(seed), role)
            keys = jax.vmap(jax.random.fold_in, (None, 0))(key, jnp.arange(n))
            each.append(drawn(self.family, keys))
        return each[0], each[1]

    def compute(self, seed: int) -> Data:
        """Train tuning tasks at every option, and judged tasks at options that may be chosen."""
        judged, tuning_tasks = self.tasks(seed)
        tasks = {TUNING: tuning_tasks, JUDGED: judged}
        n_gains, n_rates = len(self.gains), len(self.rates)

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            wrong = []
            for gain, options in groupby(some, lambda option: option // n_rates):
                rates = [self.rates[option % n_rates] for option in options]
                wrong.append(self.last_wrong(name, scaled(tasks[role], self.gains[gain]), rates))
            # Rounded to three digits, so that the committed file stays small.
            return np.concatenate(wrong).round(3).astype(np.float32)[None]

        # Tuning tasks choose a rate at each gain.
        groups = [range(j * n_rates, (j + 1) * n_rates) for j in range(n_gains)]
        (tuning,), (wrong,) = tuned(dict.fromkeys(self.methods, groups), train, self.n_tasks)
        shape = len(self.methods), n_gains, n_rates, -1
        return {
            "methods": np.array(self.methods),
            "beta": np.array(self.beta),
            "gains": np.array(self.gains),
            "rates": np.array(self.rates),
            "tuning": tuning.reshape(shape),
            "wrong": wrong.reshape(shape),
        }

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return which tasks are solved; an option is a gain and a rate.

        An arm is a direction with a gain of its own, with gain 1 (`AT_ONE`), or with gain 1 and ten
        times the updates (`LONG`). The arms of `BEST` choose among directions, too.

        Args:
            data: arrays of a panel, with those of the longer training (`conclusions`).
            measure: slope of the noise, a key of `WINDOWS`; empty for all gains of the panel.
        """
        names, gains = listed(data, "methods"), list(data["gains"][0])
        window = WINDOWS.get(measure, gains)
        arms = {}
        if set(window) <= set(gains):
            best = {name: each for name, each in BEST.items() if set(each) <= set(names)}
            for name, members in ({name: (name,) for name in names} | best).items():
                arms[name] = _options(data, members, window)
        if measure:
            one = window[ONE]
            for name in names if one in gains else ():
                arms[f"{name}{AT_ONE}"] = _options(data, (name,), (one,))
            longer = {name.removeprefix(LONG): x for name, x in data.items() if LONG in name}
            for name in listed(longer, "methods") if longer else ():
                arms[f"{name}{LONG}"] = _options(longer, (name,), (one,))
        return _outcomes(arms)

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions on gain, updates and annealing."""
        return super().conclusions(with_longer(panels))

    def pooled(self, data: Data) -> Data:
        """Return shares solved at every gain, and at the chosen one; intervals have the choice."""
        names, gains, rates = listed(data, "methods"), list(data["gains"][0]), data["rates"][0]
        own = choose(self.outcomes(data).only(names))
        at_gain = [
            choose(_outcomes({name: _options(data, (name,), (gain,)) for name in names}))
            for gain in gains
        ]
        gain, rate = np.divmod(own.which, len(rates))
        return {
            "n_tasks": np.array(own.end.shape[1]),
            "gain_share": np.stack([share(one) for one in at_gain], axis=1),
            "own_share": share(own),
            "own_gain": np.array(gains)[gain],
            "own_rate": rates[rate],
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of solved tasks, at the best option of each direction on these tasks."""
        solved = (data["wrong"] < SOLVED).mean(axis=(0, 4)).max(axis=(1, 2))
        return {
            f"{name}_solved": band(float(share), 0, 1, "a share")
            for name, share in zip(listed(data, "methods"), solved, strict=True)
        }


def with_longer(panels: Mapping[str, Data]) -> dict[str, Data]:
    """Return panels with the arrays of the longer training on the same tasks, named by `LONG`."""
    return {
        name: data | {f"{LONG}{key}": x for key, x in panels.get(LONGER.get(name, ""), {}).items()}
        for name, data in panels.items()
    }


def share(chosen: Chosen) -> np.ndarray:
    """Return the shares of tasks solved, with intervals, ``(arm, statistic)``."""
    return chosen_rates.with_interval(chosen.end.mean(axis=1), chosen.samples)


def _options(data: Data, names: Sequence[str], gains: Sequence[float]) -> list[np.ndarray]:
    """Return wrong patterns of tuning tasks and of judged tasks, each ``(option, task)``."""
    rows = [listed(data, "methods").index(name) for name in names]
    columns = [list(data["gains"][0]).index(gain) for gain in gains]
    both = (np.concatenate(data[name], axis=-1) for name in ("tuning", "wrong"))
    return [x[np.ix_(rows, columns)].reshape(-1, x.shape[-1]).astype(float) for x in both]


def _outcomes(arms: Mapping[str, list[np.ndarray]]) -> Outcomes:
    """Return outcomes of arms from their wrong patterns, tuning tasks first.

    Options that an arm does not have are NaN. No tuning task chooses them.
    """
    most = max((len(tuning) for tuning, _ in arms.values()), default=0)

    def stacked(each: list[np.ndarray]) -> np.ndarray:
        rows = [np.pad(x, ((0, most - len(x)), (0, 0)), constant_values=np.nan) for x in each]
        return np.array(rows).reshape(len(each), most, -1)

    tuning, wrong = (stacked([arm[i] for arm in arms.values()]) for i in (0, 1))
    solved = np.where(np.isnan(wrong), np.nan, wrong < SOLVED)
    return Outcomes(list(arms), tuning, solved, better="more")


def scaled(tasks: Task, gain: float) -> Task:
    """Return tasks with initial weights times a gain."""
    return replace(tasks, weights=gain * tasks.weights)
