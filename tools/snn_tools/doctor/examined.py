"""What examinations in JAX and in PyTorch share: findings, layers, the table; text and picture."""

import dataclasses
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from snn_tools.comparison.table import Comparison, draw_rows
from snn_tools.doctor.observed import Layer
from snn_tools.printing import columns, new_figure, number

SPIKES = {
    "layer": lambda x: str(x.index),
    "neurons": lambda x: str(x.neurons),
    "rate": lambda x: f"{x.rate:.3f}",
    "silent": lambda x: f"{100 * x.silent:.0f} %",
    "saturated": lambda x: f"{100 * x.saturated:.0f} %",
    "within": lambda x: f"{100 * x.within:.0f} %",
    "early/late": lambda x: number(x.growth) if np.isfinite(x.growth) else "-",
}
"""Columns of the table of layers; the last one only over time."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to know, with its evidence and how far it goes.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see tools/docs/doctor.md.
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

    def __str__(self) -> str:
        head = f"  {'FAULT' if self.fault else 'note'} ({self.kind}, {self.where})"
        more = [f"    {name}: {getattr(self, name)}" for name in ("advice", "scope")]
        return "\n".join([f"{head}: {self.evidence}", *(x for x in more if x[-2:] != ": ")])


@dataclasses.dataclass(frozen=True)
class Rule:
    """A finding with names in braces for what was seen, and the condition under which it holds."""

    kind: str
    evidence: str
    advice: str = ""
    scope: str = ""
    fault: bool = True
    holds: Callable[[Any], bool] = lambda seen: True

    def of(self, *where: str, **seen: Any) -> list[Finding]:
        """Return the finding at some places, if the rule holds of what was seen."""
        if not self.holds(SimpleNamespace(**seen)):
            return []
        words = (text.format(**seen) for text in (self.evidence, self.advice, self.scope))
        return [Finding(self.kind, self.fault, ", ".join(where), *words)]


@dataclasses.dataclass(frozen=True)
class Examined:
    """An examination. Printed, it is a text.

    Attributes:
        own: name of the network's own gradient in the table.
        findings: faults first.
        layers: spikes, layer by layer.
        comparison: everything against the true gradient; None if there was no time.
    """

    own: ClassVar[str]
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    comparison: Comparison | None

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(f for f in self.findings if f.fault)

    @property
    def healthy(self) -> bool:
        """True if no fault was found."""
        return not self.faults

    def to_json(self) -> str:
        """Everything, as JSON; NaN and infinity become null."""
        text = json.dumps(dataclasses.asdict(self), default=lambda x: x.tolist())
        return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)

    def _found(self) -> list[str]:
        none = "no fault." if self.findings else "none: no fault, and nothing to advise."
        return ["Findings:", *[f"  {none}"] * self.healthy, *map(str, self.findings)]

    def _spikes(self, timed: bool) -> list[str]:
        return columns(self.layers, {k: SPIKES[k] for k in SPIKES if timed or k != "early/late"})

    def __rich__(self) -> Any:
        """Return the text with headings in bold and faults in red, for `rich.print`."""
        from rich.text import Text

        text = Text(str(self))
        text.highlight_regex(r"(?m)^[A-Z].*:$", "bold")
        text.highlight_regex(r"(?m)^  FAULT.*$", "bold red")
        return text

    def plot(self) -> Any:
        """Return one figure; save it with ``savefig``. Needs matplotlib.

        Spikes by layer, dL/dv by step, cosines and norm ratios by group of parameters, and cosines
        of other slopes and resets, as far as they were measured.
        """
        found = self.comparison
        panels = [_draw_shares]
        if any(any(layer.error) for layer in self.layers):
            panels.append(_draw_errors)
        rows, height = 1, 2 * len(self.layers)
        if found is not None:
            own = dataclasses.replace(found, rows=found.rows_of(self.own))
            panels += [lambda axes, _: draw_rows(axes, own, "cosine")]
            panels += [lambda axes, _: draw_rows(axes, own, "ratio")]
            height = max(height, len(found.truth))
            if len(found.rows) > len(own.rows):
                panels.append(lambda axes, _: _draw_sweep(axes, found))
                rows, height = 2, max(height, len(found.of(found.truth[0].group)))
        figure = new_figure(9.0, rows * (1.6 + 0.3 * height))
        for k, draw in enumerate(panels):
            draw(figure.add_subplot(rows, -(-len(panels) // rows), k + 1), self.layers)
        n, kinds = len(self.faults), dict.fromkeys(f.kind for f in self.findings)
        figure.suptitle(", ".join([f"{n} fault{'s' * (n != 1)}", *kinds]))
        return figure


def _draw_shares(axes: Any, layers: tuple[Layer, ...]) -> None:
    shares = {"silent": "silent", "saturated": "saturated", "within": "in the middle half"}
    for k, (share, label) in enumerate(shares.items()):
        y = [i + 0.25 * (k - 1) for i in range(len(layers))]
        values = [getattr(layer, share) for layer in layers]
        axes.barh(y, values, 0.22, color=f"{0.2 + 0.3 * k:.1f}", label=label)
    names = [f"{layer.index}\n{layer.rate:.2f} per step" for layer in layers]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of neurons, of potentials")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=6)
    axes.invert_yaxis()


def _draw_errors(axes: Any, layers: tuple[Layer, ...]) -> None:
    for layer in layers:
        error = np.array(layer.error)
        axes.semilogy(np.where(error > 0, error, np.nan), lw=1, label=f"layer {layer.index}")
    axes.set_xlabel("step")
    axes.set_ylabel("root mean square of dL/dv")
    axes.legend(fontsize=7)


def _draw_sweep(axes: Any, found: Comparison) -> None:
    rows = [r for r in found.of(found.truth[0].group) if r.known]
    y, ends = range(len(rows)), [r.interval for r in rows]
    axes.hlines(y, [low for low, _ in ends], [high for _, high in ends], lw=1, color="0.2")
    axes.plot([r.cosine for r in rows], y, "o", ms=3, color="0.2")
    axes.set_yticks(y, [r.candidate for r in rows], fontsize=6)
    axes.invert_yaxis()
    axes.set_xlabel(f"cosine, {found.truth[0].group}")
