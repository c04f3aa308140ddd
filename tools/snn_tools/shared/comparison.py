"""Comparison of gradients with the true gradient, by groups of parameters, as text and JSON."""

import dataclasses

import numpy as np

from snn_tools.shared.printing import aligned, between, number, plus_minus


@dataclasses.dataclass(frozen=True)
class Row:
    """Comparison of a candidate with the true gradient, in one group of parameters.

    Attributes:
        candidate: name of the candidate.
        group: name of the group.
        cosine: cosine between the candidate's mean and the true gradient; NaN if noise hides one
            of the two.
        cosine_se: standard error of the cosine.
        interval: ends of the cosine's 95 % interval (`snn_tools.shared.interval`).
        ratio: norm of the candidate's mean over the norm of the true gradient.
        ratio_se: standard error of the ratio.
        variance: variance of one trial over the squared norm of the candidate's mean.
        known: whether the standard error of the cosine is below `batch_means.KNOWN_SE`.
        zero: whether every batch is exactly 0.
        effective: effective number of trials; infinite for exact means.
        heavy: whether the effective number is too small for a standard error; the cosine is then
            unknown.
    """

    candidate: str
    group: str
    cosine: float
    cosine_se: float
    interval: tuple[float, float]
    ratio: float
    ratio_se: float
    variance: float
    known: bool
    zero: bool
    effective: float
    heavy: bool


@dataclasses.dataclass(frozen=True)
class TruthRow:
    """True gradient of one group of parameters.

    Attributes:
        group: name of the group.
        size: number of parameters.
        norm: norm of the gradient; NaN if noise hides it.
        noise: standard error over norm; 0 if exact, infinite if noise hides the gradient, NaN if
            the gradient is not finite.
        zero: whether every batch is exactly 0.
        effective: effective number of trials; infinite for an exact gradient.
        heavy: whether the effective number is too small, so that noise is underestimated.
        layer: whether the group is a layer, that is in no other group but that of all parameters.
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
    """Comparison of candidates with the true gradient; ``print`` shows a table.

    Attributes:
        meaning: description of the true gradient.
        estimator: description of its estimate.
        truth: true gradient, group by group.
        rows: candidates, group by group.
        warnings: groups with too few trials, or with numbers that are not finite.
    """

    meaning: str
    estimator: str
    truth: tuple[TruthRow, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

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
        """Return the true gradient, layer by layer."""
        return tuple(t for t in self.truth if t.layer)

    def __str__(self) -> str:
        lines = [f"True gradient: {self.meaning};", f"  {self.estimator}.", ""]
        table: list[tuple[str, ...]] = [("group", "candidate", "cosine", "norm ratio", "variance")]
        for t in self.truth:
            noise = f"noise {noise_cell(t)}" if t.noise > 0 else noise_cell(t)
            size = f"{t.size} parameter{'s' * (t.size != 1)}"
            table.append((t.group, f"true ({size})", noise, "0" if t.zero else "1", ""))
            table += [("", r.candidate, *cells(t, r)) for r in self.in_group(t.group)]
        lines += aligned(table)
        lines += [f"Warning: {w}" for w in self.warnings]
        return "\n".join(lines)


def noise_cell(t: TruthRow) -> str:
    """Print the noise of a true gradient."""
    if t.zero or np.isnan(t.noise):
        return "gradient 0" if t.zero else "not finite"
    return "exact" if t.noise == 0 else number(t.noise)


def cells(t: TruthRow, r: Row) -> tuple[str, str, str]:
    """Print a row's cosine to the true gradient, norm ratio and variance."""
    variance = "0" if r.zero else number(r.variance)
    if t.zero:
        return "true one is 0", "-", variance
    if r.zero:
        return "gradient 0", "0", variance
    if not np.isfinite(r.cosine):
        return "unknown", "unknown", variance
    ratio = plus_minus(r.ratio, r.ratio_se) if r.ratio_se < r.ratio else "unknown"
    return between(r.cosine, r.interval), ratio, variance
