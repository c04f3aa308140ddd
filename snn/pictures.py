"""Pictures of what was measured: the one module of this package that knows Matplotlib.

It is imported when a picture is asked for, and Matplotlib when one is drawn: nothing else needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from snn.comparison import Comparison


def new_figure(width: float, height: float) -> Figure:
    """An empty figure that belongs to no window, in inches.

    Raises:
        ImportError: without matplotlib, which is not installed along with this package.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "snn: matplotlib is not installed, and pictures need it. Install it with "
            "`pip install matplotlib`."
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def comparison(found: Comparison) -> Figure:
    """Cosine and norm ratio of each candidate, group by group, with standard errors."""
    groups = [t.group for t in found.truth]
    figure = new_figure(7.0, 1.2 + 0.35 * len(groups))
    left, right = figure.subplots(1, 2, sharey=True)
    draw_rows(left, found, "cosine")
    draw_rows(right, found, "ratio")
    left.set_xlabel("cosine to the true gradient")
    right.set_xlabel("norm over that of the true gradient")
    right.set_xscale("log")
    left.set_yticks(range(len(groups)), groups)
    left.invert_yaxis()
    names = list(dict.fromkeys(row.candidate for row in found.rows))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(names))
    return figure


def draw_rows(axes: Any, found: Comparison, what: str) -> None:
    """One number of all candidates, a marker each; what is unknown is left out."""
    groups = [t.group for t in found.truth]
    names = list(dict.fromkeys(row.candidate for row in found.rows))
    axes.axvline(1.0, color="0.6", lw=0.8)
    for i, name in enumerate(names):
        rows = [row for row in found.rows if row.candidate == name]
        x = np.array([getattr(row, what) if row.known else np.nan for row in rows])
        error = np.array([getattr(row, f"{what}_se") for row in rows])
        y = np.arange(len(groups)) + 0.12 * (i - (len(names) - 1) / 2)
        axes.errorbar(x, y, xerr=error, fmt="osD^vPX*"[i % 8], ms=4, lw=1, label=name)
