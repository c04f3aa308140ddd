"""The surrogate gradient against smoothed stochastic derivatives, path by path."""

from collections.abc import Sequence

import numpy as np

from figures.looks import LOOKS, NO_ERROR
from figures.numerals import printed
from figures.style import INK, SMALL

COUPLINGS = ("straight_through", "right", "left", "two_sided")
"""In the order of the numbers."""
LINEAR = 1e-2
"""Up to here the axes are linear, and logarithmic beyond."""
TICKS, COARSE_TICKS = (-10, -0.1, 0, 0.1, 10), (-1000, -1, 0, 1, 1000)


def draw_couplings(row: np.ndarray, data: dict[str, np.ndarray], shown: Sequence[str]) -> None:
    """Draw every derivative on every path, by some of the couplings."""
    limit = 8 * np.abs(data["smoothed"]).max()
    for axes, name in zip(row, shown, strict=True):
        place, look, sg = COUPLINGS.index(name), LOOKS[f"smoothed_{name}"], data["surrogate"]
        area = np.repeat(2 + 120 * data["probability"], sg.shape[1])
        axes.plot([-limit, limit], [-limit, limit], color=INK, lw=0.6, zorder=1)
        axes.scatter(sg, data["smoothed"][place], s=area, c=look.fill, ec=INK, lw=0.3, alpha=0.8)
        for scale in (axes.set_xscale, axes.set_yscale):
            scale("symlog", linthresh=LINEAR)
        most, relative = data["largest_difference"][place], data["relative_difference"][place]
        text = f"rms difference {relative:.2f} × SG" if most > NO_ERROR else "identical"
        axes.set_title(f"{look.label.removeprefix('smoothed, ')}:\n{text}", size=7)
        axes.set(box_aspect=1)
        axes.set_xlabel("SG, matched (symlog;\narea: path probability)", size=SMALL)
    ticks = [tick for tick in (TICKS if limit < 1000 else COARSE_TICKS) if abs(tick) <= limit]
    labels = [printed(tick) for tick in ticks]
    row[0].set(xlim=(-limit, limit), ylim=(-limit, limit))
    row[0].set_ylabel("smoothed derivative", size=7)
    row[0].set_xticks(ticks, labels)
    row[0].set_yticks(ticks, labels)
    for axes in row:
        axes.tick_params(labelsize=6)
    row[0].minorticks_off()
