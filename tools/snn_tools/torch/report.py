"""What was found of a PyTorch network: as text, as JSON, and as one picture."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from snn_tools.comparison.table import Comparison, draw_rows
from snn_tools.doctor.finding import Finding
from snn_tools.doctor.observed import Layer
from snn_tools.printing import columns, jsonable, new_figure

SPIKES = {
    "layer": lambda x: str(x.index),
    "neurons": lambda x: str(x.neurons),
    "rate": lambda x: f"{x.rate:.3f}",
    "silent": lambda x: f"{100 * x.silent:.0f} %",
    "saturated": lambda x: f"{100 * x.saturated:.0f} %",
    "within": lambda x: f"{100 * x.within:.0f} %",
}


@dataclasses.dataclass(frozen=True)
class Report:
    """An examination. ``print(report)`` is its text.

    Attributes:
        sites: spikes of one example, all layers and steps.
        findings: faults first.
        layers: spikes, layer by layer.
        comparison: the surrogate gradient against the true one.
    """

    sites: int
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    comparison: Comparison

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
        return json.dumps(jsonable(dataclasses.asdict(self)), indent=1)

    def plot(self) -> Any:
        """One figure: spikes by layer, cosines and norm ratios by group. Needs matplotlib."""
        groups = [t.group for t in self.comparison.truth]
        figure = new_figure(9.0, 1.6 + 0.3 * max(len(groups), 2 * len(self.layers)))
        spikes, cosines, ratios = figure.subplots(1, 3)
        shares = {"silent": "0.2", "saturated": "0.5", "within": "0.8"}
        for k, (share, colour) in enumerate(shares.items()):
            y = [i + 0.25 * (k - 1) for i in range(len(self.layers))]
            values = [getattr(layer, share) for layer in self.layers]
            label = "in the middle half" if share == "within" else share
            spikes.barh(y, values, 0.22, color=colour, label=label)
        names = [f"{layer.index}\n{layer.rate:.2f} per step" for layer in self.layers]
        spikes.set_yticks(range(len(names)), names, fontsize=8)
        spikes.set_xlim(0, 1)
        spikes.set_xlabel("share of neurons, of potentials")
        spikes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=3, fontsize=7)
        spikes.invert_yaxis()
        for axes, what in ((cosines, "cosine"), (ratios, "ratio")):
            draw_rows(axes, self.comparison, what)
            axes.set_yticks(range(len(groups)), groups, fontsize=8)
            axes.invert_yaxis()
        cosines.set_xlabel("cosine to the true gradient")
        ratios.set_xlabel("norm over that of the true one")
        ratios.set_xscale("log")
        low, high = ratios.get_xlim()
        ratios.set_xlim(min(low, 0.1), max(high, 10.0))
        ratios.xaxis.set_minor_formatter("")
        n = len(self.faults)
        kinds = dict.fromkeys(f.kind for f in self.findings)
        figure.suptitle(", ".join([f"{n} fault{'s' * (n != 1)}", *kinds]))
        return figure

    def __str__(self) -> str:
        none = "no fault." if self.findings else "none: no fault, and nothing to advise."
        parts = [
            [f"{self.sites} potential spikes of an example; layers: {len(self.layers)}."],
            ["Findings:", *[f"  {none}"] * self.healthy, *map(str, self.findings)],
            ["Spikes (rate: per step; within: potentials in the middle half of the surrogate):"],
            [str(self.comparison)],
        ]
        parts[2] += columns(self.layers, SPIKES)
        return "\n\n".join("\n".join(part) for part in parts)
