"""What an examination found: as text, as JSON, and as one picture."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from snn_tools.comparison.table import Comparison
from snn_tools.doctor.direction import YOURS
from snn_tools.doctor.loop import Loop
from snn_tools.doctor.measurements import Layer, Leaf
from snn_tools.doctor.plumbing import Check
from snn_tools.doctor.shape import Shape
from snn_tools.doctor.signs import Signs
from snn_tools.printing import aligned, jsonable, number, plus_minus


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to know, with its evidence and how far it goes.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see docs/doctor.md.
        fault: whether something is wrong; otherwise it is advice, or worth knowing.
        where: layer or array of parameters.
        evidence: what was measured.
        advice: what to do; empty where nothing was measured that would tell.
        scope: what the advice rests on, and where it ends.
    """

    kind: str
    fault: bool
    where: str
    evidence: str
    advice: str = ""
    scope: str = ""


@dataclasses.dataclass(frozen=True)
class Facts:
    """Size and cost of an examination.

    Attributes:
        sites: spike sites, all layers and steps.
        parameters: number of parameters.
        trials: single trials that were looked at.
        seconds: wall time, compilation included.
        truth_seconds: of these, what went into the true gradient.
        memory_mb: largest memory of the process so far, JAX included; NaN where unknown.
        interrupted: whether it was ended by Ctrl-C.
        surrogate: the gradient that was examined, in words.
    """

    sites: int
    parameters: int
    trials: int
    seconds: float
    truth_seconds: float
    memory_mb: float
    interrupted: bool
    surrogate: str


@dataclasses.dataclass(frozen=True)
class Report:
    """An examination. ``print(report)`` is its text.

    Attributes:
        facts: size and cost.
        findings: faults first.
        layers: spikes and errors, layer by layer.
        arrays: the surrogate gradient in single trials, array by array.
        shapes: the surrogate derivative and the slope of the noise, layer by layer.
        checks: derivatives of the network's code against finite differences.
        comparison: everything against the true gradient; None if there was no time.
        signs: signs of the user's gradient against the true ones.
        unbiased: cosine of two unbiased estimates of the true gradient, and its error; None where
            one was enough.
        loop: the closed-loop test; None if it was not made.
        missing: what was not measured, and why.
    """

    facts: Facts
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    arrays: tuple[Leaf, ...]
    shapes: tuple[tuple[Shape, Shape], ...]
    checks: tuple[Check, ...]
    comparison: Comparison | None
    signs: tuple[Signs, ...]
    unbiased: tuple[float, float] | None
    loop: Loop | None
    missing: tuple[str, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(f for f in self.findings if f.fault)

    @property
    def healthy(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        """Everything, as lists and dictionaries; NaN and infinity become None."""
        return jsonable(dataclasses.asdict(self))

    def to_json(self) -> str:
        """Everything, as JSON."""
        return json.dumps(self.to_dict(), indent=1)

    def plot(self) -> Any:
        """One figure, layers by questions. Needs matplotlib; save it with ``savefig``."""
        from snn_tools.comparison.pictures import examination

        return examination(self)

    def __rich__(self) -> Any:
        """The text with headings in bold and faults in red, for `rich.print`."""
        from rich.text import Text

        text = Text(str(self))
        text.highlight_regex(r"(?m)^[A-Z].*:$", "bold")
        text.highlight_regex(r"(?m)^  FAULT.*$", "bold red")
        return text

    def __str__(self) -> str:
        parts = [self._head(), self._findings(), self._spikes(), self._gradient()]
        if self.comparison is not None:
            parts += [self._direction(), self._sweep()]
        if self.loop is not None:
            parts.append(self._loop())
        if self.missing:
            parts.append("Not measured:\n" + "\n".join(f"  {m}" for m in self.missing))
        return "\n\n".join(parts)

    def _head(self) -> str:
        f = self.facts
        lines = [
            f"{f.surrogate}; {f.parameters} parameters, {f.sites} spike sites in "
            f"{len(self.layers)} layer{'s' * (len(self.layers) != 1)}."
        ]
        if f.interrupted:
            lines.append("Interrupted: this is what was known by then.")
        return "\n".join(lines)

    def _findings(self) -> str:
        if not self.findings:
            return "Findings:\n  none: no fault, and nothing to advise."
        lines = ["Findings:"]
        if self.healthy:
            lines.append("  no fault.")
        for f in self.findings:
            lines.append(f"  {'FAULT' if f.fault else 'note'} ({f.kind}, {f.where}): {f.evidence}")
            lines += [f"    advice: {f.advice}"] * bool(f.advice)
            lines += [f"    scope: {f.scope}"] * bool(f.scope)
        return "\n".join(lines)

    def _spikes(self) -> str:
        table: list[tuple[str, ...]] = [
            ("layer", "neurons", "rate", "silent", "saturated", "within", "early/late")
        ]
        for layer in self.layers:
            shares = [f"{100 * x:.0f} %" for x in (layer.silent, layer.saturated, layer.within)]
            growth = number(layer.growth) if np.isfinite(layer.growth) else "-"
            table.append(
                (str(layer.index), str(layer.neurons), f"{layer.rate:.3f}", *shares, growth)
            )
        lines = [
            f"Spikes ({self.facts.trials} trials; rate: per step; within: potentials in the",
            "  middle half of the surrogate derivative; early/late: largest dL/dv):",
        ]
        return "\n".join(lines + ["  " + line for line in aligned(table)])

    def _gradient(self) -> str:
        table: list[tuple[str, ...]] = [
            ("array", "size", "norm", "variance", "not finite", "given spikes", "smoothed")
        ]
        for leaf in self.arrays:
            verdicts = [self._verdict(leaf.name, test) for test in ("given spikes", "smoothed")]
            numbers = number(leaf.norm), number(leaf.variance), str(leaf.bad)
            table.append((leaf.name, str(leaf.size), *numbers, *verdicts))
        head = "Surrogate gradient of one trial (right: JAX against finite differences):"
        return "\n".join([head, *("  " + line for line in aligned(table))])

    def _verdict(self, leaf: str, test: str) -> str:
        for c in self.checks:
            if (c.leaf, c.test) == (leaf, test):
                return f"{c.verdict}, {c.ratio:.2f} x" if c.verdict == "differs" else c.verdict
        return "-"

    def _direction(self) -> str:
        c = self.comparison
        assert c is not None
        signs = {s.leaf: s for s in self.signs}
        table: list[tuple[str, ...]] = [
            ("group", "size", "noise of true", "cosine", "norm ratio", "wrong sign of known")
        ]
        for t in c.truth:
            r = c.row(YOURS, t.group)
            cosine, ratio = "gradient 0" if r.zero else "lost in noise", "-"
            if t.zero:
                cosine = "true one is 0"
            elif np.isfinite(r.cosine_se):
                cosine, ratio = plus_minus(r.cosine, r.cosine_se), plus_minus(r.ratio, r.ratio_se)
            s = signs.get(t.group)
            wrong = f"{s.wrong} of {s.known}" if s else "-"
            noise = "exact" if t.noise == 0 else number(t.noise)
            table.append((t.group, str(t.size), noise, cosine, ratio, wrong))
        head = ["Against the true gradient:", f"  {c.meaning};", f"  {c.estimator}"]
        lines = head + ["  " + line for line in aligned(table)]
        if self.unbiased is not None and np.isfinite(self.unbiased[0]):
            lines.append(
                f"  two unbiased estimates: cosine {plus_minus(*self.unbiased)}, must be 1"
            )
        return "\n".join(lines)

    def _sweep(self) -> str:
        c = self.comparison
        assert c is not None
        group = c.truth[0].group
        table: list[tuple[str, ...]] = [("candidate", "cosine", "norm ratio", "variance")]
        for r in c.rows:
            if r.group == group:
                known = np.isfinite(r.cosine_se)
                cosine = plus_minus(r.cosine, r.cosine_se) if known else "unknown"
                ratio = plus_minus(r.ratio, r.ratio_se) if known else "unknown"
                exact = r.variance == 0 and not r.zero
                table.append((r.candidate, cosine, ratio, "-" if exact else number(r.variance)))
        head = f"Slope and reset, {group} (steeper: narrower and higher, of equal integral):"
        return "\n".join([head, *("  " + line for line in aligned(table))])

    def _loop(self) -> str:
        loop = self.loop
        assert loop is not None
        value = (
            plus_minus(loop.integral, loop.se)
            if loop.se
            else f"{loop.integral:.3g}, without sampling error"
        )
        if abs(loop.integral) < 1e-6 or abs(loop.integral) < 5 * loop.se:
            verdict = "0 within its error, as of a gradient: undecided whether it is one"
        else:
            verdict = "not 0: this surrogate gradient is the gradient of no loss, like most"
        return (
            f"Closed loop:\n  in the plane of {loop.plane[0]} and {loop.plane[1]}: {value} "
            f"({100 * loop.relative:.1f} % of the most possible)\n  {verdict}"
        )
