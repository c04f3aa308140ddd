"""The network that hears spoken digits, level by level beside its activity."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from figures.style import INK, NEUTRAL, SMALL

LEVELS = (
    ("input", "700 channels"),
    ("layer 1", "16 × 68 LIF"),
    ("layer 2", "32 × 21 LIF"),
    ("layer 3", "64 × 5 LIF"),
    ("readout", "20 leaky units"),
)
"""From the top: name, and features × positions."""
BOX = 0.52
"""Height of a box, in rows."""


def speech_network(axes: Axes) -> None:
    """Draws the levels one below the other, one per unit of height, and what connects them."""
    rounded = f"round,pad=0,rounding_size={BOX / 6}"
    for row, (name, units) in enumerate(LEVELS):
        y = row + 0.5
        if 0 < row < len(LEVELS) - 1:
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
    axes.set(xlim=(-1.0, 1.4), ylim=(len(LEVELS), 0))
    axes.axis("off")
