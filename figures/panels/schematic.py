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
        face: its colour; none for a name alone.
        radius: half its width, and how far from the centre arrows end.
        square: whether it is an input, with its name in white.
        size: of its name, points.
    """

    at: Point
    text: str = ""
    face: str = "white"
    radius: float = 0.5
    square: bool = False
    size: float = 8


@dataclass(frozen=True)
class Arrow:
    """A connection between nodes.

    Attributes:
        start: key of its first node.
        end: key of its last node.
        text: its weight.
        along: place of the text, as a share of the way.
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
    for connection in arrows:
        _connect(axes, nodes[connection.start], nodes[connection.end], connection)


def canvas(axes: Axes, width: float, height: float) -> None:
    """Prepare axes to draw in: from 0 to width and height, equal units, no frame."""
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")


def arrow(axes: Axes, start: Point, end: Point, *, bend: float = 0.0, **look: Any) -> None:
    """Draw an arrow from point to point."""
    look = {"arrowstyle": HEAD, "mutation_scale": 1, "lw": 0.8, "ls": "-", "color": INK} | look
    way = {"connectionstyle": f"arc3,rad={bend}", "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, zorder=1, **way, **look))


def pointer(axes: Axes, start: Point, end: Point, **look: Any) -> None:
    """Draw an arrow from point to point that has the size of letters, whatever the axes' units."""
    look = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0} | look
    axes.annotate("", end, start, arrowprops=look)


def box(
    axes: Axes, at: Point, width: float, height: float, rounding: float = 0, face: str = "white"
) -> None:
    """Draw a box around a point, with round corners of a radius."""
    corner = (at[0] - width / 2, at[1] - height / 2)
    style = f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0"
    look = {"boxstyle": style, "fc": face, "ec": INK, "lw": 0.8, "zorder": 2}
    axes.add_patch(FancyBboxPatch(corner, width, height, **look))


def _named_box(axes: Axes, at: Point, size: float, text: str) -> None:
    box(axes, at, size, size, 0.13 * size)
    below = at[1] - 0.65 * size
    axes.text(at[0], below, text, ha="center", va="top", size=7, color=INK)


def step_box(axes: Axes, at: Point, size: float, color: str, *, noisy: bool) -> None:
    """Draw what turns a potential into a spike: a threshold, or an escape noise (a smooth step)."""
    x = np.linspace(-1, 1, 101)
    curve = 1 / (1 + np.exp(-5 * x)) if noisy else np.where(x > 0, 1.0, 0.0)
    _named_box(axes, at, size, "escape noise" if noisy else "step")
    axes.plot(
        at[0] + 0.36 * size * x, at[1] + 0.55 * size * (curve - 0.5), color=color, lw=1.8, zorder=3
    )


def coin_box(axes: Axes, at: Point, size: float, color: str) -> None:
    """Draw a toss of a biased coin: the probabilities of no spike and of a spike."""
    x, y = at
    _named_box(axes, at, size, "Bernoulli")
    bars = np.array([x - 0.23 * size, x + 0.23 * size])
    bottom = y - 0.18 * size
    axes.bar(bars, [0.2 * size, 0.5 * size], 0.28 * size, bottom, color=color, zorder=3)
    for at_bar, digit in zip(bars, "01", strict=True):
        axes.text(at_bar, bottom - 0.03 * size, digit, ha="center", va="top", size=6, color=INK)


def _node(axes: Axes, node: Node) -> None:
    if node.square:
        box(axes, node.at, 2 * node.radius, 2 * node.radius, face=node.face)
    elif node.face:
        axes.add_patch(Circle(node.at, node.radius, fc=node.face, ec=INK, lw=0.8, zorder=2))
    middle = {"ha": "center", "va": "center_baseline", "zorder": 3}
    ink = "white" if node.square else INK
    axes.text(*node.at, node.text, size=node.size, color=ink, **middle)


def _connect(axes: Axes, start: Node, end: Node, each: Arrow) -> None:
    """Draw an arrow from rim to rim; a bent arrow starts and ends on the outer side."""
    way = np.subtract(end.at, start.at)
    length = np.hypot(*way)
    direction = way / length
    normal = np.array([-direction[1], direction[0]])
    turn = np.arctan(2 * each.bend)
    leaving = np.cos(turn) * direction - np.sin(turn) * normal
    arriving = np.cos(turn) * direction + np.sin(turn) * normal
    tail = start.at + leaving * (start.radius + (0 if start.face else GAP))
    tip = end.at - arriving * (end.radius + GAP)
    look = {"color": each.color, "ls": each.dashes}
    arrow(axes, (tail[0], tail[1]), (tip[0], tip[1]), bend=each.bend, **look)
    if each.text:
        side = -np.sign(each.bend) if each.bend else each.side
        bow = 0.5 * each.bend * np.hypot(*(tip - tail))
        x, y = tail + each.along * (tip - tail) + (0.33 * side - bow) * normal
        axes.text(x, y, each.text, ha="center", va="center", size=7, color=each.color, zorder=3)
