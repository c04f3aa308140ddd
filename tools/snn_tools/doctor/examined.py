"""Findings, layers and the comparison, which examinations in JAX and in PyTorch share."""

import dataclasses
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from snn_tools.comparison.table import Comparison, Row
from snn_tools.doctor.observed import Layer, Leaf
from snn_tools.doctor.picture import draw_report
from snn_tools.printing import between, columns, number

SPIKES = {
    "layer": lambda x: str(x.index),
    "neurons": lambda x: str(x.neurons),
    "rate": lambda x: f"{x.rate:.3f}",
    "silent": lambda x: f"{100 * x.silent:.0f} %",
    "saturated": lambda x: f"{100 * x.saturated:.0f} %",
    "within": lambda x: f"{100 * x.within:.0f} %",
    "early/late": lambda x: number(x.growth) if np.isfinite(x.growth) else "-",
}
"""Columns of the table of layers; the last column needs time steps."""


SCHEMA = 1
"""Version of the JSON, which grows if a key changes its meaning or is removed."""

HEALTHY, UNMEASURED = "healthy", "healthy, direction not measured"
FAULTS, INTERRUPTED = "faults", "interrupted"


@dataclasses.dataclass(frozen=True)
class Finding:
    """Fact about the network, with its evidence and the limits of the advice.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see tools/docs/doctor.md.
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
class Rule:
    """Template of a finding, and the condition under which the finding applies.

    Names in braces in the texts are replaced by measured values.
    """

    kind: str
    evidence: str
    advice: str = ""
    scope: str = ""
    fault: bool = True
    holds: Callable[[Any], bool] = lambda values: True

    def find(self, *where: str, **values: Any) -> list[Finding]:
        """Return a list with the finding at these places; empty if the rule does not hold."""
        if not self.holds(SimpleNamespace(**values)):
            return []
        words = (text.format(**values) for text in (self.evidence, self.advice, self.scope))
        return [Finding(self.kind, self.fault, ", ".join(where), *words)]


@dataclasses.dataclass(frozen=True)
class Facts:
    """Size and cost of an examination.

    Attributes:
        sites: number of spike sites, all layers and steps.
        parameters: number of parameters.
        trials: number of single trials.
        seconds: wall time, compilation included.
        processor: processor time in seconds, all threads.
        interrupted: whether Ctrl-C ended the examination.
        bad_losses: trials whose loss is not finite.
        surrogate: description of the gradient that was examined.
    """

    sites: int
    parameters: int
    trials: int
    seconds: float
    processor: float
    interrupted: bool
    bad_losses: int
    surrogate: str


@dataclasses.dataclass(frozen=True)
class Examined:
    """Result of an examination; ``print`` shows the text.

    Attributes:
        own: name of the network's own gradient in the table.
        facts: size and cost.
        findings: faults first.
        layers: spikes, layer by layer.
        comparison: all gradients against the true one; None without time for it.
        missing: parts that were not examined, each with the reason.
        arrays: surrogate gradient in single trials, array by array.
        shapes: surrogate derivative and slope of the noise, layer by layer.
        checks: derivatives of the network's code against finite differences.
        signs: signs of the network's own gradient against the true ones.
        unbiased: cosine of two unbiased estimates of the true gradient, and its interval; None if
            only one was made.
        loop: closed-loop test; None if it was not made.
    """

    own: ClassVar[str]
    facts: Facts
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    comparison: Comparison | None
    missing: tuple[str, ...] = ()
    arrays: tuple[Leaf, ...] = ()
    shapes: tuple[Any, ...] = ()
    checks: tuple[Any, ...] = ()
    signs: tuple[Any, ...] = ()
    unbiased: tuple[float, tuple[float, float]] | None = None
    loop: Any = None

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Return the findings that are faults."""
        return tuple(f for f in self.findings if f.fault)

    @property
    def direction(self) -> Row | None:
        """Return the network's own gradient against the true one, over all parameters.

        None if it was not measured, or if noise hides the cosine.
        """
        if self.comparison is None:
            return None
        row = self.comparison.row(self.own, self.comparison.truth[0].group)
        return row if row.known else None

    @property
    def verdict(self) -> str:
        """Return one of `FAULTS`, `INTERRUPTED`, `UNMEASURED` and `HEALTHY`."""
        if self.faults:
            return FAULTS
        if self.facts.interrupted:
            return INTERRUPTED
        return UNMEASURED if self.direction is None else HEALTHY

    @property
    def healthy(self) -> bool:
        """Return whether the examination is complete and found no fault."""
        return self.verdict in (HEALTHY, UNMEASURED)

    def to_json(self) -> str:
        """Return the whole report as JSON; NaN and infinity become null."""
        head = {"schema": SCHEMA, "verdict": self.verdict, "healthy": self.healthy}
        text = json.dumps(head | dataclasses.asdict(self), default=lambda x: x.tolist())
        return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)

    def _verdict_line(self) -> str:
        """Return a line with the verdict and the cosine behind it."""
        n = len(self.faults)
        kinds = ", ".join(dict.fromkeys(f.kind for f in self.faults))
        verdict = {
            FAULTS: f"{n} fault{'s' * (n != 1)} ({kinds})",
            INTERRUPTED: "none, since the examination was interrupted; no fault by then",
        }.get(self.verdict, "no fault found")
        if (row := self.direction) is not None:
            cosine = between(row.cosine, row.interval)
            return f"Verdict: {verdict}; cosine to the true gradient {cosine}."
        why = "noise hides it" if self.comparison else "see below" if self.missing else "no time"
        return f"Verdict: {verdict}; direction not measured ({why})."

    def _found(self) -> list[str]:
        none = "none."
        return ["Findings:", *[f"  {none}"] * (not self.findings), *map(str, self.findings)]

    def _spikes(self, timed: bool) -> list[str]:
        return columns(self.layers, {k: SPIKES[k] for k in SPIKES if timed or k != "early/late"})

    def __rich__(self) -> Any:
        """Return the text for `rich.print`: headings are bold, faults are red."""
        from rich.text import Text

        text = Text(str(self))
        text.highlight_regex(r"(?m)^(Verdict|[A-Z].*:$)", "bold")
        text.highlight_regex(r"(?m)^  FAULT.*$", "bold red")
        return text

    def plot(self) -> Any:
        """Return a matplotlib figure; save it with ``savefig``.

        The panels show spikes by layer, dL/dv by step, cosines and norm ratios by group of
        parameters, and cosines of other slopes and resets. A panel without a measurement is left
        out.
        """
        figure = draw_report(self.layers, self.comparison, self.own)
        n, kinds = len(self.faults), dict.fromkeys(f.kind for f in self.findings)
        figure.suptitle(", ".join([f"{n} fault{'s' * (n != 1)}", *kinds]))
        return figure
