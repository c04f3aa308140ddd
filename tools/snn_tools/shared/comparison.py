"""Compare mean gradients with the exact gradient, by groups of parameters."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from snn.stats import batch_means
from snn_tools.shared.batches import N_BATCHES, Batches, Group, Sums
from snn_tools.shared.interval import cosine_interval
from snn_tools.shared.printing import between, number, plus_minus

FEW_TRIALS = 30
"""`snn.stats.FEW_TRIALS`, whose module imports JAX."""

EXACT_PRECISE = 0.03
"""Noise of the exact gradient over its norm; below, no more trials are drawn."""

COSINE_PRECISE = 0.01

TINY = 1e-60
"""Size below which a derivative counts as 0, as far from threshold."""

NAN = float("nan")


@dataclasses.dataclass(frozen=True)
class Row:
    """Comparison of a candidate with the exact gradient, in one group of parameters.

    Attributes:
        candidate: name of the candidate.
        group: name of the group.
        zero: whether every batch is exactly 0.
        effective: effective number of trials; infinite for exact means.
        heavy: whether the effective number is too small for a standard error; the cosine is then
            unknown.
        cosine: cosine between the candidate's mean and the exact gradient; NaN if noise hides one
            of the two.
        ratio: norm of the candidate's mean over the norm of the exact gradient.
        cosine_se: standard error of the cosine.
        ratio_se: standard error of the ratio.
        interval: ends of the cosine's 95 % interval (`snn_tools.shared.interval`).
        known: whether the standard error of the cosine is below `batch_means.KNOWN_SE`.
    """

    candidate: str
    group: str
    zero: bool
    effective: float
    heavy: bool
    cosine: float = NAN
    ratio: float = NAN
    cosine_se: float = NAN
    ratio_se: float = NAN
    interval: tuple[float, float] = (NAN, NAN)
    known: bool = False


@dataclasses.dataclass(frozen=True)
class TruthRow:
    """Exact gradient of one group of parameters.

    Attributes:
        group: name of the group.
        size: number of parameters.
        norm: norm of the gradient; NaN if noise hides it.
        noise: standard error over norm; 0 if exact, infinite if noise hides the gradient, NaN if
            the gradient is not finite.
        zero: whether every batch is exactly 0.
        effective: effective number of trials; infinite without noise.
        heavy: whether the effective number is too small, so that noise is underestimated.
        layer: whether the group is a layer, which is in no other group but that of all parameters.
    """

    group: str
    size: int
    norm: float
    noise: float
    zero: bool
    effective: float
    heavy: bool
    layer: bool = True


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Comparison of candidates with the exact gradient.

    Attributes:
        meaning: description of the exact gradient.
        estimator: description of its estimate.
        truth: exact gradient, group by group.
        rows: candidates, group by group.
    """

    meaning: str
    estimator: str
    truth: tuple[TruthRow, ...]
    rows: tuple[Row, ...]

    def row(self, candidate: str, group: str = "all") -> Row:
        """Return the row of a candidate and a group."""
        return next(r for r in self.in_group(group) if r.candidate == candidate)

    def in_group(self, group: str) -> list[Row]:
        """Return the rows of a group."""
        return [r for r in self.rows if r.group == group]

    def rows_of(self, candidate: str) -> tuple[Row, ...]:
        """Return the rows of a candidate, group by group."""
        return tuple(r for r in self.rows if r.candidate == candidate)

    @property
    def layers(self) -> tuple[TruthRow, ...]:
        """Return the exact gradient, layer by layer."""
        return tuple(t for t in self.truth if t.layer)


def compared(
    groups: list[Group], candidates: Mapping[str, Batches], exact: Batches, words: tuple[str, str]
) -> Comparison:
    """Compare the candidates with the exact gradient, group by group.

    Candidates and the exact gradient use different trials, so that the inner product of their means
    is unbiased. Squared norms are corrected for the noise of the means (`batch_means`).

    Args:
        groups: groups of parameters.
        candidates: batches of each candidate, by name.
        exact: batches of the exact gradient; a single batch if it has no noise.
        words: descriptions of the exact gradient and of its estimate.
    """
    exact = _spread(exact)
    spread = {name: _spread(batches) for name, batches in candidates.items()}
    truth = [_truth_row(group, exact) for group in groups]
    rows = [
        _row(name, group, batches, exact, t.heavy)
        for group, t in zip(groups, truth, strict=True)
        for name, batches in spread.items()
    ]
    return Comparison(*words, tuple(truth), tuple(rows))


def precise(groups: list[Group], exact: Sums, yours: Sums) -> bool:
    """Return whether all parameters together and every array are known well enough."""
    both = compared(groups, {"yours": yours.batches()}, exact.batches(), ("", ""))
    first, top = both.rows[0], both.truth[0]
    if top.noise > EXACT_PRECISE or not (first.zero or first.cosine_se < COSINE_PRECISE):
        return False
    return all(t.noise < batch_means.KNOWN_SE / 2 and not t.heavy for t in both.truth)


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


def needed(truth: TruthRow) -> float:
    """Return the factor of trials that would make the exact gradient known."""
    return (truth.noise / batch_means.KNOWN_SE) ** 2


def _spread(batches: Batches) -> Batches:
    """Repeat an exact mean as `N_BATCHES` batches; set numbers below `TINY` to 0.

    The squares of these numbers underflow.
    """
    means = np.where(np.abs(batches.means) < TINY, 0.0, batches.means)
    repeats = N_BATCHES if len(means) == 1 else 1
    return batches._replace(means=np.repeat(means, repeats, axis=0))


def _heavy(effective: float, batches: Batches) -> bool:
    """Return whether few of many trials carry the variance.

    For normal numbers, a third or more of the trials carry the variance.
    """
    return 0 < effective < min(FEW_TRIALS, len(batches.spreads) / 10)


def _truth_row(group: Group, exact: Batches) -> TruthRow:
    h, carried = exact.means[:, group.index], effective(exact, group)
    more = not h.any(), carried, _heavy(carried, exact), group.layer
    if not np.isfinite(h).all():
        return TruthRow(group.name, len(group.index), NAN, NAN, False, carried, False, group.layer)
    squared = float(batch_means.squared_norm(h))
    error = h.var(axis=0, ddof=1).sum() / len(h)
    noise = (error / squared) ** 0.5 if squared > 0 else np.inf
    if not h.any() or error <= 1e-24 * squared:
        noise = 0.0
    norm = squared**0.5 if squared > 0 else NAN
    return TruthRow(group.name, len(group.index), norm, noise, *more)


def _row(name: str, group: Group, batches: Batches, exact: Batches, heavy_truth: bool) -> Row:
    """Return the row of a candidate."""
    g, h = batches.means[:, group.index], exact.means[:, group.index]
    carried = effective(batches, group)
    heavy, zero = _heavy(carried, batches), not g.any()
    if zero or not (np.isfinite(g).all() and np.isfinite(h).all()):
        return Row(name, group.name, zero, carried, heavy)
    n = min(len(g), len(h))
    cosine, ratio, cosine_se, ratio_se = map(float, batch_means.alignment(g[:n], h[:n]))
    low, high = map(float, cosine_interval(g[:n], h[:n]))
    known = bool(np.isfinite(cosine) and cosine_se < batch_means.KNOWN_SE)
    # The standard error is unreliable for few batches, and if rare trials carry the variance.
    known &= n >= N_BATCHES // 2 and not (heavy or heavy_truth)
    errors = cosine, ratio, cosine_se, ratio_se, (low, high), known
    return Row(name, group.name, zero, carried, heavy, *errors)


def noise_cell(t: TruthRow) -> str:
    """Print the noise of an exact gradient."""
    if t.zero or np.isnan(t.noise):
        return "gradient 0" if t.zero else "not finite"
    return "exact" if t.noise == 0 else number(t.noise)


def cells(t: TruthRow, r: Row) -> tuple[str, str]:
    """Print a row's cosine to the exact gradient, and the norm ratio."""
    if t.zero:
        return "exact one is 0", "-"
    if r.zero:
        return "gradient 0", "0"
    if not np.isfinite(r.cosine):
        return "unknown", "unknown"
    ratio = plus_minus(r.ratio, r.ratio_se) if r.ratio_se < r.ratio else "unknown"
    return between(r.cosine, r.interval), ratio
