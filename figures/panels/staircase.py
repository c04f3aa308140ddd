"""The impossible staircase: what two gradients add up to, lap by lap, on a circle of weights.

The floor is the output of figure 5's network in a plane of its weights, with the circle on it. The
height is the running integral of a gradient along the circle. The gradient of a smooth network is
back at its start after each lap. The surrogate gradient is higher by the integral of the loop.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Polygon

from figures.looks import LOOKS, SMOOTHED
from figures.panels import Panel
from figures.style import INK, OUTPUT

TURN, TILT = np.deg2rad(110), np.deg2rad(27)
"""Angles of view: about the vertical, and above the floor."""
RISE = 1.7
"""Height of one unit of output, in units of weight."""
FLOOR = -1.3
"""Height of the floor, in units of output, below all curves."""
STEP = 3
"""Points of a piece of a curve: pieces are drawn from far to near."""
RIM = 1.32
"""Radius of the floor over that of the circle."""
PALE = 1.9
"""Output that would be drawn in the darkest grey: the floor is paler than a map."""

SURROGATE, SMOOTH = (
    LOOKS["surrogate"].fill,
    to_hex(1 - SMOOTHED["alpha"] * (1 - np.array(to_rgb(SMOOTHED["color"])))),
)
"""Gold, and the salmon of a smoothed network on white, which is opaque here."""


class Path(NamedTuple):
    """Places along the circle.

    Attributes:
        x: first direction of the plane.
        y: second direction.
        z: height, units of output.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray


def walk(panel: Panel, running: np.ndarray, left: float, laps: float) -> Path:
    """Return the way along the circle, and the integral of a gradient so far.

    Args:
        panel: A loop of figure 5.
        running: The integral along the first lap, by angle.
        left: What is left after a full lap.
        laps: Length of the way.
    """
    angle, radius = panel["angle"], float(panel["radius"])
    n = angle.size - 1
    last = round(laps * n)
    lap, at = np.divmod(np.arange(last + 1), n)
    # The last point of a lap is the first of the next.
    x, y = radius * np.sin(angle[at]), radius * np.cos(angle[at])
    return Path(x, y, running[at] + lap * left)


def surrogate(panel: Panel, i: int, laps: float) -> Path:
    """Return the way of the surrogate gradient of slope number i."""
    return walk(panel, panel["sg_running"][i], float(panel["sg_loop"][i]), laps)


def smooth(panel: Panel, i: int, laps: float = 1.0) -> Path:
    """Return the way of the gradient of the network smoothed to slope number i."""
    return walk(panel, panel["smoothed_running"][i], float(panel["smoothed_loop"][i]), laps)


def project(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places in the picture, to the right and up, and the distance from the viewer."""
    right = path.x * np.cos(TURN) + path.y * np.sin(TURN)
    away = path.y * np.cos(TURN) - path.x * np.sin(TURN)
    return right, RISE * path.z * np.cos(TILT) + away * np.sin(TILT), away


def draw(
    axes: Axes, panel: Panel, i: int, smoothed: float = 1.0, laps: float = 3.0, size: float = 1.0
) -> list[tuple[float, float]]:
    """Draw the floor, both ways, and a dot after each complete lap of the surrogate gradient.

    Args:
        axes: Where; it loses its frame.
        panel: A loop of figure 5.
        i: Number of the slope.
        smoothed: Laps of the smooth network's gradient.
        laps: Laps of the surrogate gradient.
        size: Scale of lines and dots; 1 in print.

    Returns:
        Places of the dots, in data of the axes, the start first.
    """
    axes.set_aspect("equal")
    axes.axis("off")
    _floor(axes, panel, size)
    ways = [(smooth(panel, i, smoothed), SMOOTH, 2.6), (surrogate(panel, i, laps), SURROGATE, 1.9)]
    _posts(axes, ways[0][0], size)
    _curves(axes, ways, size)
    # The start, and what is above it after each lap.
    radius, left = float(panel["radius"]), float(panel["sg_loop"][i])
    done = np.arange(int(laps + 1e-9) + 1)
    column = Path(np.zeros(done.size), np.full(done.size, radius), left * done)
    x, y, _ = project(column)
    foot = project(Path(np.zeros(1), np.array([radius]), np.array([FLOOR])))
    dotted = {"color": INK, "lw": 0.9 * size, "ls": (0, (1, 1.6)), "zorder": 9}
    axes.plot([x[0], x[-1]], [foot[1][0], y[-1]], **dotted)
    dot: dict[str, Any] = {"ls": "", "marker": "o", "mec": INK, "mew": 0.7 * size, "zorder": 10}
    axes.plot(x[:1], y[:1], mfc=SMOOTH, ms=4.5 * size, **dot)
    axes.plot(x[1:], y[1:], mfc=SURROGATE, ms=4.5 * size, **dot)
    for way, color, _ in ways:
        if way.z.size > 1 and way.z.size % (panel["angle"].size - 1) != 1:
            here = project(Path(*(values[-1:] for values in way)))
            axes.plot(*here[:2], mfc=color, ms=3.8 * size, **dot)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def fit(axes: Axes, panel: Panel, i: int, laps: float = 3.0) -> None:
    """Set the limits so that all of the picture fits, whatever is drawn of it."""
    parts = [_ring(panel, RIM), surrogate(panel, i, laps), smooth(panel, i)]
    places = [np.concatenate(each) for each in zip(*map(project, parts), strict=True)]
    for limit, values in ((axes.set_xlim, places[0]), (axes.set_ylim, places[1])):
        low, high = values.min(), values.max()
        limit(low - 0.02 * (high - low), high + 0.04 * (high - low))


def _ring(panel: Panel, share: float = 1.0) -> Path:
    """Return a circle on the floor, whose radius is a share of that of the loop."""
    x, y, z = walk(panel, np.full(panel["angle"].size, FLOOR), 0.0, 1.0)
    return Path(share * x, share * y, z)


def _floor(axes: Axes, panel: Panel, size: float) -> None:
    # The first axis of the plane is the first direction.
    x, y = np.meshgrid(panel["plane_axis"], panel["plane_axis"], indexing="ij")
    right, up, _ = project(Path(x, y, np.full(x.shape, FLOOR)))
    filled = axes.contourf(right, up, _softened(panel["plane_output"]), np.linspace(-0.025, 1.025, 22), cmap=OUTPUT)
    rim = Polygon(np.column_stack(project(_ring(panel, RIM))[:2]), transform=axes.transData)
    filled.set(clim=(0, PALE), zorder=0, clip_path=rim)
    right, up, _ = project(_ring(panel))
    axes.plot(right, up, color="white", lw=2.2 * size, zorder=1)
    axes.plot(right, up, color=INK, lw=0.9 * size, zorder=1)


def _softened(output: np.ndarray) -> np.ndarray:
    """Return means over squares of three places: jumps between places are no staircase then."""
    padded = np.pad(output.astype(float), 1, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).mean(axis=(2, 3))


def _posts(axes: Axes, way: Path, size: float) -> None:
    """Draw thin lines from the circle up to the smooth network's curve."""
    every = slice(None, None, 10)
    right, up, _ = project(Path(*(values[every] for values in way)))
    foot = project(Path(way.x[every], way.y[every], np.full(way.x[every].size, FLOOR)))
    axes.vlines(right, foot[1], up, color=SMOOTH, lw=0.5 * size, zorder=1.5)


def _curves(axes: Axes, ways: list[tuple[Path, str, float]], size: float) -> None:
    """Draw curves in pieces, far ones first, each with a white edge over what lies behind it."""
    pieces = []
    for nearer, (way, color, width) in enumerate(ways):
        right, up, away = project(way)
        # Where both curves coincide, the second one is on top.
        away = away - 0.2 * nearer
        for start in range(0, way.z.size - 1, STEP):
            part = slice(start, start + STEP + 1)
            pieces.append((away[part].mean(), right[part], up[part], color, width * size))
    for i, (_, right, up, color, width) in enumerate(sorted(pieces, key=lambda each: -each[0])):
        order = 2 + i / len(pieces)
        axes.plot(right, up, color="white", lw=2 * width, solid_capstyle="butt", zorder=order)
        axes.plot(right, up, color=color, lw=width, solid_capstyle="round", zorder=order)
