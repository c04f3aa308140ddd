"""Compute the rows of a comparison from batches of gradients and of the true gradient."""

from collections.abc import Mapping, Sequence

import numpy as np

from snn.stats import batch_means
from snn_tools.shared.batches import N_BATCHES, Batches, Group, Sums
from snn_tools.shared.comparison import Comparison, Row, TruthRow
from snn_tools.shared.interval import cosine_interval

FEW_TRIALS = 30
"""`snn.stats.FEW_TRIALS`, whose module imports JAX."""

TINY = 1e-60
"""Size below which a derivative counts as 0, as far from threshold."""


def compared(
    groups: list[Group], candidates: Mapping[str, Batches], true: Batches, words: tuple[str, str]
) -> Comparison:
    """Compare the candidates with the true gradient, group by group.

    Args:
        groups: groups of parameters.
        candidates: batches of each candidate, by name.
        true: batches of the true gradient, from other trials; a single batch if it is exact.
        words: descriptions of the true gradient's meaning and of its estimate.
    """
    truth, rows = [], []
    warnings: dict[str, list[str]] = {}

    def warn(what: str, group: Group) -> None:
        warnings.setdefault(what, []).append(group.name)

    spread, h_all = {name: _spread(b) for name, b in candidates.items()}, _spread(true).means
    for group in groups:
        h = h_all[:, group.index]
        truth.append(t := _truth_row(group, h, true, is_layer(group, groups)))
        if np.isnan(t.noise):
            warn("the true gradient is not finite", group)
        # More trials do not help if the true gradient is 0 or not finite.
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
            warn(f"too few trials for the direction of {', '.join(lost)}", group)
    every = {name: [r for r in rows if r.candidate == name] for name in candidates}
    for name, own in {"the true gradient": truth, **every}.items():
        if heavy := [r for r in own if r.heavy]:
            warnings[carried_by_few(name, heavy)] = [r.group for r in heavy]
    lines = tuple(f"{what} in {', '.join(where)}." for what, where in warnings.items())
    return Comparison(*words, tuple(truth), tuple(rows), lines)


def is_layer(group: Group, groups: list[Group]) -> bool:
    """Return whether a group is in no other group but that of all parameters."""
    own, size = set(group.arrays), max(len(other.arrays) for other in groups)
    larger = [set(x.arrays) for x in groups if len(group.arrays) < len(x.arrays) < size]
    return len(groups) == 1 or len(group.arrays) < size and not any(own < x for x in larger)


def effective(batches: Batches, group: Group) -> float:
    """Return the effective number of trials for a group of parameters; infinite for exact means.

    `snn.stats.effective_number` of the squared distances of single trials from their batch's mean.
    """
    if not batches.spreads.any():
        return np.inf
    norms = batches.spreads[:, group.arrays]
    with np.errstate(invalid="ignore"):
        squares = ((norms / (norms.max() or 1.0)) ** 2).sum(axis=1)
        return float(squares.sum() ** 2 / (squares**2).sum()) if squares.any() else 0.0


def carried_by_few(name: str, rows: Sequence[Row | TruthRow]) -> str:
    """Describe that few trials carry the variance, and how many more trials would help."""
    fewest = min(r.effective for r in rows)
    return (
        f"errors of {name} are underestimated, since few trials carry its variance "
        f"({fewest:.0f} where fewest; it would take {FEW_TRIALS / fewest:.0f} times the trials, or "
        f"more)"
    )


def needed(truth: TruthRow) -> float:
    """Return the factor of trials that would make the true gradient known."""
    return (truth.noise / batch_means.KNOWN_SE) ** 2


def _spread(batches: Batches) -> Batches:
    """Return `N_BATCHES` batches: many are merged into larger ones, an exact mean is repeated.

    Means below `TINY` are set to 0, because their squares underflow.
    """
    means = np.where(np.abs(batches.means) < TINY, 0.0, batches.means)
    if (n := len(means)) == 1:
        means = np.repeat(means, N_BATCHES, axis=0)
    elif n >= 2 * N_BATCHES:
        sums = Sums()
        # All batches have one size, without a remainder.
        sums.add(batches._replace(means=means[: n // N_BATCHES * N_BATCHES]))
        return sums.batches()
    return batches._replace(means=means)


def _heavy(effective: float, batches: Batches) -> bool:
    """Return whether few of many trials carry the variance.

    For normal numbers, a third or more of the trials carry the variance.
    """
    return 0 < effective < min(FEW_TRIALS, len(batches.spreads) / 10)


def _truth_row(group: Group, h: np.ndarray, true: Batches, layer: bool) -> TruthRow:
    if not np.isfinite(h).all():
        return TruthRow(group.name, len(group.index), np.nan, np.nan, False, np.nan, False, layer)
    squared = float(batch_means.squared_norm(h))
    error = h.var(axis=0, ddof=1).sum() / len(h)
    zero = not h.any()
    positive = squared > 0
    noise = (error / squared) ** 0.5 if positive else np.inf
    if zero or error <= 1e-24 * squared:
        noise = 0.0
    norm, carried = squared**0.5 if positive else np.nan, effective(true, group)
    heavy = _heavy(carried, true)
    return TruthRow(group.name, len(group.index), norm, noise, zero, carried, heavy, layer)


def _row(
    names: tuple[str, str], batches: Batches, h: np.ndarray, carried: tuple[float, bool]
) -> Row:
    """Return the row of a candidate.

    Args:
        names: names of candidate and group.
        batches: batches of the candidate.
        h: batches of the true gradient.
        carried: effective trials of the candidate, and whether the true gradient is heavy.
    """
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
    precise = bool(np.isfinite(cosine) and cosine_se < batch_means.KNOWN_SE)
    # The standard error is unreliable for few batches, and if rare trials carry the variance.
    precise &= n >= N_BATCHES // 2 and not (heavy or heavy_truth)
    variance = float(batch_means.relative_variance(g, batches.size))
    low, high = map(float, cosine_interval(g[:n], h[:n]))
    errors = cosine, cosine_se, (low, high), ratio, ratio_se
    return Row(*names, *errors, variance, precise, zero, effective, heavy)
