"""Report of an examination in JAX: the text with its tables."""

from collections.abc import Iterator

import numpy as np

from snn_tools.comparison.table import cells, noise_cell
from snn_tools.doctor.examined import Examined
from snn_tools.doctor.gradient_check import TESTS
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.loop import Loop
from snn_tools.printing import between, columns, number, plus_minus


class Report(Examined):
    """Result of an examination in JAX; ``print`` shows the text."""

    own = YOURS

    def __str__(self) -> str:
        return "\n\n".join("\n".join(part) for part in self._parts())

    def _parts(self) -> Iterator[list[str]]:
        """Yield the parts of the text, each as a list of lines."""
        f, n = self.facts, len(self.layers)
        head = f"{f.surrogate}; {f.parameters} parameters, {f.sites} spike sites in {n} layer"
        yield [self._verdict_line(), f"{head}{'s' * (n != 1)}."]
        yield self._found()
        yield [
            f"Spikes ({f.trials} trials; rate: per step; within: potentials in the",
            "  middle half of the surrogate derivative; early/late: largest dL/dv):",
            *self._spikes(timed=True),
        ]
        tests = {test: lambda leaf, test=test: self._verdict(leaf.name, test) for test in TESTS}
        yield [
            "Surrogate gradient of one trial (right: JAX against finite differences):",
            *columns(self.arrays, GRADIENT | tests),
        ]
        if (c := self.comparison) is not None:
            signs = {s.leaf: f"{s.wrong} of {s.known}" for s in self.signs}
            wrong = {"wrong sign of known": lambda x: signs.get(x[0].group, "-")}
            rows = [(t, c.row(YOURS, t.group)) for t in c.truth]
            pair = self.unbiased
            cosine = between(*pair) if pair and np.isfinite(pair[0]) else ""
            yield [
                *("Against the true gradient:", f"  {c.meaning};", f"  {c.estimator}"),
                *columns(rows, DIRECTION | wrong),
                *([f"  two unbiased estimates: cosine {cosine}, must be 1"] if cosine else []),
            ]
            top = c.truth[0]
            yield [
                f"Slope and reset, {top.group} (steeper: narrower and higher, of equal integral):",
                *columns([(top, row) for row in c.in_group(top.group)], SWEEP),
            ]
        if self.loop is not None:
            yield self._loop(self.loop)
        if self.missing:
            yield ["Not examined:", *(f"  {part}" for part in self.missing)]

    def _verdict(self, leaf: str, test: str) -> str:
        for c in self.checks:
            if (c.leaf, c.test) == (leaf, test):
                return f"{c.verdict}, {c.ratio:.2f} x" if c.verdict == "differs" else c.verdict
        return "-"

    def _loop(self, loop: Loop) -> list[str]:
        value = f"{loop.integral:.3g}, without sampling error"
        if loop.se:
            value = plus_minus(loop.integral, loop.se)
        verdict = "not 0: like most surrogate gradients, this one is not the gradient of any loss"
        if abs(loop.integral) < 1e-6 or abs(loop.integral) < 5 * loop.se:
            verdict = "0 within its error, as for a gradient: whether it is one is undecided"
        return [
            "Closed loop:",
            f"  in the plane of {loop.plane[0]} and {loop.plane[1]}: {value} "
            f"({100 * loop.relative:.1f} % of the largest possible value)",
            f"  {verdict}",
        ]


GRADIENT = {
    "array": lambda x: x.name,
    "size": lambda x: str(x.size),
    "norm": lambda x: number(x.norm),
    "variance": lambda x: number(x.variance),
    "not finite": lambda x: str(x.bad),
}
DIRECTION = {
    "group": lambda x: x[0].group,
    "size": lambda x: str(x[0].size),
    "noise of true": lambda x: noise_cell(x[0]),
    "cosine": lambda x: cells(*x)[0],
    "norm ratio": lambda x: cells(*x)[1],
}
SWEEP = {
    "candidate": lambda x: x[1].candidate,
    "cosine": lambda x: cells(*x)[0],
    "norm ratio": lambda x: cells(*x)[1],
    "variance": lambda x: "-" if x[1].variance == 0 and not x[1].zero else cells(*x)[2],
}
"""Columns of the tables: name of the column, and function that prints a cell."""
