"""Options of an arm, a variant at a rate, and final losses at the options that tuning tasks choose.

The loss that is compared chooses the option, too. See `chosen_rates`.
"""

from collections.abc import Mapping

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.lif.response_arms import LOSSES
from experiments.engine.experiment import Data, listed


def arms_of(arm_of: list[str], names: list[str]) -> dict[str, list[int]]:
    """Return the indices of variants by arm, and of each variant of an arm with several."""
    arms = {
        arm: [i for i, owner in enumerate(arm_of) if owner == arm] for arm in dict.fromkeys(arm_of)
    }
    return arms | {name: [i] for i, name in enumerate(names) if name not in arms}


def members_of(data: Data) -> list[list[int]]:
    """Return the indices of the variants of each method of a panel."""
    return list(arms_of(listed(data, "arm_of"), listed(data, "variants")).values())


def candidates(arm_of: list[str], tuning: np.ndarray, n: int) -> list[list[int]]:
    """Return the rates of each variant that an arm may choose by either loss.

    Args:
        arm_of: the arm of each variant.
        tuning: log of final over first loss, ``(variant, rate, tuning task, loss)``.
        n: number of judged tasks.
    """
    members = list(arms_of(arm_of, [f"variant {i}" for i in range(len(arm_of))]).values())
    n_rates = tuning.shape[1]
    rates_of: list[set[int]] = [set() for _ in arm_of]
    for j in range(len(LOSSES)):
        options = _options(tuning[..., j], members, np.inf)
        for indices, chosen in zip(members, chosen_rates.candidates(options, n), strict=True):
            for option in chosen:
                rates_of[indices[option // n_rates]].add(int(option % n_rates))
    return [sorted(rates) for rates in rates_of]


def at_options(data: Data, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the chosen options, and losses at these and at options chosen anew.

    Args:
        data: arrays of a panel.
        j: index into `LOSSES`.

    Returns:
        Indices of options, ``(method,)``; logs of final over first loss, ``(method, task)``; and
        bootstrap means of these logs, ``(sample, method)``.
    """
    members = members_of(data)
    tuning = _options(data["tuning"][0][..., j].astype(float), members, np.inf)
    values = _options(np.moveaxis(data["log_loss"][..., j].astype(float), 0, -1), members, np.nan)
    which = chosen_rates.chosen(tuning)
    return which, chosen_rates.at_chosen(values, which), chosen_rates.resampled(tuning, values)


def compared(logs: np.ndarray, samples: np.ndarray) -> Data:
    """Return final losses, their ratios in pairs, and counts of tasks.

    Args:
        logs: logs of final over first loss, ``(method, task)``.
        samples: bootstrap means, ``(sample, method)``.
    """
    return {
        "final": np.exp(chosen_rates.with_interval(logs.mean(axis=1), samples)),
        "paired": np.exp(chosen_rates.differences(logs, samples)),
        "lower": np.sum(logs[:, None].round(6) < logs[None].round(6), axis=-1),
    }


def effects(data: Data, columns: tuple[str, str], rows: Mapping[str, tuple[str, str]]) -> Data:
    """Return the effects of two factors on the expected loss, as ratios with intervals.

    Args:
        data: arrays of a panel.
        columns: names of both derivatives; an effect is that of the first over the second.
        rows: of each derivative, the arms through the reset and detached.

    Returns:
        Three arrays ``(statistic,)``: "derivative", the mean over resets; "reset", through over
        detached, the mean over derivatives; and "interaction", the ratio of both resets' effects.
    """
    names = listed(data, "methods")
    _, logs, samples = at_options(data, LOSSES.index("expected"))
    places = [names.index(arm) for column in columns for arm in rows[column]]

    def contrast(signs: tuple[int, ...], n: int) -> np.ndarray:
        weights = np.array(signs) / n
        mean = logs[places].mean(axis=1) @ weights
        return np.exp(chosen_rates.with_interval(mean, samples[:, places] @ weights))

    return {
        "derivative": contrast((1, 1, -1, -1), 2),
        "reset": contrast((1, -1, 1, -1), 2),
        "interaction": contrast((1, -1, -1, 1), 1),
    }


def _options(values: np.ndarray, members: list[list[int]], fill: float) -> np.ndarray:
    """Return values by option, ``(arm, option, task)``, from ``(variant, rate, task)``.

    An option is a variant and a rate. Arms with fewer variants are filled up.
    """
    most = max(map(len, members))
    rows = np.full((len(members), most, *values.shape[1:]), fill)
    for row, indices in zip(rows, members, strict=True):
        row[: len(indices)] = values[indices]
    return rows.reshape(len(members), -1, values.shape[-1])
