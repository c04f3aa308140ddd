"""Report of an examination: findings, tables, the verdict, and JSON."""

import dataclasses
import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from snn_tools.shared.comparison import YOURS, Comparison, Row, cells, noise_cell
from snn_tools.shared.gradient_check import VALUES, Check
from snn_tools.shared.observed import Layer, Leaf
from snn_tools.shared.printing import between, columns, number

SCHEMA = 6
"""Version of the JSON; grows if a key changes or is removed."""

HEALTHY, UNMEASURED, FAULTS = "healthy", "healthy, direction not measured", "faults"


@dataclasses.dataclass(frozen=True)
class Finding:
    """Fact about the network, with its evidence and the limits of the advice.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see tools/docs/findings.md.
        fault: whether something is wrong; a finding that is not a fault is a note.
        where: layer or array of parameters.
        evidence: the measurement.
        advice: what to do; empty if no measurement supports an advice.
        scope: evidence for the advice, and its limits.
    """

    kind: str
    fault: bool
    where: str
    evidence: str
    advice: str = ""
    scope: str = ""

    def __str__(self) -> str:
        head = f"  {'FAULT' if self.fault else 'note'} ({self.kind}, {self.where})"
        more = [f"    {name}: {getattr(self, name)}" for name in ("advice", "scope")]
        return "\n".join([f"{head}: {self.evidence}", *(x for x in more if x[-2:] != ": ")])


@dataclasses.dataclass(frozen=True)
class Report:
    """Measurements of a network, and the findings; ``print`` shows the text.

    Attributes:
        sites: number of spike sites of a trial, all layers and steps.
        surrogate: description of the gradient that is examined.
        layers: spikes, potentials and errors, layer by layer.
        arrays: surrogate gradient in single trials, array by array.
        trials: number of trials of the layers.
        array_trials: number of trials of the arrays.
        bad_losses: number of losses that are not finite.
        checks: derivatives of the network's code against finite differences.
        bump: whether a surrogate derivative should be a bump.
        cases: cases that a framework finds itself, by the name that rules need.
        comparison: the gradient against the exact gradient; None if they were not compared.
        unmeasured: reason why they were not compared.
        findings: faults first.
        seconds: seconds of the clock, compilation included.
        slopes: code of a surrogate as wide as the spread of the potentials, layer by layer.
    """

    sites: int = 0
    surrogate: str = ""
    layers: tuple[Layer, ...] = ()
    arrays: tuple[Leaf, ...] = ()
    trials: int = 0
    array_trials: int = 0
    bad_losses: int = 0
    checks: tuple[Check, ...] = ()
    bump: bool = True
    cases: dict[str, list[SimpleNamespace]] = dataclasses.field(default_factory=dict)
    comparison: Comparison | None = None
    unmeasured: str = ""
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    slopes: tuple[str, ...] = ()

    @property
    def finite(self) -> bool:
        """Return whether all losses and gradients of single trials are finite."""
        return not (self.bad_losses or any(leaf.bad for leaf in self.arrays))

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Return the findings that are faults."""
        return tuple(f for f in self.findings if f.fault)

    @property
    def directions(self) -> tuple[Row, ...]:
        """Return the network's own gradient against the exact gradient, layer by layer.

        Layers whose exact gradient is exactly 0 are left out.
        """
        rows = self.comparison.rows if self.comparison else ()
        own = (row for row in rows if row.gradient == YOURS)
        return tuple(row for row in own if row.layer and not row.no_exact)

    @property
    def direction(self) -> Row | None:
        """Return the layer with the lowest known cosine; None if noise hides every cosine."""
        return min((r for r in self.directions if r.known), key=lambda r: r.cosine, default=None)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the layers whose cosine is not known."""
        return tuple(r.group for r in self.directions if not (r.known or r.zero))

    @property
    def verdict(self) -> str:
        """Return one of `FAULTS`, `UNMEASURED` and `HEALTHY`."""
        if self.faults:
            return FAULTS
        return UNMEASURED if self.direction is None or self.unknown else HEALTHY

    @property
    def healthy(self) -> bool:
        """Return whether the examination found no fault."""
        return self.verdict != FAULTS

    def asserted(self, per_array: float) -> "Report":
        """Return the report if it has no faults, and all known cosines may be `per_array` or more.

        A layer whose cosine noise hides does not fail: the headline names it.

        Args:
            per_array: smallest cosine to the exact gradient of each layer; a layer fails if its
                whole interval is below.

        Raises:
            AssertionError: otherwise, with the report as its message.
        """
        low = [r.group for r in self.directions if r.known and r.interval[1] < per_array]
        kinds = ", ".join(dict.fromkeys(f.kind for f in self.faults))
        why = [f"cosine below {per_array:g} in {', '.join(low)}"] * bool(low)
        why += [f"faults: {kinds}"] * bool(kinds)
        if why:
            raise AssertionError(f"{'; '.join(why)}\n\n{self}")
        return self

    def to_json(self) -> str:
        """Return the whole report as JSON; NaN and infinity become null."""
        worst = self.direction and {"layer": self.direction.group, "cosine": self.direction.cosine}
        head = {"schema": SCHEMA, "verdict": self.verdict, "healthy": self.healthy, "worst": worst}
        text = json.dumps(head | dataclasses.asdict(self), default=as_json)
        return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)

    def headline(self) -> str:
        """Return a line with the verdict and the worst layer."""
        n = len(self.faults)
        kinds = ", ".join(dict.fromkeys(f.kind for f in self.faults))
        verdict = f"{n} fault{'s' * (n != 1)} ({kinds})" if n else "no fault found"
        if (row := self.direction) is None:
            why = "noise hides it in all layers" if self.comparison else self.unmeasured
            return f"Verdict: {verdict}; direction not measured: {why}."
        cosine = between(row.cosine, row.interval)
        line = f"Verdict: {verdict}; worst layer {row.group}, cosine to the exact gradient {cosine}"
        if self.unknown:
            line += f"; not known in {', '.join(self.unknown)}"
        return f"{line}."

    def __str__(self) -> str:
        n, parameters = len(self.layers), sum(leaf.size for leaf in self.arrays)
        size = f"{parameters} parameters, {self.sites} spike sites in {n} layer{'s' * (n != 1)}"
        parts = [[self.headline(), f"{self.surrogate}; {size}; {self.seconds:.0f} s."]]
        found = [*map(str, self.findings)] or ["  none."]
        parts.append(["Findings:", *found])
        if self.layers:
            parts.append([f"Spikes in {self.trials} trials:", *self._spikes(), LEGEND])
        if self.arrays:
            tests = {"given spikes": lambda leaf: self._code(leaf.name)} if self.checks else {}
            title = "Gradient of one trial, and the code's derivative against finite differences:"
            parts.append([title, *columns(self.arrays, GRADIENT | tests)])
        if (c := self.comparison) is not None:
            title = f"Against the exact gradient ({MEANING};\n  {c.estimator}):"
            parts.append([title, *columns(c.rows, DIRECTION)])
        if self.slopes:
            pairs = zip(self.layers, self.slopes, strict=True)
            lines = [f"  layer {layer.name}: {line}" for layer, line in pairs]
            parts.append(["Surrogates as wide as the spread of the potentials:", *lines])
        return "\n\n".join("\n".join(part) for part in parts)

    def _spikes(self) -> list[str]:
        timed = any(np.isfinite(x.growth) for x in self.layers)
        return columns(self.layers, {k: SPIKES[k] for k in SPIKES if timed or k != "early/late"})

    def _code(self, leaf: str) -> str:
        for c in self.checks:
            if (c.source, c.target) == (leaf, VALUES):
                return f"{c.verdict}, {c.ratio:.2f} x" if c.verdict == "differs" else c.verdict
        return "-"


def as_json(x: Any) -> Any:
    """Return numbers of NumPy and cases of rules as values of JSON."""
    return vars(x) if isinstance(x, SimpleNamespace) else x.tolist()


def percent(x: float) -> str:
    """Print a share."""
    return f"{100 * x:.0f} %"


SPIKES = {
    "layer": lambda x: x.name,
    "neurons": lambda x: str(x.neurons),
    "rate": lambda x: f"{x.rate:.3f} / {x.still.rate:.3f}",
    "silent": lambda x: f"{percent(x.silent)} / {percent(x.still.silent)}",
    "saturated": lambda x: f"{percent(x.saturated)} / {percent(x.still.saturated)}",
    "spread of v": lambda x: number(x.spread),
    "within": lambda x: percent(x.within),
    "dL/dv": lambda x: number(x.size),
    "early/late": lambda x: number(x.growth) if np.isfinite(x.growth) else "-",
}
"""Columns of the table of layers; the last column needs time steps."""

MEANING = "gradient of the expected loss, spikes drawn with the escape noise"

LEGEND = (
    "  Rate (per step), silent and saturated neurons: with noise / without noise. Spread of v:\n"
    "  interquartile range of the potentials. Within: potentials in the middle half of the\n"
    "  surrogate derivative. dL/dv: root mean square over trials, steps and neurons."
)

GRADIENT = {
    "array": lambda x: x.name,
    "size": lambda x: str(x.size),
    "norm": lambda x: number(x.norm),
    "not finite": lambda x: str(x.bad),
}
DIRECTION = {
    "group": lambda x: x.group if x.gradient == YOURS else f"{x.group}, {x.gradient}",
    "size": lambda x: str(x.size),
    "noise of exact": noise_cell,
    "cosine": lambda x: cells(x)[0],
    "norm ratio": lambda x: cells(x)[1],
}
"""Columns of the tables: name of the column, and function that prints a cell."""
