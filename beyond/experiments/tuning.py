"""Trainings of tuning tasks at every option, and of judged tasks at options that may be chosen."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from beyond.experiments import chosen_rates
from experiments.engine.progress import track

TUNING, JUDGED = "tuning", "judged"
"""Roles of tasks. They name checkpoints, which tuning and judged tasks must not share."""

Train = Callable[[str, str, list[int]], np.ndarray]
"""Function of an arm, a role and indices of options; returns measured values, ``(value, option,
task)``, of these options alone."""
Groups = Sequence[Sequence[int]]
"""Groups of an arm's options. Tuning tasks choose an option within each group."""


def tuned(
    arms: Mapping[str, Groups], train: Train, n: int = chosen_rates.JUDGED, n_scores: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Train tuning tasks at every option, and judged tasks at options that tuning may choose.

    Args:
        arms: groups of options by name of the arm.
        train: the training of an arm.
        n: number of the judged tasks that are compared; 0 if judged tasks are trained at all
            options, because tuning tasks of several seeds are pooled.
        n_scores: number of the first values, each of which chooses on its own.

    Returns:
        Values of the tuning tasks, rounded as they are stored, so that later choices agree; and of
        the judged tasks. Both ``(value, arm, option, task)``, with NaN at other options.
    """
    n_options = 1 + max(max(group) for groups in arms.values() for group in groups)
    tuning, judged = [], []
    for arm, groups in track(arms.items(), "arms"):
        every = sorted(set().union(*groups))
        values = train(arm, TUNING, every).astype(np.float32)
        tuning.append(_at(every, values, n_options))
        some = _may_choose(tuning[-1][:n_scores], groups, n) if n else every
        judged.append(_at(some, train(arm, JUDGED, some), n_options))
    return np.stack(tuning, axis=1), np.stack(judged, axis=1)


def _may_choose(scores: np.ndarray, groups: Groups, n: int) -> list[int]:
    """Return the options that a bootstrap sample chooses in a group, by one of the scores."""
    some = set()
    for score, group in product(scores, groups):
        (chosen,) = chosen_rates.candidates(score[None, list(group)], n)
        some |= {group[i] for i in chosen}
    return sorted(some)


def _at(options: list[int], values: np.ndarray, n_options: int) -> np.ndarray:
    """Return values ``(value, option, task)`` among all options, with NaN at others."""
    every = np.full((len(values), n_options, values.shape[-1]), np.nan, values.dtype)
    every[:, options] = values
    return every
