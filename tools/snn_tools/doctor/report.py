"""What an examination found: as text, as JSON, and as one picture."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from snn_tools.comparison.table import cells, noise_cell
from snn_tools.doctor.direction import Signs
from snn_tools.doctor.examined import Examined
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.loop import Loop
from snn_tools.doctor.observed import Leaf, Shape
from snn_tools.doctor.plumbing import TESTS, Check
from snn_tools.printing import between, columns, number, plus_minus


@dataclasses.dataclass(frozen=True)
class Facts:
    """Size and cost of an examination.

    Attributes:
        sites: spike sites, all layers and steps.
        parameters: number of parameters.
        trials: single trials that were looked at.
        seconds: wall time, compilation included.
        interrupted: whether it was ended by Ctrl-C.
        bad_losses: losses of these trials that were not finite.
        surrogate: the gradient that was examined, in words.
    """

    sites: int
    parameters: int
    trials: int
    seconds: float
    interrupted: bool
    bad_losses: int
    surrogate: str


@dataclasses.dataclass(frozen=True)
class Report(Examined):
    """What `Examined` has, and more. ``print(report)`` is its text.

    Attributes:
        facts: size and cost.
        arrays: the surrogate gradient in single trials, array by array.
        shapes: the surrogate derivative and the slope of the noise, layer by layer.
        checks: derivatives of the network's code against finite differences.
        signs: signs of the user's gradient against the true ones.
        unbiased: cosine of two unbiased estimates of the true gradient, and its interval; None
            where one was enough.
        loop: the closed-loop test; None if it was not made.
        missing: what was not measured, and why.
    """

    own = YOURS
    facts: Facts
    arrays: tuple[Leaf, ...]
    shapes: tuple[tuple[Shape, Shape], ...]
    checks: tuple[Check, ...]
    signs: tuple[Signs, ...]
    unbiased: tuple[float, tuple[float, float]] | None
    loop: Loop | None
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return "\n\n".join("\n".join(part) for part in self._parts())

    def _parts(self) -> Iterator[list[str]]:
        """Yield the text, part by part, in lines."""
        f, n = self.facts, len(self.layers)
        head = f"{f.surrogate}; {f.parameters} parameters, {f.sites} spike sites in {n} layer"
        interrupted = ["Interrupted: this is what was known by then."] * f.interrupted
        yield [f"{head}{'s' * (n != 1)}.", *interrupted]
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
                *columns([(top, row) for row in c.of(top.group)], SWEEP),
            ]
        if self.loop is not None:
            yield self._loop(self.loop)
        if self.missing:
            yield ["Not measured:", *(f"  {what}" for what in self.missing)]

    def _verdict(self, leaf: str, test: str) -> str:
        for c in self.checks:
            if (c.leaf, c.test) == (leaf, test):
                return f"{c.verdict}, {c.ratio:.2f} x" if c.verdict == "differs" else c.verdict
        return "-"

    def _loop(self, loop: Loop) -> list[str]:
        value = f"{loop.integral:.3g}, without sampling error"
        if loop.se:
            value = plus_minus(loop.integral, loop.se)
        verdict = "not 0: this surrogate gradient is the gradient of no loss, like most"
        if abs(loop.integral) < 1e-6 or abs(loop.integral) < 5 * loop.se:
            verdict = "0 within its error, as of a gradient: undecided whether it is one"
        return [
            "Closed loop:",
            f"  in the plane of {loop.plane[0]} and {loop.plane[1]}: {value} "
            f"({100 * loop.relative:.1f} % of the most possible)",
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
"""Tables of the text: columns by name, with what each shows of a row's item."""
