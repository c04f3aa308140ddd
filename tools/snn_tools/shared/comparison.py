"""Compare the network's mean gradient with the exact gradient, by groups of parameters."""

import dataclasses
import time
from collections.abc import Callable, Mapping

import numpy as np

from snn.stats import batch_means
from snn.stats.batch_means import KNOWN_SE
from snn_tools.shared.batches import N_BATCHES, Group, Sums
from snn_tools.shared.printing import between, number

FEWEST = 8
"""Fewest turns of a comparison for a standard error, and for any statement."""

GRACE = 10.0
"""Seconds beyond the budget for these turns, if a comparison has begun within the budget."""

EXACT_PRECISE = 0.03
"""Noise of the exact gradient over its norm; below, no more trials are drawn."""

COSINE_PRECISE = 0.01

ERRORS = 3.0
"""Standard errors from a cosine to the ends of its interval, which covers at least 94 %."""

EVEN = 3.0
"""Fewest batches that may carry the variance of a gradient; normal numbers have about 6."""

TINY = 1e-60
"""Size below which a derivative counts as 0, as far from threshold."""

NAN = float("nan")

JUDGED = 3
"""Fewest parameters of a layer with a judged cosine; that of a single number is 1 or -1."""

LOW = 0.3
"""Upper end of the interval, below which an interval that includes 0 is not along."""

ALONG = 0.1
"""Upper end of the interval, below which a cosine is not along even if it is clearly positive."""

YOURS = "yours"
"""Name of the network's own gradient among those that are compared."""


class Clock:
    """Time since the start of an examination."""

    def __init__(self, budget: float | int) -> None:
        """Start the clock.

        Args:
            budget: seconds.

        Raises:
            ValueError: if the budget is not a positive number.
        """
        if isinstance(budget, str) or not budget > 0:
            raise ValueError(f"budget: got {budget!r}, expected a positive number of seconds.")
        self.budget, self.start = budget, time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.start


@dataclasses.dataclass(frozen=True)
class Row:
    """A mean gradient and the exact gradient, in one group of parameters.

    Attributes:
        group: name of the group.
        size: number of parameters.
        layer: whether the group is a layer, which is in no other group but that of all parameters.
        norm: norm of the exact gradient; NaN if noise hides it.
        noise: standard error of the exact gradient over its norm; infinite if noise hides it.
        no_exact: whether the exact gradient is 0 in every batch.
        zero: whether the mean gradient is 0 in every batch.
        cosine: cosine between the two; NaN if noise hides one of them.
        ratio: norm of the mean gradient over the norm of the exact gradient.
        cosine_se: standard error of the cosine.
        ratio_se: standard error of the ratio.
        known: whether the standard error of the cosine is below `batch_means.KNOWN_SE`, and no few
            batches carry the variance of one of the two.
        gradient: name of the mean gradient: `YOURS`, or that of a candidate.
    """

    group: str
    size: int
    layer: bool
    norm: float
    noise: float
    no_exact: bool
    zero: bool
    cosine: float = NAN
    ratio: float = NAN
    cosine_se: float = NAN
    ratio_se: float = NAN
    known: bool = False
    gradient: str = YOURS

    @property
    def interval(self) -> tuple[float, float]:
        """Return the ends of the cosine's interval, between -1 and 1: an estimate may exceed 1."""
        reach = ERRORS * self.cosine_se
        low, high = np.clip([self.cosine - reach, self.cosine + reach], -1.0, 1.0)
        return float(low), float(high)

    @property
    def against(self) -> bool:
        """Return whether the interval shows that the gradient is not along the exact one."""
        low, high = self.interval
        measured = self.known and self.noise <= KNOWN_SE and self.size >= JUDGED
        return measured and high <= (LOW if low <= 0 else ALONG)

    @property
    def decided(self) -> bool:
        """Return whether the gradient is along the exact one or not, or is not judged."""
        along = self.known and self.interval[0] > 0
        return along or self.against or self.zero or self.no_exact or self.size < JUDGED

    @property
    def missing(self) -> float:
        """Return the factor by which errors must shrink to decide, if the cosine is as estimated.

        It is 4 where noise hides the cosine and its own size.
        """
        if not np.isfinite(self.cosine):
            return max(4.0, self.noise / KNOWN_SE) if np.isfinite(self.noise) else 4.0
        along = ERRORS * self.cosine_se / max(self.cosine, 1e-3)
        not_along = ERRORS * self.cosine_se / max(LOW - self.cosine, 1e-3), self.noise / KNOWN_SE
        return max(self.cosine_se / KNOWN_SE, min(along, max(not_along)), 1.2)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Comparison of the network's gradient, and of candidates, with the exact gradient.

    Attributes:
        estimator: description of the estimate of the exact gradient.
        rows: the gradients, group by group; the network's own first.
        trials: number of trials of all gradients.
        bad: number of batches of trials whose mean is not finite.
    """

    estimator: str
    rows: tuple[Row, ...]
    trials: int
    bad: int


def drawn(
    groups: list[Group],
    turn: Callable[[Sums, Sums], None],
    estimator: str,
    clock: Clock,
    candidates: Mapping[str, Sums] | None = None,
) -> Comparison | None:
    """Draw trials in turns until the precision is enough or time is up.

    Args:
        groups: groups of parameters.
        turn: adds batches of the network's gradient to the first sums, and of the exact gradient,
            of other trials, to the second.
        estimator: name of the exact gradient's estimator.
        clock: the budget.
        candidates: sums of other gradients by name, to which a turn adds batches, too.

    Returns:
        The comparison; None if no time is left, or if it does not suffice for `FEWEST` turns.
    """
    yours, exact, n = Sums(), Sums(), 0
    each = {YOURS: yours, **(candidates or {})}
    while clock.elapsed() < clock.budget or 0 < n < FEWEST:
        if clock.elapsed() > clock.budget + GRACE:
            return None
        turn(yours, exact)
        n += 1
        if exact.bad or any(sums.bad for sums in each.values()):
            break
        if n >= N_BATCHES and n % FEWEST == 0:
            if precise(compared(groups, yours.means(), exact.means())):
                break
    if n == 0:
        return None
    tables = [compared(groups, sums.means(), exact.means(), name) for name, sums in each.items()]
    rows = tuple(row for in_group in zip(*tables, strict=True) for row in in_group)
    every = (exact, *each.values())
    trials, bad = sum(sums.trials for sums in every), sum(sums.bad for sums in every)
    return Comparison(f"{estimator}, {exact.trials} trials", rows, trials, bad)


def precise(rows: tuple[Row, ...]) -> bool:
    """Return whether all parameters together are known well, and every array is decided."""
    top = rows[0]
    if top.noise > EXACT_PRECISE or not (top.zero or top.cosine_se < COSINE_PRECISE):
        return False
    return all(row.noise < KNOWN_SE / 2 and row.decided for row in rows)


def compared(
    groups: list[Group], yours: np.ndarray, exact: np.ndarray, gradient: str = YOURS
) -> tuple[Row, ...]:
    """Compare two gradients, group by group.

    They use different trials, so that the inner product of their means is unbiased. Squared norms
    are corrected for the noise of the means (`batch_means`).

    Args:
        groups: groups of parameters.
        yours: means of the network's gradient over batches of trials, ``(batch, parameter)``.
        exact: means of the exact gradient; surplus batches of one of the two are left out.
        gradient: name of the first of the two.
    """
    n = min(len(yours), len(exact))
    # The squares of tiny numbers underflow.
    g, h = (np.where(np.abs(means) < TINY, 0.0, means)[:n] for means in (yours, exact))
    pairs = ((group, g[:, group.index], h[:, group.index]) for group in groups)
    return tuple(dataclasses.replace(_row(*pair), gradient=gradient) for pair in pairs)


def _row(group: Group, g: np.ndarray, h: np.ndarray) -> Row:
    """Compare the gradients of one group."""
    squared = float(batch_means.squared_norm(h))
    error = float(h.var(axis=0, ddof=1).sum()) / len(h)
    norm, noise = (squared**0.5, (error / squared) ** 0.5) if squared > 0 else (NAN, np.inf)
    zero, no_exact = not g.any(), not h.any()
    row = Row(group.name, len(group.index), group.layer, norm, noise, no_exact, zero)
    if zero or no_exact or not (np.isfinite(g).all() and np.isfinite(h).all()):
        return row
    cosine, ratio, cosine_se, ratio_se = map(float, batch_means.alignment(g, h))
    known = bool(np.isfinite(cosine) and cosine_se < KNOWN_SE)
    # The standard error is unreliable for few batches, and if rare trials carry the variance.
    known &= len(g) >= FEWEST and carrying(g) >= EVEN and carrying(h) >= EVEN
    errors = {"cosine_se": cosine_se, "ratio_se": ratio_se, "known": known}
    return dataclasses.replace(row, cosine=cosine, ratio=ratio, **errors)


def carrying(means: np.ndarray) -> float:
    """Return the effective number of batches that carry the variance; infinite without noise.

    It is the effective sample size (Kish 1965) of the squared distances from the mean.
    """
    apart = means - means.mean(axis=0)
    squares = ((apart / (np.abs(apart).max() or 1.0)) ** 2).sum(axis=1)
    if np.abs(apart).max() <= 1e-12 * np.abs(means).max():
        return np.inf
    return float(squares.sum() ** 2 / (squares**2).sum())


def noise_cell(row: Row) -> str:
    """Print the noise of an exact gradient."""
    return "gradient 0" if row.no_exact else number(row.noise)


def cells(row: Row) -> tuple[str, str]:
    """Print a row's cosine to the exact gradient, and the norm ratio."""
    if row.no_exact:
        return "exact one is 0", "-"
    if row.zero:
        return "gradient 0", "0"
    if not np.isfinite(row.cosine):
        return "unknown", "unknown"
    return between(row.cosine, row.interval), number(row.ratio)
