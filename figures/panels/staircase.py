"""The impossible staircase: what two gradients add up to, lap by lap, on a circle of weights.

The floor is the output of figure 5's network in a plane of its weights, with the circle on it. The
height is the running integral of a gradient along the circle. The gradient of a smooth network is
back at its start after each lap. The surrogate gradient is higher by the integral of the loop.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Polygon

from figures.looks import LOOKS, SMOOTHED
from figures.numerals import printed
from figures.panels import Panel
from figures.style import INK, OUTPUT

USUAL = 5.0
"""Slope of the surrogate in the staircase, or the nearest one."""
TURN, TILT = np.deg2rad(92), np.deg2rad(27)
"""Angles of view: about the vertical, and above the floor. The start is at the right end."""
HEIGHT, BELOW = 1.9, 0.22
"""Height of all curves, and of the room below them, over the circle's radius and that height."""
RIM = 1.32
"""Radius of the floor over that of the circle."""
PALE = 1.9
"""Output that would be drawn in the darkest grey: the floor is paler than a map."""
STEP = 3
"""Points of a piece of a curve: pieces are drawn from far to near."""

GOLD = LOOKS["surrogate"]
SALMON = to_hex(1 - SMOOTHED["alpha"] * (1 - np.array(to_rgb(SMOOTHED["color"]))))
"""The colour of a smoothed network on white, which is opaque here."""


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


class Staircase:
    """The staircase of a loop.

    Attributes:
        panel: A loop of figure 5.
        i: Number of the surrogate's slope.
        left: What the surrogate gradient leaves after a lap.
        laps: Most laps.
    """

    def __init__(self, panel: Panel, laps: int = 3) -> None:
        """Choose the usual slope, and fit the view to all laps."""
        slopes = np.asarray(panel["beta_surrogate"])
        self.panel, self.laps = panel, laps
        self.i = int(np.argmin(np.abs(np.log(slopes / USUAL))))
        self.left = float(panel["sg_loop"][self.i])
        self._radius = float(panel["radius"])
        heights = np.concatenate([self.surrogate(laps).z, self.smooth(1).z])
        size = float(np.ptp(heights)) or 1.0
        self._rise = HEIGHT * self._radius / size
        self._floor = float(heights.min()) - BELOW * size

    def surrogate(self, laps: float) -> Path:
        """Return the way of the surrogate gradient: the circle, and the integral so far."""
        return self._walk(self.panel["sg_running"][self.i], self.left, laps)

    def smooth(self, laps: float) -> Path:
        """Return the way of the gradient of the network smoothed to the same slope."""
        left = float(self.panel["smoothed_loop"][self.i])
        return self._walk(self.panel["smoothed_running"][self.i], left, laps)

    def _walk(self, running: np.ndarray, left: float, laps: float) -> Path:
        n = running.size - 1
        # The last point of a lap is the first of the next.
        lap, at = np.divmod(np.arange(round(laps * n) + 1), n)
        angle = self.panel["angle"][at]
        return Path(
            self._radius * np.sin(angle), self._radius * np.cos(angle), running[at] + lap * left
        )

    def ring(self, share: float = 1.0) -> Path:
        """Return a circle on the floor, whose radius is a share of the loop's."""
        x, y, z = self._walk(np.full(self.panel["angle"].size, self._floor), 0.0, 1)
        return Path(share * x, share * y, z)

    def project(self, path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return places in the picture, to the right and up, and the distance from the viewer."""
        right = path.x * np.cos(TURN) + path.y * np.sin(TURN)
        away = path.y * np.cos(TURN) - path.x * np.sin(TURN)
        return right, self._rise * path.z * np.cos(TILT) + away * np.sin(TILT), away

    def draw(self, axes: Axes, smoothed: float = 1, laps: float = 3, size: float = 1) -> None:
        """Draw the floor, both ways, and a dot with its height after each complete lap.

        Args:
            axes: Where; it loses its frame.
            smoothed: Laps of the smooth network's gradient.
            laps: Laps of the surrogate gradient.
            size: Scale of lines, dots and letters; 1 in print.
        """
        axes.set(aspect="equal")
        axes.axis("off")
        self._draw_floor(axes, size)
        smooth, climb = self.smooth(smoothed), self.surrogate(laps)
        self._draw_posts(axes, smooth, size)
        self._draw_curves(axes, ((smooth, SALMON, 2.6 * size), (climb, GOLD.fill, 1.9 * size)))
        self._draw_laps(axes, int(laps + 1e-9), size)
        for way, color in ((smooth, SALMON), (climb, GOLD.fill)):
            if way.z.size % (self.panel["angle"].size - 1) != 1:  # between two laps
                right, up, _ = self.project(Path(*(values[-1:] for values in way)))
                axes.plot(
                    right, up, "o", mfc=color, mec=INK, mew=0.7 * size, ms=3.8 * size, zorder=10
                )
        # All of the picture fits, whatever is drawn of it.
        parts = self.ring(RIM), self.surrogate(self.laps), self.smooth(1)
        places = [np.concatenate(each) for each in zip(*map(self.project, parts), strict=True)]
        for limit, values in ((axes.set_xlim, places[0]), (axes.set_ylim, places[1])):
            low, high = values.min(), values.max()
            limit(low - 0.02 * (high - low), high + 0.04 * (high - low))

    def _draw_floor(self, axes: Axes, size: float) -> None:
        # The first axis of the plane is the first direction.
        x, y = np.meshgrid(self.panel["plane_axis"], self.panel["plane_axis"], indexing="ij")
        right, up, _ = self.project(Path(x, y, np.full(x.shape, self._floor)))
        # Means of three by three places: which smooth the edges of the areas.
        output = np.pad(self.panel["plane_output"].astype(float), 1, mode="edge")
        soft = np.lib.stride_tricks.sliding_window_view(output, (3, 3)).mean(axis=(2, 3))
        filled = axes.contourf(right, up, soft, np.linspace(-0.025, 1.025, 22), cmap=OUTPUT)
        rim = np.column_stack(self.project(self.ring(RIM))[:2])
        filled.set(clim=(0, PALE), zorder=0, rasterized=True)
        filled.set_clip_path(Polygon(rim, transform=axes.transData))
        right, up, _ = self.project(self.ring())
        axes.plot(right, up, color="white", lw=2.2 * size, zorder=1)
        axes.plot(right, up, color=INK, lw=0.9 * size, zorder=1)

    def _draw_posts(self, axes: Axes, way: Path, size: float) -> None:
        """Draw thin lines from the circle up to the smooth network's curve."""
        top = Path(*(values[::10] for values in way))
        right, up, _ = self.project(top)
        foot = self.project(Path(top.x, top.y, np.full(top.x.size, self._floor)))[1]
        axes.vlines(right, foot, up, color=SALMON, lw=0.5 * size, zorder=1.5)

    def _draw_curves(self, axes: Axes, ways: Sequence[tuple[Path, str, float]]) -> None:
        """Draw curves in pieces, far ones first, each with a white edge over what is behind it."""
        pieces = []
        for i, (way, color, width) in enumerate(ways):
            right, up, away = self.project(way)
            # Where curves coincide, the later one is on top.
            away = away - 0.1 * self._radius * i
            for start in range(0, way.z.size - 1, STEP):
                part = slice(start, start + STEP + 1)
                pieces.append((away[part].mean(), right[part], up[part], color, width))
        for i, (_, right, up, color, width) in enumerate(sorted(pieces, key=lambda x: -x[0])):
            order = 2 + i / len(pieces)
            axes.plot(right, up, color="white", lw=2 * width, solid_capstyle="butt", zorder=order)
            axes.plot(right, up, color=color, lw=width, solid_capstyle="round", zorder=order)

    def _draw_laps(self, axes: Axes, laps: int, size: float) -> None:
        """Draw the start, and above it a dot for each lap with its height."""
        heights = np.array([self._floor, *self.left * np.arange(laps + 1)])
        right, up, _ = self.project(
            Path(np.zeros(heights.size), np.full(heights.size, self._radius), heights)
        )
        axes.plot(right[:2], up[:2], color=INK, lw=0.9 * size, ls=(0, (1, 1.6)), zorder=9)
        axes.plot(right[1:], up[1:], color=INK, lw=0.9 * size, ls=(0, (1, 1.6)), zorder=9)
        dot: dict[str, Any] = {"mec": INK, "mew": 0.7 * size, "ms": 4.5 * size, "zorder": 10}
        words: dict[str, Any] = {"textcoords": "offset points", "va": "center", "zorder": 11}
        for lap, place in enumerate(zip(right[1:], up[1:], strict=True)):
            axes.plot(*place, "o", mfc=GOLD.fill if lap else SALMON, **dot)
            text = printed(lap * self.left, "+.2f") if lap else "start"
            look = {"color": GOLD.ink, "weight": "bold"} if lap else {"color": INK}
            axes.annotate(text, place, (8 * size, 0), size=7 * size, **look, **words)
