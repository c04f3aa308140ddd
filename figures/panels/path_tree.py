"""A stochastic network and the tree of all its paths of spikes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from figures.looks import FAMILIES, LOOKS
from figures.style import BRANCH, INK, NEUTRAL, SMALL

TAKEN, SPIKED = LOOKS["surrogate"].color, LOOKS["surrogate"].fill
"""Colours of the sampled path, and of its neurons that spiked."""
FLIPPED = {"color": FAMILIES["unbiased"], "lw": 1.5, "ls": (0, (3, 1.2))}
"""Look of the path with a flipped spike."""

MOST_STATES = 16
"""Most states of the first layer that are drawn."""


def draw_network(axes: Axes, sizes: np.ndarray, state: np.ndarray) -> None:
    """Draw the neurons of a layered network, filled if they spiked.

    Args:
        axes: where to draw.
        sizes: number of inputs, then of neurons per layer.
        state: spikes of one trial, input side first, ``(neuron,)``.
    """
    closer = min(1.0, 2 / max(1, max(sizes) - 1))
    positions = [(x, closer * (np.arange(n)[::-1] - (n - 1) / 2)) for x, n in enumerate(sizes)]
    for (x0, ys0), (x1, ys1) in zip(positions, positions[1:], strict=False):
        lines = [[(x0, a), (x1, b)] for a in ys0 for b in ys1]
        axes.add_collection(LineCollection(lines, colors=BRANCH, linewidths=0.6, zorder=1))
    spikes = np.split(state, np.cumsum(sizes[1:])[:-1])
    names = ["$x$", *(f"$h_{i + 1}$" for i in range(len(sizes) - 2)), "$y$"]
    for level, (x, ys) in enumerate(positions):
        face, marker = [NEUTRAL] * len(ys), "s"
        if level:
            face, marker = [SPIKED if s else "white" for s in spikes[level - 1]], "o"
        axes.scatter([x] * len(ys), ys, s=48, c=face, marker=marker, ec=INK, lw=0.7, zorder=2)
        axes.text(x, 1.55, names[level], ha="center", va="bottom")
    axes.text((len(sizes) - 1) / 2, -1.35, "filled: spike", ha="center", va="center", size=SMALL)
    axes.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(-1.9, 1.9))
    axes.axis("off")


def draw_tree(
    axes: Axes,
    sizes: np.ndarray,
    states: np.ndarray,
    probability: np.ndarray,
    sampled: int,
    flipped: int,
) -> None:
    """Draw all paths, layer by layer from left to right, and highlight two.

    Args:
        axes: where to draw.
        sizes: number of inputs, then of neurons per layer.
        states: spikes of every path, ``(path, neuron)``.
        probability: probability of every path, ``(path,)``.
        sampled: index of the original path.
        flipped: index of the perturbed path, with one spike flipped.
    """
    order = np.lexsort(states.T[::-1])
    states, probability = states[order], probability[order]
    sampled, flipped = (int(np.flatnonzero(order == path)[0]) for path in (sampled, flipped))
    height = np.linspace(1, -1, len(states))
    thinnest = 0.3 * min(1.0, 64 / len(states))
    way = np.linspace(0, 1, 25)
    rise = (1 - np.cos(np.pi * way)) / 2
    nodes = [_level(states[:, :end], height) for end in (0, *np.cumsum(sizes[1:]))]
    for x, ((up, y_up), (down, y_down)) in enumerate(zip(nodes, nodes[1:], strict=False)):
        branches = np.unique(down)
        parents = [up[down == branch][0] for branch in branches]
        weight = np.array([probability[down == branch].sum() for branch in branches])
        ends = zip(y_up[parents], y_down[branches], strict=True)
        curves = [np.column_stack([x + way, y + (end - y) * rise]) for y, end in ends]
        taken = branches == down[sampled]
        for chosen, color, z in ((~taken, BRANCH, 1), (taken, TAKEN, 2)):
            axes.add_collection(
                LineCollection(
                    [c for c, use in zip(curves, chosen, strict=True) if use],
                    colors=color,
                    linewidths=thinnest + 9 * weight[chosen],
                    capstyle="round",
                    zorder=z,
                )
            )
        (way_of_flip,) = np.flatnonzero(branches == down[flipped])
        axes.plot(*curves[way_of_flip].T, zorder=3, **FLIPPED)
    first, heights = nodes[1]
    for i, y in enumerate(heights if len(heights) <= MOST_STATES else ()):
        _state(axes, 1, y, states[first == i][0, : sizes[1]], color=INK)
    for path, color in ((sampled, SPIKED), (flipped, FLIPPED["color"])):
        spikes = np.split(states[path], np.cumsum(sizes[1:])[:-1])
        for x, spike in enumerate(spikes[1:], start=2):
            _state(axes, x, float(nodes[x][1][nodes[x][0][path]]), spike, color=color)
    axes.scatter(0, 0, s=30, c=NEUTRAL, marker="s", ec=INK, lw=0.7, zorder=3)
    _bars(axes, len(sizes) - 1 + 0.1, height, probability, sampled)
    for x, n in enumerate(np.cumsum(sizes[1:]), start=1):
        axes.text(x, 1.12, f"$2^{{{n}}}$ paths", ha="center", va="bottom", size=7)
    axes.text(len(sizes) - 1 + 0.1, -1.08, "probability", va="top", size=7)
    axes.set(xlim=(-0.1, len(sizes) - 1 + 0.65), ylim=(-1.2, 1.3))
    axes.axis("off")


def _bars(axes: Axes, x: float, y: np.ndarray, probability: np.ndarray, sampled: int) -> None:
    """Draw the probability of each path as a bar to the right of x, at most half a layer long."""
    colors = [BRANCH] * len(y)
    colors[sampled] = TAKEN
    thickness = min(1.5 / len(y), 0.06)
    axes.barh(y, 0.5 * probability / probability.max(), thickness, left=x, color=colors)
    axes.plot([x, x], [y.min(), y.max()], color=INK, lw=0.5)


def _level(prefixes: np.ndarray, height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the node of each path at one level, and the height of each node."""
    _, node = np.unique(prefixes, axis=0, return_inverse=True)
    node = node.ravel()
    return node, np.bincount(node, height) / np.bincount(node)


def _state(axes: Axes, x: float, y: float, spikes: np.ndarray, color: str) -> None:
    """Draw the spikes of a layer as a row of squares."""
    for i, s in enumerate(spikes):
        at = x + 0.08 * (i - (len(spikes) - 1) / 2)
        face = color if s else "white"
        axes.scatter(at, y, s=13, c=face, marker="s", ec=INK, lw=0.5, zorder=4)
