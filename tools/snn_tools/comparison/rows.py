"""The rows of a comparison, from batches of gradients and batches of the true one.

The statistics are those of `snn_tools.comparison.batch_means`; nothing here needs JAX.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from snn_tools.comparison import batch_means
from snn_tools.comparison.batch_means import FEW_TRIALS
from snn_tools.comparison.batches import N_BATCHES, Batches, Group, Sums
from snn_tools.comparison.interval import cosine_interval
from snn_tools.comparison.table import Comparison, Row, TruthRow

TINY = 1e-60
"""Derivatives of a neuron far from its threshold may be smaller than this."""


def compared(
    groups: list[Group], found: Mapping[str, Batches], true: Batches, words: tuple[str, str]
) -> Comparison:
    """Compare the batches that there are.

    Args:
        groups: groups of parameters.
        found: batches of each candidate, by name.
        true: batches of the true gradient, of other trials; one if it is exact.
        words: what the true gradient means, and how it was estimated.
    """
    truth, rows = [], []
    warnings: dict[str, list[str]] = {}

    def warn(what: str, group: Group) -> None:
        warnings.setdefault(what, []).append(group.name)

    spread, h_all = {name: _spread(b) for name, b in found.items()}, _spread(true).means
    for group in groups:
        h = h_all[:, group.index]
        truth.append(t := _truth_row(group, h, true))
        if np.isnan(t.noise):
            warn("the true gradient is not finite", group)
        # Where the true gradient is 0 or no number, more trials are not what it lacks.
        settled, lost = t.zero or t.heavy or np.isnan(t.noise), []
        for name, batches in spread.items():
            g = batches.means[:, group.index]
            carried = effective(batches, group), t.heavy
            row = _row((name, group.name), batches._replace(means=g), h, carried)
            rows.append(row)
            if not np.isfinite(g).all():
                warn(f"{name} is not finite", group)
            elif not (row.known or row.zero or row.heavy or settled):
                lost.append(name)
        if lost and t.noise > batch_means.KNOWN_SE:
            enough = needed(t)
            more = f"{enough:.0f} times the trials" if np.isfinite(enough) else "many more trials"
            warn(f"the true gradient is lost in its noise (it would take {more})", group)
        elif lost:
            warn(f"too few trials to tell the direction of {', '.join(lost)}", group)
    every = {name: [r for r in rows if r.candidate == name] for name in found}
    for name, of in {"the true gradient": truth, **every}.items():
        if heavy := [r for r in of if r.heavy]:
            warnings[carried_by_few(name, heavy)] = [r.group for r in heavy]
    said = tuple(f"{what} in {', '.join(where)}." for what, where in warnings.items())
    return Comparison(*words, tuple(truth), tuple(rows), said)


def effective(batches: Batches, group: Group) -> float:
    """Count the trials that carry the variance of a group of parameters; infinite if it is exact.

    `snn.stats.effective_number` of the squared distances of single trials from their batch's mean.
    """
    if not batches.spreads.any():
        return np.inf
    norms = batches.spreads[:, group.arrays]
    with np.errstate(invalid="ignore"):
        squares = ((norms / (norms.max() or 1.0)) ** 2).sum(axis=1)
        return float(squares.sum() ** 2 / (squares**2).sum()) if squares.any() else 0.0


def carried_by_few(name: str, rows: Sequence[Row | TruthRow]) -> str:
    """Say that rare trials carry a variance, what that means, and what would resolve it."""
    fewest = min(r.effective for r in rows)
    return (
        f"errors of {name} are told too small, since few trials carry its variance "
        f"({fewest:.0f} where fewest; it would take {FEW_TRIALS / fewest:.0f} times the trials, or "
        f"more)"
    )


def needed(truth: TruthRow) -> float:
    """Tell how many times the trials bring the noise of a true gradient down to what is known."""
    return (truth.noise / batch_means.KNOWN_SE) ** 2


def _spread(batches: Batches) -> Batches:
    """Make `N_BATCHES` batches: larger ones of many, and of an exact one the same again.

    What is below `TINY` counts as 0: its square is not a number to divide by.
    """
    means = np.where(np.abs(batches.means) < TINY, 0.0, batches.means)
    if (n := len(means)) == 1:
        means = np.repeat(means, N_BATCHES, axis=0)
    elif n >= 2 * N_BATCHES:
        sums = Sums()
        # A remainder is dropped: the variance is that of batches of one size.
        sums.add(batches._replace(means=means[: n // N_BATCHES * N_BATCHES]))
        return sums.batches()
    return batches._replace(means=means)


def _heavy(effective: float, batches: Batches) -> bool:
    """Tell whether few trials carry a variance, and not for want of trials.

    A third or more of the trials carry it where numbers are normal.
    """
    return 0 < effective < min(FEW_TRIALS, len(batches.spreads) / 10)


def _truth_row(group: Group, h: np.ndarray, true: Batches) -> TruthRow:
    if not np.isfinite(h).all():
        return TruthRow(group.name, len(group.index), np.nan, np.nan, False, np.nan, False)
    squared = float(batch_means.squared_norm(h))
    error = h.var(axis=0, ddof=1).sum() / len(h)
    zero = not h.any()
    known = squared > 0
    noise = (
        0.0 if zero or error <= 1e-24 * squared else (error / squared) ** 0.5 if known else np.inf
    )
    norm, carried = squared**0.5 if known else np.nan, effective(true, group)
    heavy = _heavy(carried, true)
    return TruthRow(group.name, len(group.index), norm, noise, zero, carried, heavy)


def _row(
    names: tuple[str, str], batches: Batches, h: np.ndarray, carried: tuple[float, bool]
) -> Row:
    """Measure a candidate, with its `effective` trials and whether the truth is heavy."""
    effective, heavy_truth = carried
    heavy = _heavy(effective, batches)
    g = batches.means
    zero = not g.any()
    if zero or not (np.isfinite(g).all() and np.isfinite(h).all()):
        nan = float("nan")
        variance = 0.0 if zero else nan
        return Row(*names, nan, nan, (nan, nan), nan, nan, variance, False, zero, effective, heavy)
    n = min(len(g), len(h))
    cosine, ratio, cosine_se, ratio_se = map(float, batch_means.alignment(g[:n], h[:n]))
    known = bool(np.isfinite(cosine) and cosine_se < batch_means.KNOWN_SE)
    # Of fewer, or where rare trials carry it, there is no error to go by.
    known &= n >= N_BATCHES // 2 and not (heavy or heavy_truth)
    variance = float(batch_means.relative_variance(g, batches.size))
    low, high = map(float, cosine_interval(g[:n], h[:n]))
    errors = cosine, cosine_se, (low, high), ratio, ratio_se
    return Row(*names, *errors, variance, known, zero, effective, heavy)
