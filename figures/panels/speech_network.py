"""The network that hears spoken digits, level by level beside its activity."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from figures.panels import Panel
from figures.panels.rasters import layers
from figures.style import INK, NEUTRAL, SMALL

PUBLISHED = ((16, 68), (32, 21), (64, 5))
"""Features × positions of the hidden layers of the published network, which hears 700 channels."""
BOX = 0.52
"""Height of a box, in rows."""


def levels(panel: Panel) -> list[tuple[str, str]]:
    """Return, from the top, names and numbers of units: features × positions."""
    n_inputs, n_outputs = panel["sample_input"].shape[-1], panel["classes"].shape[-1]
    names = layers(panel)
    sizes = [panel[f"sample_{number}"].shape[-1] for number in range(1, len(names) + 1)]
    published = [n_inputs, *sizes] == [700, *(f * p for f, p in PUBLISHED)]
    units = [f"{f} × {p}" for f, p in PUBLISHED] if published else sizes
    hidden = [(name, f"{n} LIF") for name, n in zip(names, units, strict=True)]
    return [
        ("input", f"{n_inputs} channels"),
        *hidden,
        ("readout", f"{n_outputs} leaky units"),
    ]


def speech_network(axes: Axes, panel: Panel) -> None:
    """Draw the levels one below the other, one per unit of height, and what connects them."""
    drawn = levels(panel)
    recurrent = panel["recurrent_kernel"][0] > 0
    rounded = f"round,pad=0,rounding_size={BOX / 6}"
    for row, (name, units) in enumerate(drawn):
        y = row + 0.5
        if recurrent and 0 < row < len(drawn) - 1:
            axes.add_patch(
                FancyArrowPatch(
                    (0.95, y - BOX / 4),
                    (0.95, y + BOX / 4),
                    connectionstyle="arc3,rad=-1.3",
                    arrowstyle="-|>",
                    mutation_scale=7,
                    color=NEUTRAL,
                    shrinkA=0,
                    shrinkB=0,
                )
            )
        axes.add_patch(
            FancyBboxPatch(
                (-0.95, y - BOX / 2), 1.9, BOX, boxstyle=rounded, fc="white", ec=INK, lw=0.8
            )
        )
        axes.text(0, y - 0.11, name, ha="center", va="center", size=SMALL, weight="bold")
        axes.text(0, y + 0.12, units, ha="center", va="center", size=6)
        if row:
            axes.annotate(
                "",
                (0, y - BOX / 2),
                (0, y - 1 + BOX / 2),
                arrowprops={"arrowstyle": "-|>", "color": NEUTRAL, "shrinkA": 0, "shrinkB": 0},
            )
    axes.set(xlim=(-1.0, 1.4), ylim=(len(drawn), 0))
    axes.axis("off")
