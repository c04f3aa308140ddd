r"""The learning rate of an estimator, chosen by tasks that judge nothing.

**Rule.** Every rate of a grid is tried on the tuning tasks that are not silent. The best rate has
the lowest geometric mean of final over first loss. While it is the lowest or the highest one tried,
the grid is widened on that side by a factor of 3 (`WIDENING`).
"""

from collections.abc import Callable

import numpy as np

WIDENING = 3.0

Tried = dict[float, np.ndarray]
"""Final over first loss of every tuning task, by learning rate."""


def tune(tried: Callable[[float], np.ndarray], rates: list[float], widenings: int) -> Tried:
    """Try rates, and more while the best is at an end.

    Args:
        tried: final over first loss of every tuning task at a rate.
        rates: the grid.
        widenings: how many rates are added at most.
    """
    found = {rate: tried(rate) for rate in rates}
    for _ in range(widenings):
        chosen, low, high = best(found), min(found), max(found)
        if low < chosen < high:
            break
        # A grid of a single rate is widened upwards first.
        rate = high * WIDENING if chosen == high else low / WIDENING
        found[rate] = tried(rate)
    return found


def best(tried: Tried) -> float:
    """Return the rate with the lowest score; the lowest rate where all have diverged."""
    return min(tried, key=lambda rate: (_score(tried[rate]), rate))


def arrays(tried: list[Tried]) -> dict[str, np.ndarray]:
    """Return the chosen rates, and all that were tried with what they led to.

    Returns:
        ``chosen_rate``, and ``at_end``, which tells if it is the lowest or the highest one tried,
        ``(method,)``; ``rates``, ``(method, rate)``, and ``tuning``, ``(method, rate, task)``,
        rising, NaN where fewer were tried.
    """
    most = max(map(len, tried))
    n_tasks = len(next(iter(tried[0].values())))
    rates = np.full((len(tried), most), np.nan)
    relative = np.full((len(tried), most, n_tasks), np.nan, np.float32)
    for i, found in enumerate(tried):
        for j, rate in enumerate(sorted(found)):
            rates[i, j], relative[i, j] = rate, found[rate]
    return {
        "chosen_rate": np.array([best(of) for of in tried]),
        "at_end": np.array([best(of) in (min(of), max(of)) for of in tried]),
        "rates": rates,
        "tuning": relative,
    }


def _score(relative: np.ndarray) -> float:
    """Mean log of final over first loss; infinite where training has diverged."""
    score = float(np.log(relative).mean())
    return score if np.isfinite(score) else np.inf
