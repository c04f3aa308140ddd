"""Result of `compare`: candidates by groups of parameters, as text, JSON and picture."""

import dataclasses
from typing import Any

import numpy as np

from snn_tools.printing import aligned, between, new_figure, number, plus_minus


@dataclasses.dataclass(frozen=True)
class Row:
    """Comparison of a candidate with the true gradient, in one group of parameters.

    Attributes:
        candidate: name of the candidate.
        group: name of the group.
        cosine: cosine between the candidate's mean and the true gradient; NaN if noise hides one
            of the two.
        cosine_se: standard error of the cosine.
        interval: ends of the cosine's 95 % interval (`snn_tools.comparison.interval`).
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
    """

    group: str
    size: int
    norm: float
    noise: float
    zero: bool
    effective: float
    heavy: bool


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

    def plot(self) -> Any:
        """Return a figure of cosines and norm ratios, with standard errors. Needs matplotlib."""
        groups = [t.group for t in self.truth]
        figure = new_figure(7.0, 1.2 + 0.35 * len(groups))
        cosines, ratios = figure.subplots(1, 2, sharey=True)
        draw_rows(cosines, self, "cosine")
        draw_rows(ratios, self, "ratio")
        keys, names = cosines.get_legend_handles_labels()
        figure.legend(keys, names, loc="outside upper center", ncols=len(names))
        return figure

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


def draw_rows(axes: Any, comparison: Comparison, what: str) -> None:
    """Draw the known cosines or norm ratios of all candidates, by group.

    Args:
        axes: matplotlib axes.
        comparison: the table.
        what: "cosine" or "ratio".
    """
    names = list(dict.fromkeys(row.candidate for row in comparison.rows))
    axes.axvline(1.0, color="0.6", lw=0.8)
    for i, name in enumerate(names):
        rows = [row for row in comparison.rows if row.candidate == name]
        x = np.array([getattr(row, what) if row.known else np.nan for row in rows])
        error = np.array([getattr(row, f"{what}_se") for row in rows])
        if what == "cosine":
            low, high = np.array([row.interval for row in rows]).T
            error = np.maximum([x - low, high - x], 0.0)
        y = np.arange(len(comparison.truth)) + 0.12 * (i - (len(names) - 1) / 2)
        axes.errorbar(x, y, xerr=error, fmt="osD^vPX*"[i % 8], ms=4, lw=1, label=name)
    axes.set_yticks(range(len(comparison.truth)), [t.group for t in comparison.truth], fontsize=8)
    axes.set_ylim(len(comparison.truth) - 0.5, -0.5)
    axes.set_xlabel("cosine to the true gradient")
    if what == "ratio":
        axes.set_xlabel("norm over that of the true one")
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, 0.1), max(high, 10.0))
        axes.xaxis.set_minor_formatter("")


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
    return between(r.cosine, r.interval), plus_minus(r.ratio, r.ratio_se), variance
