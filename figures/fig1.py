"""Figure 1: the surrogate gradient of the deterministic neuron is the stochastic one's slope."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import ConnectionPatch

from figures import style
from figures.looks import EXACT, LOOKS, Look
from figures.panels import Data, first_seed
from figures.panels.schematic import (
    Arrow,
    Node,
    arrow,
    canvas,
    coin_box,
    draw_schematic,
    step_box,
)
from figures.style import INK

STOCHASTIC = style.MODES["stochastic"]
SURROGATE: dict[str, Any] = {**LOOKS["surrogate_deterministic"].line(), "lw": 1.8}
SIMULATED: dict[str, Any] = {"ls": "", **Look("simulated", "", "o", tint=STOCHASTIC).markers(4.2)}
SMOOTH_STEP: dict[str, Any] = {"color": INK, "lw": 0.9}
NOT_SEEN = 0.01
"""A smaller probability is thinner than a line."""
HEADROOM = 1.5
"""Height of an axes over what is drawn in it: above is the legend, wherever the curves are."""


def render(data: Data) -> Figure:
    """Draw two columns, deterministic and stochastic; the rows share the membrane potential."""
    neuron = first_seed(data["neuron"])
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05, wspace=0.1)
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.4), layout=layout)
    axes = figure.subplots(4, 2, height_ratios=(0.85, 0.8, 1.1, 1.35))
    for column, (title, kind) in enumerate(
        (("Deterministic", "deterministic"), ("Stochastic", "stochastic"))
    ):
        axes[0, column].set_title(f"{title} neuron", fontsize=9)
        _schematic(axes[0, column], style.MODES[kind], noisy=kind == "stochastic")
        _raster(axes[1, column], neuron, kind)
    _deterministic_response(axes[2, 0], neuron)
    _stochastic_response(axes[2, 1], neuron)
    measured = neuron["pooled_difference"] + neuron["pooled_difference_se"]
    peak = max(neuron["slope"].max(), measured.max() / 1.15)
    _deterministic_derivative(axes[3, 0], neuron)
    _stochastic_derivative(axes[3, 1], neuron)
    top = HEADROOM * 1.15 * peak
    for axis in axes[3]:
        axis.set(ylim=(-0.06 * top, top), xlabel="membrane potential $u$")
    for axis in axes[2]:
        axis.set(ylim=(-0.06, HEADROOM), yticks=(0, 0.5, 1))
        axis.tick_params(labelbottom=False)
    for axis in axes[1:].flat:
        axis.set_xlim(neuron["u"][0], neuron["u"][-1])
    for axis in axes[2:].flat:
        axis.axvline(
            neuron["theta"], ymax=1 / HEADROOM, color=style.NEUTRAL, lw=0.6, ls=":", zorder=0
        )
    for axis in axes[1:, 1]:
        axis.tick_params(labelleft=False)
    style.name_panels("abcdefgh", axes.T.flat)
    _same_curve(axes[3])
    return figure


def teaser(data: Data) -> Figure:
    """Draw the stochastic neuron's derivative and the surrogate."""
    neuron = first_seed(data["neuron"])
    figure = plt.figure(figsize=style.TEASER)
    axis = figure.subplots()
    _stochastic_derivative(axis, neuron, "surrogate gradient (SG), matched")
    _legend(axis, ncols=1)
    axis.set(ylim=(None, HEADROOM * axis.get_ylim()[1]), xlabel="membrane potential $u$")
    axis.set(xlim=(neuron["u"][0], neuron["u"][-1]), ylabel="derivative (1/potential)")
    words = "a matched surrogate gradient (SG) is the slope\nof a noisy neuron's mean response"
    axis.set_title(words, size=7.5)
    return figure


def _schematic(axis: Axes, color: str, noisy: bool) -> None:
    """Draw a weighted sum, then a step, or escape noise and a toss of a biased coin."""
    canvas(axis, 10, 3.2)
    y = 1.6
    nodes = {
        f"x{i}": Node((0.35, height), f"$x_{i}$", face="", radius=0.25)
        for i, height in ((1, 2.7), (2, y), (3, 0.5))
    }
    nodes["sum"] = Node((2.4, y), r"$\Sigma$", size=9)
    weights = [
        Arrow(f"x{i}", "sum", f"$w_{i}$", along=0.4, side=side)
        for i, side in ((1, 1), (2, 1), (3, -1))
    ]
    draw_schematic(axis, nodes, weights)
    above = {"ha": "center", "va": "bottom", "size": 7, "color": INK}
    arrow(axis, (2.9, y), (4.0, y))
    axis.text(3.45, y + 0.12, "$u$", **above)
    step_box(axis, (4.8, y), 1.5, color, noisy=noisy)
    end = 5.55
    if noisy:
        arrow(axis, (5.55, y), (6.75, y))
        axis.text(6.15, y + 0.12, "$p(u)$", **above)
        coin_box(axis, (7.55, y), 1.5, color)
        end = 8.3
    arrow(axis, (end, y), (end + 0.9, y))
    axis.text(end + 1.05, y, "$S$", va="center_baseline", color=INK)


def _raster(axis: Axes, neuron: dict, kind: str) -> None:
    trial, column = np.nonzero(neuron[f"raster_{kind}"])
    # The lighter tone has broader ticks.
    size, width = {"deterministic": (1.9, 0.9), "stochastic": (1.9, 1.5)}[kind]
    look = {"ls": "", "marker": "|", "ms": size, "mew": width, "color": style.MODES[kind]}
    axis.plot(neuron["u_raster"][column], trial + 1, **look)
    n_trials = len(neuron[f"raster_{kind}"])
    axis.set(ylim=(0, n_trials + 1), yticks=(1, n_trials))
    # The tick is the threshold, wherever it is: the axis below has the numbers.
    axis.set_xticks([float(neuron["theta"])], [r"$\theta$"])
    if kind == "deterministic":
        axis.set_ylabel("trial")


def _deterministic_response(axis: Axes, neuron: dict) -> None:
    spike = {"color": style.MODES["deterministic"], "lw": 1.8, "drawstyle": "steps-pre"}
    axis.plot(neuron["u"], neuron["step"], label="spike $S$", **spike)
    axis.plot(neuron["u"], neuron["probability"], label="smooth step $p(u)$", **SMOOTH_STEP)
    axis.set_ylabel("response")
    _legend(axis)


def _stochastic_response(axis: Axes, neuron: dict) -> None:
    n_trials = len(neuron["raster_stochastic"])
    u, mean = neuron["u_measured"], neuron["pooled_mean"]
    small: dict[str, Any] = SIMULATED | {"ms": 3}
    low, high = (np.interp(neuron["u"], u, end) for end in neuron["pooled_spread"])
    outside = np.maximum(low - neuron["probability"], neuron["probability"] - high).max()
    label: dict[str, Any] = {"label": f"5 to 95 % of means over {n_trials} trials"}
    if outside < NOT_SEEN:
        band = {"color": style.STOCHASTIC, "alpha": 0.3, "lw": 0}
        axis.fill_between(u, *neuron["pooled_spread"], **band, **label)
    else:
        # Measured too seldom for a band, which would run straight where the mean bends.
        axis.vlines(u, *neuron["pooled_spread"], color=style.STOCHASTIC, alpha=0.5, lw=3, **label)
    axis.plot(u, mean, label="E$[S]$, simulated", **small)
    axis.plot(neuron["u"], neuron["probability"], zorder=1, label="$p(u)$", **SMOOTH_STEP)
    _legend(axis)


def _deterministic_derivative(axis: Axes, neuron: dict) -> None:
    theta, u = float(neuron["theta"]), neuron["u"]
    axis.plot(
        u,
        np.zeros_like(u),
        color=INK,
        lw=1.2,
        label="d$S$/d$u$: 0,\n$\\infty$ at $\\theta$",
    )
    axis.plot(u, neuron["surrogate"], label="surrogate $p^\\prime(u)$", **SURROGATE)
    if u[0] <= theta <= u[-1]:
        # Beyond the top: no finite height is right.
        axis.annotate(
            "",
            (theta, 1.06),
            (theta, 0),
            xycoords=axis.get_xaxis_transform(),
            textcoords="data",
            arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0, "lw": 1.2},
            annotation_clip=False,
        )
    axis.set_ylabel("derivative (1/potential)")
    axis.legend(loc="upper left", handlelength=1.7, borderaxespad=0.5, borderpad=0)


def _stochastic_derivative(axis: Axes, neuron: dict, surrogate: str = "surrogate (d)") -> None:
    """Draw the exact derivative, simulations, and the surrogate on top."""
    broad: dict[str, Any] = EXACT | {"lw": 5.5}
    difference, se = neuron["pooled_difference"], neuron["pooled_difference_se"]
    axis.plot(neuron["u"], neuron["slope"], label="exact gradient, d E$[S]$/d$u$", **broad)
    axis.errorbar(
        neuron["u_measured"],
        difference,
        se,
        ecolor=INK,
        elinewidth=0.7,
        label="simulated ± SE",
        **SIMULATED,
    )
    axis.plot(neuron["u"], neuron["surrogate"], label=surrogate, zorder=4, **SURROGATE)
    _legend(axis)


def _legend(axis: Axes, ncols: int = 2) -> None:
    """Put the legend into the headroom above all curves."""
    axis.legend(
        loc="upper center",
        ncols=ncols,
        columnspacing=1,
        handlelength=1.7,
        borderaxespad=0,
        borderpad=0,
    )


def _same_curve(axes: np.ndarray) -> None:
    """Draw an arrow between the two panels that show the same curve."""
    height = 0.5
    link = ConnectionPatch(
        (1.02, height),
        (-0.06, height),
        "axes fraction",
        "axes fraction",
        axesA=axes[0],
        axesB=axes[1],
        arrowstyle="<|-|>",
        color=INK,
        lw=0.9,
    )
    link.set_in_layout(False)
    axes[0].figure.add_artist(link)
    words = {"ha": "center", "color": INK, "size": 7, "xycoords": link}
    for text, y, va in (("same", 3, "bottom"), ("curve", -3, "top")):
        label = axes[1].annotate(
            text, (0.5, 0.5), (0, y), textcoords="offset points", va=va, **words
        )
        label.set_in_layout(False)
