"""Sketches of neurons and networks: nodes, boxes and arrows between them.

Coordinates are those of the axes, which get equal units and no frame.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from figures.style import INK

Point = tuple[float, float]

HEAD = "-|>,head_width=1.6,head_length=3"
GAP = 0.06
"""Between a node and the tip of an arrow."""


@dataclass(frozen=True)
class Node:
    """A neuron or an input.

    Attributes:
        at: centre.
        text: its name.
        face: its colour.
        ink: colour of its name.
        radius: half its width; 0 for a name alone.
        square: whether it is an input.
        reach: how far from the centre arrows end, if not at the radius.
        size: of its name, points.
    """

    at: Point
    text: str = ""
    face: str = "white"
    ink: str = INK
    radius: float = 0.5
    square: bool = False
    reach: float | None = None
    size: float = 8


@dataclass(frozen=True)
class Arrow:
    """A connection between nodes.

    Attributes:
        start: key of its first node.
        end: key of its last node.
        text: its weight.
        along: where the text stands, as a share of the way.
        side: 1 for a text to the left of the way, -1 to the right; outside of a bend anyway.
        bend: curvature, as a share of the length; positive bends to the right of the way.
        color: its colour.
        dashes: line style.
    """

    start: str
    end: str
    text: str = ""
    along: float = 0.5
    side: int = 1
    bend: float = 0.0
    color: str = INK
    dashes: str = "-"


def draw_schematic(axes: Axes, nodes: Mapping[str, Node], arrows: Iterable[Arrow]) -> None:
    """Draw nodes by name, and arrows between them, in axes from `canvas`."""
    for node in nodes.values():
        _node(axes, node)
    for each in arrows:
        _connect(axes, nodes[each.start], nodes[each.end], each)


def canvas(axes: Axes, width: float, height: float) -> None:
    """Prepare axes to draw in: from 0 to width and height, equal units, no frame."""
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")


def arrow(
    axes: Axes, start: Point, end: Point, color: str = INK, *, bend: float = 0.0, ls: str = "-"
) -> None:
    """Draw an arrow from point to point."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle=HEAD,
            connectionstyle=f"arc3,rad={bend}",
            mutation_scale=1,
            shrinkA=0,
            shrinkB=0,
            lw=0.8,
            ls=ls,
            color=color,
            zorder=1,
        )
    )


def pointer(axes: Axes, start: Point, end: Point, **look: Any) -> None:
    """Draw an arrow from point to point that has the size of letters, whatever the axes' units."""
    look = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0} | look
    axes.annotate("", end, start, arrowprops=look)


def box(axes: Axes, at: Point, size: float, text: str) -> None:
    """Draw a box with round corners and something that is named below it."""
    x, y = at
    corner = (x - size / 2, y - size / 2)
    style = f"round,pad=0,rounding_size={0.13 * size}"
    axes.add_patch(
        FancyBboxPatch(corner, size, size, boxstyle=style, fc="white", ec=INK, lw=0.8, zorder=2)
    )
    axes.text(x, y - 0.65 * size, text, ha="center", va="top", size=7, color=INK)


def step_box(axes: Axes, at: Point, size: float, color: str, *, noisy: bool) -> None:
    """Draw what turns a potential into a spike: a threshold, or an escape noise (a smooth step)."""
    x = np.linspace(-1, 1, 101)
    curve = 1 / (1 + np.exp(-5 * x)) if noisy else np.where(x > 0, 1.0, 0.0)
    box(axes, at, size, "escape noise" if noisy else "step")
    axes.plot(
        at[0] + 0.36 * size * x, at[1] + 0.55 * size * (curve - 0.5), color=color, lw=1.8, zorder=3
    )


def coin_box(axes: Axes, at: Point, size: float, color: str) -> None:
    """Draw a toss of a biased coin: the probabilities of no spike and of a spike."""
    x, y = at
    box(axes, at, size, "Bernoulli")
    bars = np.array([x - 0.23 * size, x + 0.23 * size])
    bottom = y - 0.18 * size
    axes.bar(bars, [0.2 * size, 0.5 * size], 0.28 * size, bottom, color=color, zorder=3)
    for at_bar, digit in zip(bars, "01", strict=True):
        axes.text(at_bar, bottom - 0.03 * size, digit, ha="center", va="top", size=6, color=INK)


def _reach(node: Node) -> float:
    return node.radius if node.reach is None else node.reach


def _node(axes: Axes, node: Node) -> None:
    (x, y), r = node.at, node.radius
    look = {"fc": node.face, "ec": INK, "lw": 0.8, "zorder": 2}
    if r and node.square:
        axes.add_patch(
            FancyBboxPatch((x - r, y - r), 2 * r, 2 * r, boxstyle="square,pad=0", **look)
        )
    elif r:
        axes.add_patch(Circle(node.at, r, **look))
    axes.text(
        x, y, node.text, ha="center", va="center_baseline", size=node.size, color=node.ink, zorder=3
    )


def _connect(axes: Axes, start: Node, end: Node, each: Arrow) -> None:
    """Draw an arrow from rim to rim; a bent one leaves and arrives on the side it bends to."""
    way = np.subtract(end.at, start.at)
    length = np.hypot(*way)
    direction = way / length
    left = np.array([-direction[1], direction[0]])
    turn = np.arctan(2 * each.bend)
    leaving = np.cos(turn) * direction - np.sin(turn) * left
    arriving = np.cos(turn) * direction + np.sin(turn) * left
    tail = start.at + leaving * (_reach(start) + (0 if start.radius else GAP))
    tip = end.at - arriving * (_reach(end) + GAP)
    arrow(axes, (tail[0], tail[1]), (tip[0], tip[1]), each.color, bend=each.bend, ls=each.dashes)
    if each.text:
        side = -np.sign(each.bend) if each.bend else each.side
        bow = 0.5 * each.bend * np.hypot(*(tip - tail))
        x, y = tail + each.along * (tip - tail) + (0.33 * side - bow) * left
        axes.text(x, y, each.text, ha="center", va="center", size=7, color=each.color, zorder=3)
