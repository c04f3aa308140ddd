"""One's own network: gradient estimators against its true gradient, group by group of parameters.

Docs: docs/doctor.md. The statistics are those of `snn.batch_means`, the meaning of "true" that of
`snn.truth`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from snn import batch_means
from snn.estimators.base import Estimator
from snn.truth import Batches, Problem, Truth, resolve, runs_of
from snn.types import Params, Program

N_BATCHES = 16
"""Batches over which errors are told."""


TINY = 1e-60
"""Derivatives of a neuron far from its threshold may be smaller than this."""


class Group(NamedTuple):
    """Some parameters: their name, and their places in the flat gradient."""

    name: str
    index: np.ndarray


def leaves_of(params: Params) -> list[Group]:
    """Each array of parameters, in the order of the flat gradient."""
    found, start = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        found.append(Group(_path(path), np.arange(start, start + np.size(leaf))))
        start += np.size(leaf)
    return found


def groups_of(params: Params) -> list[Group]:
    """All parameters, those of each entry at the top, and every array of an entry of several."""
    leaves = leaves_of(params)
    tops = [name.split("/")[0] for name, _ in leaves]
    found: dict[str, list[np.ndarray]] = {}
    for (name, index), top in zip(leaves, tops, strict=True):
        names = ("all", top, name) if 1 < tops.count(top) < len(tops) else ("all", name)
        for group in names:
            found.setdefault(group, []).append(index)
    if len(leaves) == 1:
        del found["all"]
    return [Group(name, np.concatenate(index)) for name, index in found.items()]


def _path(path: tuple) -> str:
    keys = [getattr(k, "key", getattr(k, "idx", getattr(k, "name", k))) for k in path]
    return "/".join(map(str, keys)) or "params"


@dataclasses.dataclass(frozen=True)
class Row:
    """A candidate against the true gradient, in one group of parameters.

    Attributes:
        candidate: its name.
        group: name of the group.
        cosine: cosine of the angle between its mean and the true gradient; NaN where one of the
            two is lost in its noise.
        cosine_se: jackknife standard error of the cosine.
        ratio: norm of its mean over that of the true gradient.
        ratio_se: jackknife standard error of the ratio.
        variance: of one trial, over the squared norm of its own mean.
        known: whether the cosine is, up to a standard error of `snn.batch_means.KNOWN_SE`.
        zero: whether every batch gave exactly 0.
    """

    candidate: str
    group: str
    cosine: float
    cosine_se: float
    ratio: float
    ratio_se: float
    variance: float
    known: bool
    zero: bool


@dataclasses.dataclass(frozen=True)
class TruthRow:
    """What is known of the true gradient of one group of parameters.

    Attributes:
        group: name of the group.
        size: number of parameters.
        norm: its norm; NaN where it is lost in its noise.
        noise: standard error over norm; 0 if exact, infinite where it is lost.
        zero: whether every batch gave exactly 0.
    """

    group: str
    size: int
    norm: float
    noise: float
    zero: bool


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Candidates against the true gradient. Printed it is a table.

    Attributes:
        meaning: what "true" means, in words.
        estimator: how the true gradient was estimated, in words.
        truth: what is known of it, group by group.
        rows: the candidates, group by group.
        warnings: where trials are too few, and what is not finite.
    """

    meaning: str
    estimator: str
    truth: tuple[TruthRow, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def row(self, candidate: str, group: str = "all") -> Row:
        """The row of a candidate and a group."""
        return next(r for r in self.rows if (r.candidate, r.group) == (candidate, group))

    def to_dict(self) -> dict[str, Any]:
        """Everything, as lists and dictionaries for JSON; NaN and infinity become None."""
        return jsonable(dataclasses.asdict(self))

    def plot(self) -> Any:
        """A figure of cosines and norm ratios. Needs matplotlib."""
        from snn.pictures import comparison

        return comparison(self)

    def __str__(self) -> str:
        lines = [f"True gradient: {self.meaning};", f"  {self.estimator}.", ""]
        table: list[tuple[str, ...]] = [("group", "candidate", "cosine", "norm ratio", "variance")]
        for t in self.truth:
            noise = "exact" if t.noise == 0 else f"noise {number(t.noise)}"
            size = f"{t.size} parameter{'s' * (t.size != 1)}"
            table.append((t.group, f"true ({size})", noise, "0" if t.zero else "1", ""))
            for r in self.rows:
                if r.group == t.group:
                    table.append(("", r.candidate, *_cells(r)))
        lines += aligned(table)
        lines += [f"Warning: {w}" for w in self.warnings]
        return "\n".join(lines)


def _cells(r: Row) -> tuple[str, str, str]:
    if r.zero:
        return "gradient 0", "0", "0"
    if not np.isfinite(r.cosine):
        return "unknown", "unknown", number(r.variance)
    return plus_minus(r.cosine, r.cosine_se), plus_minus(r.ratio, r.ratio_se), number(r.variance)


def compare(
    program: Program,
    params: Params,
    candidates: Mapping[str, Estimator],
    key: Array,
    *,
    truth: Truth = None,
    n_trials: int = 1024,
    truth_runs: int = 2**16,
) -> Comparison:
    r"""Sets gradient estimators against the true gradient of a network of your own.

    Candidates and the true gradient see different trials, so that the inner product of their means
    is unbiased; squared norms are freed from the noise of the means (`snn.batch_means`). The
    cosine is that of the *means*: the variance column tells how far a single trial is off.

    Args:
        program: the network, its input and its loss.
        params: where it is differentiated.
        candidates: estimators by name.
        key: a JAX random key; decides all noise.
        truth: what the true gradient is: ``"sampled"``, the gradient of the expected loss with
            spikes drawn from the layers' escape noise; or an estimator that is unbiased for what
            you mean. None is ``"sampled"``, but refused where a candidate or the program has no
            noise, since it then is a choice to be made (`snn.truth`).
        n_trials: trials of each candidate.
        truth_runs: runs of the network for the true gradient, where it is not enumerated; trials,
            if ``truth`` is an estimator.

    Raises:
        ValueError: without candidates, with fewer than 32 trials, or for a ``truth`` that is open.

    Reference: docs/true_gradient.md.
    """
    if not isinstance(candidates, Mapping) or not candidates:
        raise ValueError(
            f"compare: candidates: got {candidates!r}, expected a dictionary of one or more "
            f'estimators by name, for instance {{"matched": snn.Surrogate()}}.'
        )
    if min(n_trials, truth_runs) < 2 * N_BATCHES:
        raise ValueError(
            f"compare: got n_trials={n_trials}, truth_runs={truth_runs}, expected at least "
            f"{2 * N_BATCHES} of each, 2 in each of {N_BATCHES} batches."
        )
    problem = Problem(program, params)
    pilot_key, true_key, *keys = jax.random.split(key, 2 + len(candidates))
    meaning, estimator, _ = resolve(truth, problem, dict(candidates), pilot_key)

    def measured(estimator: Estimator, key: Array, n: int) -> Batches:
        # Each of the batches in parts, where it does not fit into the memory.
        parts = -(-n // (N_BATCHES * problem.at_once()))
        size = max(2, n // (N_BATCHES * parts))
        return problem.batches(estimator, jax.random.split(key, N_BATCHES * parts), size)

    true = measured(estimator, true_key, int(truth_runs // runs_of(estimator)))
    found = {
        name: measured(candidate, own, n_trials)
        for (name, candidate), own in zip(candidates.items(), keys, strict=True)
    }
    return compared(groups_of(params), found, true, (meaning, describe(estimator, true)))


def describe(estimator: Estimator, batches: Batches) -> str:
    """How a gradient was estimated, in words."""
    name = type(estimator).__name__
    if len(batches.means) == 1:
        return f"{name}, exact, {batches.runs:.0f} runs"
    trials = len(batches.means) * batches.size
    return f"{name}, {trials} trials of {batches.runs:.0f} run{'s' * (batches.runs != 1)}"


def compared(
    groups: list[Group], found: Mapping[str, Batches], true: Batches, words: tuple[str, str]
) -> Comparison:
    """The comparison of batches that there are.

    Args:
        groups: groups of parameters.
        found: batches of each candidate, by name.
        true: batches of the true gradient, of other trials; one if it is exact.
        words: what the true gradient means, and how it was estimated.
    """
    truth, rows = [], []
    warnings: dict[str, list[str]] = {}
    h_all = _spread(true)
    for group in groups:
        h = h_all.means[:, group.index]
        truth.append(_truth_row(group, h))
        lost = []
        for name, batches in found.items():
            g = _spread(batches)
            row = _row(name, group.name, Batches(g.means[:, group.index], *g[1:]), h)
            rows.append(row)
            if not np.isfinite(g.means[:, group.index]).all():
                warnings.setdefault(f"{name} is not finite", []).append(group.name)
            elif not (row.known or row.zero or truth[-1].zero):
                lost.append(name)
        if lost:
            warnings.setdefault(_too_few(lost, truth[-1]), []).append(group.name)
    said = tuple(f"{what} in {', '.join(where)}." for what, where in warnings.items())
    return Comparison(*words, tuple(truth), tuple(rows), said)


def _too_few(lost: list[str], truth: TruthRow) -> str:
    """Says which of the two is lost in noise, and what would resolve it."""
    if truth.noise > batch_means.KNOWN_SE:
        enough = needed(truth)
        more = f"{enough:.0f} times the trials" if np.isfinite(enough) else "many more trials"
        return f"the true gradient is lost in its noise (it would take {more})"
    return f"too few trials to tell the direction of {', '.join(lost)}"


def needed(truth: TruthRow) -> float:
    """How many times the trials bring the noise of a true gradient down to what is known."""
    return (truth.noise / batch_means.KNOWN_SE) ** 2


def _spread(batches: Batches) -> Batches:
    """`N_BATCHES` batches: larger ones of many, and the same one over and over of an exact one.

    What is below `TINY` counts as 0: its square is not a number to divide by.
    """
    means = np.where(np.abs(batches.means) < TINY, 0.0, batches.means)
    batches = batches._replace(means=means)
    if len(batches.means) == 1:
        return batches._replace(means=np.repeat(batches.means, N_BATCHES, axis=0))
    return batches.regrouped(N_BATCHES)


def _truth_row(group: Group, h: np.ndarray) -> TruthRow:
    squared = batch_means.squared_norm(h)
    error = h.var(axis=0, ddof=1).sum() / len(h)
    zero = not h.any()
    known = squared > 0
    noise = (
        0.0 if zero or error <= 1e-24 * squared else (error / squared) ** 0.5 if known else np.inf
    )
    return TruthRow(group.name, len(group.index), squared**0.5 if known else np.nan, noise, zero)


def _row(name: str, group: str, batches: Batches, h: np.ndarray) -> Row:
    g = batches.means
    zero = not g.any()
    if zero or not np.isfinite(g).all():
        nan = float("nan")
        return Row(name, group, nan, nan, nan, nan, 0.0 if zero else nan, False, zero)
    n = min(len(g), len(h))
    result = batch_means.compare(g[:n], h[:n])
    known = bool(np.isfinite(result.cosine) and result.cosine_se < batch_means.KNOWN_SE)
    known &= n >= N_BATCHES // 2  # of fewer there is no error to go by
    variance = batch_means.relative_variance(g, batches.size)
    return Row(
        name,
        group,
        result.cosine,
        result.cosine_se,
        result.ratio,
        result.ratio_se,
        variance,
        known,
        zero,
    )


def number(x: float) -> str:
    """A number in two significant digits."""
    return "unknown" if not np.isfinite(x) else f"{x:.2g}"


def plus_minus(x: float, se: float) -> str:
    """A number and its standard error, to the digit that the error leaves."""
    if not np.isfinite(se):
        return f"{x:.3g} (error unknown)"
    digits = int(np.clip(1 - np.floor(np.log10(se)), 0, 3)) if se > 0 else 3
    return f"{x:.{digits}f} ± {se:.{digits}f}" if se > 5e-4 else f"{x:.3f}"


def aligned(table: list[tuple[str, ...]]) -> list[str]:
    """Lines of a table whose columns are as wide as they must be; the first row is its head."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def jsonable(value: Any) -> Any:
    """Numbers, text, lists and dictionaries; NaN and infinity become None."""
    if isinstance(value, dict):
        return {key: jsonable(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
