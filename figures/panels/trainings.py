"""Loss curves of trainings by several estimators, and the table of their final losses."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.looks import DOTTED, LOOKS, Look
from figures.style import INK

Panel = dict[str, np.ndarray]


@dataclass(frozen=True)
class Method:
    """What is descended, and with which budget.

    Attributes:
        estimator: a key of `LOOKS`.
        suffix: of its name among the trained, for a budget other than the usual.
        budget: the budget in words, if it is not the usual; then the line is dotted.
    """

    estimator: str
    suffix: str = ""
    budget: str = ""

    @property
    def name(self) -> str:
        """The name among those trained."""
        return self.estimator + self.suffix

    @property
    def look(self) -> Look:
        """The estimator's."""
        return LOOKS[self.estimator]

    @property
    def label(self) -> str:
        """Estimator and budget."""
        return self.look.specific + self.budget

    @property
    def line(self) -> dict[str, Any]:
        """The estimator's line, dotted at another budget."""
        return self.look.line() | ({"ls": DOTTED} if self.budget else {})


METHODS = (
    Method("surrogate_through"),
    Method("surrogate_through", "_one", ", 1 trial"),
    Method("surrogate"),
    Method("super_spike"),
    Method("score_function"),
    Method("stochastic_ad_systematic"),
    Method("stochastic_ad_systematic", "_more", ", 4×"),
)

BAND = {"alpha": 0.12, "lw": 0}
TICKS = (0.05, 0.1, 0.2, 0.5, 1.0)


def draw_curves(axes: Axes, data: Panel, against: str) -> None:
    """Median over tasks of the loss relative to that before training, and the quartiles."""
    names = trained(data)
    for method in METHODS:
        if method.name not in names:
            continue
        i = names.index(method.name)
        loss = data["loss"][:, i, data["chosen"][0, i]]
        low, middle, high = np.quantile(loss / loss[:, :1], (0.25, 0.5, 0.75), axis=0)
        x = data["update"][0] if against == "update" else data["evaluations"][0, i]
        # Against cost, on a logarithmic axis, the point before training has no place.
        shown = slice(1, None) if against == "evaluations" else slice(None)
        axes.fill_between(x[shown], low[shown], high[shown], color=method.look.color, **BAND)
        axes.plot(x[shown], middle[shown], label=method.label, **method.line)
    axes.set_yscale("log")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set(xlabel={"update": "updates", "evaluations": "runs of the network"}[against])
    if against == "evaluations":
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylabel("loss / loss before")


def trained(data: Panel) -> list[str]:
    """Names of what was descended, budgets included."""
    return [str(name) for name in data["methods"][0]]


def draw_table(axes: Axes, *groups: Panel | None) -> None:
    """Median final loss, and its quartiles, of every method; also the figure's legend."""
    axes.axis("off")
    heads = ("at ease", "steep")
    axes.text(0.27, 1.0, heads[0], transform=axes.transAxes, size=6, ha="center", weight="bold")
    axes.text(0.79, 1.0, heads[1], transform=axes.transAxes, size=6, ha="center", weight="bold")
    y = 0.9
    for method in METHODS:
        found = [
            (group, x)
            for group, x in zip(groups, (0.27, 0.79), strict=True)
            if group is not None and method.name in trained(group)
        ]
        if not found:
            continue
        axes.plot([0.0, 0.12], [y, y], transform=axes.transAxes, **method.line)
        axes.text(0.16, y, method.label, transform=axes.transAxes, size=6.5, va="center", color=INK)
        for group, x in found:
            axes.text(
                x,
                y - 0.065,
                _cell(group, trained(group).index(method.name)),
                transform=axes.transAxes,
                size=6,
                ha="center",
                va="center",
                color=INK,
            )
        y -= 0.14


def _cell(data: Panel, i: int) -> str:
    # Before training the learning rate does not matter yet.
    relative = data["final"][:, i] / data["loss"][:, i, 0, 0]
    low, middle, high = np.quantile(relative, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"
