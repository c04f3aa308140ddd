"""Loss curves of trainings by several estimators, and the table of their final losses."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.estimator_looks import EDGE, Look
from figures.style import DETERMINISTIC, NEUTRAL, STOCHASTIC, THIRD

Panel = dict[str, np.ndarray]

METHODS = {
    "through": Look("SG, through", STOCHASTIC, "o"),
    "through_one": Look("SG, through, 1 trial", STOCHASTIC, "o", (0, (1, 1))),
    "detached": Look("SG, detached", THIRD, "s", (0, (4, 1.5))),
    "super_spike": Look("SuperSpike", "#7a3b8f", "^", (0, (4, 1, 1, 1))),
    "score_function": Look("score function", NEUTRAL, "v", (0, (4, 1.5))),
    "stochastic_ad": Look("stochastic AD", DETERMINISTIC, "P"),
    "stochastic_ad_more": Look("stochastic AD, 4×", DETERMINISTIC, "P", (0, (1, 1))),
}


TICKS = (0.05, 0.1, 0.2, 0.5, 1.0)


def draw_curves(axes: Axes, data: dict[str, Panel], against: str) -> None:
    """Median over tasks of the loss relative to that before training, and the quartiles."""
    for name, look in METHODS.items():
        if name not in data:
            continue
        panel = data[name]
        loss = panel["loss"][:, panel["chosen"][0]]
        low, middle, high = np.quantile(loss / loss[:, :1], (0.25, 0.5, 0.75), axis=0)
        x = panel[against][0]
        # Against cost, on a logarithmic axis, the point before training has no place.
        shown = slice(1, None) if against == "evaluations" else slice(None)
        axes.fill_between(x[shown], low[shown], high[shown], color=look.color, alpha=0.12, lw=0)
        axes.plot(x[shown], middle[shown], color=look.color, ls=look.dashes, label=look.label)
    axes.set_yscale("log")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set(xlabel={"update": "updates", "evaluations": "runs of the network"}[against])
    if against == "evaluations":
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylabel("loss / loss before")


def draw_table(axes: Axes, *groups: dict[str, Panel]) -> None:
    """Median final loss, and its quartiles, of every method; also the figure's legend."""
    axes.axis("off")
    heads = ("at ease", "steep")
    axes.text(0.27, 1.0, heads[0], transform=axes.transAxes, size=6, ha="center", weight="bold")
    axes.text(0.79, 1.0, heads[1], transform=axes.transAxes, size=6, ha="center", weight="bold")
    y = 0.9
    for name, look in METHODS.items():
        if not any(name in group for group in groups):
            continue
        axes.plot([0.0, 0.12], [y, y], color=look.color, ls=look.dashes, transform=axes.transAxes)
        axes.text(0.16, y, look.label, transform=axes.transAxes, size=6.5, va="center", color=EDGE)
        for group, x in zip(groups, (0.27, 0.79), strict=True):
            if name in group:
                axes.text(
                    x,
                    y - 0.065,
                    _cell(group[name]),
                    transform=axes.transAxes,
                    size=6,
                    ha="center",
                    va="center",
                    color=EDGE,
                )
        y -= 0.14


def _cell(panel: Panel) -> str:
    # Before training the learning rate does not matter yet.
    relative = panel["final"] / panel["loss"][:, 0, 0]
    low, middle, high = np.quantile(relative, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"
