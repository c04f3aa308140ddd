"""Report of an examination: findings, tables, the verdict, and JSON."""

import dataclasses
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from snn_tools.shared.comparison import YOURS, Comparison, Row, cells, noise_cell
from snn_tools.shared.gradient_check import VALUES, Check
from snn_tools.shared.observed import Layer, Leaf
from snn_tools.shared.printing import between, columns, number

SCHEMA = 7
"""Version of the JSON; grows if a key changes or is removed."""

DEFAULT = 60.0
"""Budget of the commands, in seconds."""

FAULT, SOUND, UNDECIDED = "fault", "no fault found", "not decided"


@dataclasses.dataclass(frozen=True)
class Statement:
    """A fault or a finding, with its evidence and the limits of the advice.

    A fault is what a change of the code repairs. A finding is a property of the surrogate or of the
    network, with its size.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see tools/docs/findings.md.
        fault: whether it is a fault.
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
        head = f"  {'FAULT' if self.fault else 'finding'} ({self.kind}, {self.where})"
        more = [f"    {name}: {getattr(self, name)}" for name in ("advice", "scope")]
        return "\n".join([f"{head}: {self.evidence}", *(x for x in more if x[-2:] != ": ")])


@dataclasses.dataclass(frozen=True)
class Report:
    """Measurements of a network, faults and findings; ``print`` shows the text.

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
        faults: what a change of the code repairs.
        findings: properties of the surrogate or of the network.
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
    faults: tuple[Statement, ...] = ()
    findings: tuple[Statement, ...] = ()
    seconds: float = 0.0
    slopes: tuple[str, ...] = ()

    @property
    def finite(self) -> bool:
        """Return whether all losses and gradients of single trials are finite."""
        return not (self.bad_losses or any(leaf.bad for leaf in self.arrays))

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
    def undecided(self) -> tuple[Row, ...]:
        """Return the layers that may or may not be along the exact gradient."""
        return tuple(row for row in self.directions if not row.decided)

    @property
    def verdict(self) -> str:
        """Return one of `FAULT`, `UNDECIDED` and `SOUND`."""
        if self.faults:
            return FAULT
        return UNDECIDED if self.undecided or not self.directions else SOUND

    @property
    def needed(self) -> float:
        """Return the budget in seconds that would decide, if errors fall with the root of time."""
        factor = max((row.missing for row in self.undecided), default=2.0) ** 2
        return ceiling(max(self.seconds * factor, 0.0 if self.undecided else DEFAULT))

    def asserted(self, per_array: float) -> "Report":
        """Return the report if it has no faults, and all known cosines may be `per_array` or more.

        A layer whose cosine noise hides does not fail, nor do findings: the headline names them.

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
        head = {"schema": SCHEMA, "verdict": self.verdict, "worst": worst}
        head |= {"needed_budget": self.needed} if self.verdict == UNDECIDED else {}
        text = json.dumps(head | dataclasses.asdict(self), default=as_json)
        return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)

    def headline(self) -> str:
        """Return a line with the verdict and the worst layer."""
        verdict = counted(self.faults, "fault") or self.verdict
        parts = [verdict, counted(self.findings, "finding")]
        if (row := self.direction) is not None:
            cosine = between(row.cosine, row.interval)
            parts.append(f"worst layer {row.group}, cosine to the exact gradient {cosine}")
        if self.undecided:
            names = ", ".join(row.group for row in self.undecided)
            parts.append(f"noise hides whether the gradient is along the exact one in {names}")
        elif not self.directions:
            why = "the exact gradient is 0 in all layers" if self.comparison else self.unmeasured
            parts.append(f"direction not measured: {why}")
        if self.verdict == UNDECIDED:
            how = "would decide, by the errors so far" if self.undecided else "may decide"
            parts.append(f"--budget {self.needed:.0f} {how}")
            parts[:2] = [f"{verdict}: no fault in spikes and code", parts[1]]
        return f"Verdict: {'; '.join(filter(None, parts))}."

    def __str__(self) -> str:
        n, parameters = len(self.layers), sum(leaf.size for leaf in self.arrays)
        size = f"{parameters} parameters, {self.sites} spike sites in {n} layer{'s' * (n != 1)}"
        parts = [[self.headline(), f"{self.surrogate}; {size}; {self.seconds:.0f} s."]]
        stated = [*map(str, (*self.faults, *self.findings))] or ["  none."]
        parts.append(["Faults and findings:", *stated])
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


def counted(stated: Sequence[Statement], word: str) -> str:
    """Return the number of faults or findings with their kinds; empty without any."""
    kinds, n = ", ".join(dict.fromkeys(x.kind for x in stated)), len(stated)
    return f"{n} {word}{'s' * (n != 1)} ({kinds})" if n else ""


def ceiling(x: float) -> float:
    """Round a positive number up to one significant digit."""
    power = 10.0 ** np.floor(np.log10(x))
    return float(np.ceil(x / power) * power)


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
