"""Reports over the checkpoints of a training: a table and a picture."""

import dataclasses
from typing import Any

import numpy as np

from snn_tools.shared.comparison import Row
from snn_tools.shared.printing import aligned, between, number
from snn_tools.shared.report import Report


@dataclasses.dataclass(frozen=True)
class Course:
    """Examinations of one network at several checkpoints; ``print`` shows a table.

    Attributes:
        labels: names of the checkpoints, in their order.
        reports: one report for each checkpoint.
    """

    labels: tuple[str, ...]
    reports: tuple[Report, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the layers whose direction was compared at some checkpoint."""
        return tuple(dict.fromkeys(r.group for report in self.reports for r in report.directions))

    def cosines(self, group: str) -> list[Row | None]:
        """Return the direction of a layer at each checkpoint; None where it is not known."""
        rows = [{r.group: r for r in report.directions} for report in self.reports]
        return [own[group] if group in own and own[group].known else None for own in rows]

    def __str__(self) -> str:
        head = ["checkpoint", "faults"]
        head += [f"rate {layer.name}" for layer in self.reports[0].layers]
        head += [f"silent {layer.name}" for layer in self.reports[0].layers]
        head += [f"dL/dv {layer.name}" for layer in self.reports[0].layers]
        head += [f"cosine {group}" for group in self.groups]
        table = [tuple(head)]
        for k, (label, report) in enumerate(zip(self.labels, self.reports, strict=True)):
            kinds = ", ".join(dict.fromkeys(f.kind for f in report.faults)) or "none"
            line = [label, kinds]
            line += [f"{x.rate:.3f} / {x.still.rate:.3f}" for x in report.layers]
            line += [f"{x.silent:.0%} / {x.still.silent:.0%}" for x in report.layers]
            line += [number(x.size) for x in report.layers]
            for group in self.groups:
                row = self.cosines(group)[k]
                line.append(between(row.cosine, row.interval) if row else "unknown")
            table.append(tuple(line))
        first = (
            "Rates and silent neurons: with noise / without noise. Cosines to the exact gradient."
        )
        return "\n".join([first, "", *aligned(table)])

    def plot(self) -> Any:
        """Return a matplotlib figure of cosines and rates against the checkpoints."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.0, 2.8), layout="constrained")
        cosines, rates = figure.subplots(1, 2)
        x = np.arange(len(self.labels))
        for i, group in enumerate(self.groups):
            rows = self.cosines(group)
            y = np.array([row.cosine if row else np.nan for row in rows])
            ends = np.array([row.interval if row else (np.nan, np.nan) for row in rows]).T
            error = np.abs(np.clip(ends, -1, 1) - np.clip(y, -1, 1))
            cosines.errorbar(x, y, yerr=error, fmt="osD^vPX*"[i % 8] + "-", ms=4, lw=1, label=group)
        for i, layer in enumerate(self.reports[0].layers):
            own = [report.layers[i] for report in self.reports]
            (line,) = rates.plot(x, [r.rate for r in own], "o-", ms=4, lw=1, label=f"{layer.name}")
            still = [r.still.rate for r in own]
            rates.plot(x, still, "o--", ms=4, lw=1, mfc="white", color=line.get_color())
        cosines.set(ylim=(-1.05, 1.05), ylabel="cosine to the exact gradient")
        rates.set(ylim=(0, None), ylabel="spikes per neuron and step")
        rates.plot([], [], "--", color="0.4", label="without noise")
        for axes in (cosines, rates):
            axes.set_xticks(x, self.labels)
            axes.set_xlabel("checkpoint")
            axes.legend(fontsize=7, frameon=False)
            axes.spines[["top", "right"]].set_visible(False)
        cosines.axhline(0, color="0.7", lw=0.8)
        return figure
