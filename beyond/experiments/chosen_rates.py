r"""Choice of learning rates by tuning tasks, and intervals that include the error of this choice.

Tuning tasks, which are not used for results, choose each arm's rate: the rate with the least mean
score; among equals, the lowest rate. The choice has an error, since other tuning tasks might have
chosen another rate. `resampled` draws both tuning tasks and judged tasks with replacement, the same
tasks for all arms, so that differences of arms are paired.

Reference: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993.
"""

import numpy as np

RESAMPLES = 1000
JUDGED = 32
"""Number of judged tasks for which `candidates` draws if the seeds are the tasks."""
BLOCK = 50
"""Bootstrap samples at a time: their values fit into the processor's cache."""


def refuse_both(seeds: list[int], tuning_seeds: list[int]) -> None:
    """Refuse tasks that are used for both tuning and judging.

    Args:
        seeds: seeds of the judged tasks.
        tuning_seeds: seeds of the tuning tasks.

    Raises:
        ValueError: if a seed is in both lists.
    """
    if both := sorted(set(seeds) & set(tuning_seeds)):
        what = "a task would both choose the learning rate and judge it"
        raise ValueError(f"{what}: {both} in seeds and in tuning_seeds")


def chosen(tuning: np.ndarray) -> np.ndarray:
    """Return rates as indices, ``(..., arm)``, from scores ``(..., arm, rate, task)``.

    NaN is the worst score.
    """
    mean = tuning.mean(axis=-1)
    return np.where(np.isfinite(mean), mean, np.inf).round(9).argmin(axis=-1)


def at_chosen(values: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return the values ``(arm, rate, task)`` at each arm's rate, ``(arm, task)``."""
    return values[np.arange(len(values)), which]


def drawn(n_tuning: int, n_judged: int, n: int = RESAMPLES) -> np.ndarray:
    """Return the tasks of each bootstrap sample, tuning tasks first, ``(sample, task)``."""
    sizes = n_tuning, n_judged
    return np.random.default_rng(0).integers(np.repeat(sizes, sizes), size=(n, sum(sizes)))


def resampled(tuning: np.ndarray, values: np.ndarray, n: int = RESAMPLES) -> np.ndarray:
    """Return bootstrap means of the values at rates chosen anew, ``(sample, arm)``.

    Args:
        tuning: scores of the tuning tasks, ``(arm, rate, task)``.
        values: values of the judged tasks, ``(arm, rate, task)``.
        n: number of samples.
    """
    sizes = tuning.shape[-1], values.shape[-1]
    arms, means = np.arange(len(values)), []
    for block in np.split(drawn(*sizes, n), range(BLOCK, n, BLOCK)):
        choosing, judged = np.split(block, sizes[:1], axis=1)
        which = chosen(np.moveaxis(tuning[..., choosing], 2, 0))
        means.append(values[arms, which[:, None], judged[..., None]].mean(axis=1))
    return np.concatenate(means)


def candidates(tuning: np.ndarray, n: int = JUDGED) -> list[np.ndarray]:
    """Return the rates that a bootstrap sample of `resampled` chooses, as indices, by arm.

    Judged tasks need to be trained at these rates only. The rates depend on the number of judged
    tasks, since the bootstrap draws both. An experiment whose seeds are tasks has the default, so
    that the rates of a seed do not depend on the number of other seeds; see `trained_only`.

    Args:
        tuning: scores of the tuning tasks, ``(arm, rate, task)``.
        n: number of judged tasks.
    """
    indices = np.broadcast_to(np.arange(tuning.shape[1])[:, None], (*tuning.shape[:2], n))
    drawn = resampled(tuning, indices)
    every = np.vstack([drawn, chosen(tuning)]).round().astype(int)
    return [np.unique(rates) for rates in every.T]


def trained_only(tuning: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Return the scores with infinity at rates at which a judged task was not trained.

    A bootstrap sample that would choose such a rate then takes the best other one. An arm without
    any trained rate keeps its scores.

    Args:
        tuning: scores of the tuning tasks, ``(arm, rate, task)``.
        judged: values of the judged tasks, ``(arm, rate, task)``; NaN without a training.
    """
    untrained = np.isnan(judged).any(axis=-1, keepdims=True)
    none = np.all(untrained, axis=1, keepdims=True)
    return np.where(untrained & ~none, np.inf, tuning)


def with_interval(value: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return a value and the ends of its 95 % percentile interval, as a last axis.

    Args:
        value: the value, of any shape.
        samples: bootstrap samples of the value, ``(sample, ...)``.
    """
    return np.stack([value, *np.quantile(samples, (0.025, 0.975), axis=0)], axis=-1)


def differences(values: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return differences of arms' means, with intervals, ``(arm, arm, 3)``.

    Args:
        values: ``(arm, task)``.
        samples: bootstrap means from `resampled`.
    """
    mean = values.mean(axis=1)
    return with_interval(mean[:, None] - mean[None], samples[:, :, None] - samples[:, None, :])


def at_end(which: np.ndarray, n_rates: int) -> np.ndarray:
    """Return whether a rate is the lowest or the highest of several."""
    return (n_rates > 1) & ((which == 0) | (which == n_rates - 1))
