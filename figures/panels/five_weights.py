"""The network of figures 4 and 5, sketched."""

from matplotlib.axes import Axes

from figures.panels.schematic import Arrow, Node, canvas, draw_schematic
from figures.style import NEUTRAL, SMALL

NODES = {
    "x": Node((0.6, 1.9), "$x$", face=NEUTRAL, square=True, radius=0.42),
    "g": Node((2.6, 1.9), "$g$"),
    "h1": Node((4.6, 3.1), "$h_1$"),
    "h2": Node((4.6, 0.7), "$h_2$"),
    "y": Node((6.6, 1.9), "$y$"),
}
ARROWS = (
    Arrow("x", "g", "$w$"),
    Arrow("g", "h1", "$v_1$", side=1),
    Arrow("g", "h2", "$v_2$", side=-1),
    Arrow("h1", "y", "$u_1$", side=1),
    Arrow("h2", "y", "$u_2$", side=-1),
)


def draw_network(axes: Axes, *words: str) -> None:
    """Draw neurons and weights, and below them lines of text."""
    spacing = 0.78
    bottom = -spacing * len(words)
    canvas(axes, 7.2, 3.8)
    axes.set_ylim(bottom, 3.8)
    axes.set_anchor("N")
    draw_schematic(axes, NODES, ARROWS)
    for i, line in enumerate(words):
        axes.text(3.6, -spacing * (i + 0.4), line, ha="center", va="center", size=SMALL)
