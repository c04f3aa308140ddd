"""Figure 5: surrogate gradients are not the gradients of any loss."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.looks import EXACT, FAMILIES, LOOKS
from figures.panels import loop
from figures.panels.five_weights import draw_network
from figures.style import (
    FULL_WIDTH,
    NEUTRAL,
    SMALL,
    columns,
    panel_letter,
    rows,
)

Panel = dict[str, np.ndarray]

LETTERS = {
    "published": "b, d to f",
    "second": "b and supplement a to c",
    "stochastic": "b, c",
}
"""Where each panel of the configuration is drawn."""

TEASER = (0.24, 0.605, 0.73, 0.955)

LINEAR = 0.01
"""The axis of closed-loop integrals is linear between -LINEAR and LINEAR, else logarithmic."""
OWN = "a network's own gradient: 0"
BAR = 0.6
GROUP, NARROWEST = 0.9, 2.5
"""Room between loops, and the least for one, in bars."""
ALIKE = np.log(3)
"""Of bars whose heights differ by a smaller factor, the second's number is beyond the first's."""


def render(data: dict[str, Panel]) -> Figure:
    """Draws what is left after every loop, and the stochastic network's and the published loop."""
    figure = plt.figure(figsize=(FULL_WIDTH, 6.5))
    top, middle, bottom = rows(figure, (2.35, 0.25, 3.9))
    side, left, right = columns(top, (1.65, 3.4, 1.95))
    scheme, bars, stochastic = side.subplots(), left.subplots(), right.subplots()
    radius = data["published"]["radius"]
    draw_network(
        scheme,
        r"$g=s(wx)$, $h_i=s(v_ig)$,",
        r"$y=s(u_1h_1+u_2h_2)$; $s$: a step",
        r"$\theta=(w,v_1,v_2,u_1,u_2)$",
        rf"$=\theta_0+{radius:g}\,(d_1\sin\alpha+d_2\cos\alpha)$,",
        "a circle around $\\theta_0$",
    )
    _bars(bars, data)
    _stochastic(stochastic, data["stochastic"])
    loop.key(middle.subplots())
    planes, curves = loop.draw(bottom, data["published"])
    letters = (scheme, bars, stochastic, planes[0], curves[0], curves[1])
    for axes, letter in zip(letters, "abcdef", strict=True):
        panel_letter(axes, letter)
    return figure


def _bars(axes: Axes, data: dict[str, Panel]) -> None:
    """What is left of every integral after a full turn."""
    stochastic = data["stochastic"]
    groups = [
        ("loop of d to f", data["published"]),
        ("second loop", data["second"]),
    ]
    x, ticks, labels = 0.0, [], []
    for name, panel in groups:
        start, before, beyond = x, 0.0, False
        for beta, value in zip(panel["beta_surrogate"], panel["sg_loop"], strict=True):
            beyond = not beyond and before * value > 0 and abs(np.log(value / before)) < ALIKE
            _bar(axes, x, float(value), FAMILIES["surrogate"].color, before if beyond else None)
            before = float(value)
            ticks.append(x)
            labels.append(f"{beta:g}")
            x += 1
        _name(axes, (start + x - 1) / 2, name)
        x = max(x, start + NARROWEST) + GROUP
    left = float(stochastic["expected_sg_running"][-1])
    _bar(axes, x, left, LOOKS["surrogate"].color)
    _name(axes, x, "stochastic")
    ticks.append(x)
    labels.append(f"{stochastic['beta']:g}")
    axes.axhline(0, color=NEUTRAL, lw=0.8)
    axes.plot(ticks, [0] * len(ticks), "o", color=FAMILIES["smoothed"].color, ms=4, clip_on=False)
    axes.set_yscale("symlog", linthresh=LINEAR)
    top = max(abs(left), *(np.abs(p["sg_loop"]).max() for _, p in groups))
    # Below the last bar there is room for the legend.
    bottom = min(-20 * top, 130 * left)
    axes.set(ylim=(bottom, 40 * top), xlim=(-0.9, x + 0.9), xticks=ticks, xticklabels=labels)
    axes.set_xlabel(r"slope $\beta_{SG}$ of the surrogate")
    unit = f"units of $y$; symmetric log,\nlinear within $\\pm${LINEAR:g}"
    axes.set_ylabel(f"$\\oint g\\cdot d\\theta$ ({unit})", labelpad=0, fontsize=7)
    powers = [10.0**k for k in range(-2, int(np.ceil(np.log10(max(top, 1)))) + 1)]
    axes.set_yticks([-p for p in powers] + [0.0] + powers)
    axes.minorticks_off()
    axes.plot(
        [], [], "o", color=FAMILIES["smoothed"].color, ms=4, label="a network's own gradient: 0"
    )
    axes.legend(loc="lower right", fontsize=SMALL, borderpad=0, handletextpad=0.2)


def _bar(axes: Axes, x: float, value: float, color: str, beyond: float | None = None) -> None:
    """A bar with its number at the end, or beyond the number of a neighbour of this height."""
    away = 3 if beyond is None else 4 + SMALL
    axes.bar(x, value, BAR, color=color, ec=NEUTRAL, lw=0.5)
    axes.annotate(
        f"{value:+.3g}".replace("-", "\N{MINUS SIGN}"),
        (x, max(value, beyond or 0, key=abs)),
        (0, away if value > 0 else -away),
        textcoords="offset points",
        ha="center",
        va="bottom" if value > 0 else "top",
        fontsize=SMALL,
    )


def _name(axes: Axes, x: float, name: str) -> None:
    axes.text(x, 1.0, name, transform=axes.get_xaxis_transform(), ha="center", va="top", size=7)


def _stochastic(axes: Axes, data: Panel) -> None:
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    degrees = np.rad2deg(data["angle"])
    axes.plot(degrees, data["exact_running"], **EXACT, label="exact gradient")
    axes.plot(
        degrees, data["expected_sg_running"], **LOOKS["surrogate"].line(), label="E[SG], matched"
    )
    loop.dress(axes)
    axes.set_ylabel(r"$\int g\cdot d\theta$ (units of E[$y$])")
    title = rf"stochastic, $\beta={data['beta']:g}$"
    axes.set_title(title, loc="right", fontsize=7)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))
    axes.legend(loc="upper right", handlelength=2, fontsize=SMALL, borderpad=0)
