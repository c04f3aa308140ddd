"""Figure 1: the surrogate gradient of the deterministic neuron is the stochastic one's slope."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Circle, ConnectionPatch, FancyBboxPatch

from figures import style
from figures.drawing import Data
from figures.looks import EXACT, LOOKS
from figures.style import INK

SURROGATE = {**LOOKS["surrogate_deterministic"].line(), "lw": 1.6}
SIMULATED = {"ls": "", "marker": "o", "ms": 3, "color": style.STOCHASTIC, "mec": INK, "mew": 0.4}


def render(data: Data) -> Figure:
    """Two columns, deterministic and stochastic; the rows share the membrane potential."""
    neuron = _pooled(data["neuron"])
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.05)
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.3), layout=layout)
    axes = figure.subplots(4, 2, height_ratios=(0.95, 0.9, 1, 1.25))
    columns = (("Deterministic", "deterministic"), ("Stochastic", "stochastic"))
    for column, (title, kind) in enumerate(columns):
        axes[0, column].set_title(f"{title} neuron", fontsize=9)
        _raster(axes[1, column], neuron, kind)
    _schematic(axes[0, 0], style.DETERMINISTIC, noisy=False)
    _schematic(axes[0, 1], style.STOCHASTIC, noisy=True)
    _deterministic_response(axes[2, 0], neuron)
    _stochastic_response(axes[2, 1], neuron)
    _deterministic_derivative(axes[3, 0], neuron)
    _stochastic_derivative(axes[3, 1], neuron)
    top = 1.35 * neuron["slope"].max()
    for axis in axes[3]:
        axis.set(ylim=(-0.08 * top, top), xlabel="membrane potential $u$")
    for axis in axes[1:].flat:
        axis.set_xlim(neuron["u"][0], neuron["u"][-1])
        axis.axvline(neuron["theta"], color=style.NEUTRAL, lw=0.6, ls=":", zorder=0)
    for axis in axes[1:3].flat:
        axis.tick_params(labelbottom=False)
    for letter, axis in zip("abcdefgh", axes.T.flat, strict=True):
        style.panel_letter(axis, letter)
    _same_curve(axes[3], neuron)
    return figure


def _pooled(data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The first seed's rasters and exact curves, and what was measured, averaged over seeds."""
    pooled = {name: array[0] for name, array in data.items()}
    pooled |= {name: data[name].mean(axis=0) for name in ("mean", "spread", "difference")}
    errors = data["difference_se"]
    return pooled | {"difference_se": np.sqrt(np.sum(errors**2, axis=0)) / len(errors)}


def _schematic(axis: Axes, color: str, noisy: bool) -> None:
    """Weighted sum, then a step; or weighted sum, escape noise, and a toss of a biased coin."""
    axis.set(xlim=(0, 10), ylim=(0, 3.2), aspect="equal")
    axis.axis("off")
    y = 1.6
    for i, height in enumerate((2.6, y, 0.6), start=1):
        axis.text(0.35, height, f"$x_{i}$", ha="center", va="center")
        _arrow(axis, (0.65, height), (1.85, y + 0.3 * (height - y)))
        axis.text(
            1.2,
            height + (0.12 if i < 3 else -0.1),
            f"$w_{i}$",
            ha="center",
            va="bottom" if i < 3 else "top",
            fontsize=6.5,
            color=style.NEUTRAL,
        )
    axis.add_patch(Circle((2.35, y), 0.5, fc="white", ec=INK, lw=0.8))
    axis.text(2.35, y - 0.03, r"$\Sigma$", ha="center", va="center", fontsize=9)
    _arrow(axis, (2.85, y), (4.0, y), "$u$")
    x = np.linspace(-1, 1, 101)
    curve = 1 / (1 + np.exp(-5 * x)) if noisy else np.where(x > 0, 1.0, 0.0)
    _box(axis, 4.0, y, 1.5)
    axis.plot(4.75 + 0.55 * x, y - 0.42 + 0.84 * curve, color=color, lw=1.8)
    axis.text(4.75, y - 1.0, "escape noise" if noisy else "step", ha="center", va="top")
    if noisy:
        _arrow(axis, (5.5, y), (6.75, y), r"$p(u)$")
        _box(axis, 6.75, y, 1.5)
        axis.bar([7.15, 7.85], [0.3, 0.75], width=0.42, bottom=y - 0.35, color=color)
        axis.text(7.15, y - 0.4, "0", ha="center", va="top", fontsize=5.5)
        axis.text(7.85, y - 0.4, "1", ha="center", va="top", fontsize=5.5)
        axis.text(7.5, y - 1.0, "Bernoulli", ha="center", va="top")
    end = 8.25 if noisy else 5.5
    _arrow(axis, (end, y), (end + 1.0, y))
    axis.text(end + 1.1, y, "$S$", va="center")


def _box(axis: Axes, x: float, y: float, size: float) -> None:
    axis.add_patch(
        FancyBboxPatch(
            (x, y - size / 2),
            size,
            size,
            boxstyle="round,pad=0,rounding_size=0.2",
            fc="white",
            ec=INK,
            lw=0.8,
        )
    )


def _arrow(axis: Axes, start: tuple, end: tuple, label: str = "") -> None:
    arrow = {"arrowstyle": "-|>,head_width=0.15,head_length=0.3", "lw": 0.8, "color": INK}
    axis.annotate("", end, start, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    middle = (start[0] + end[0]) / 2
    axis.text(middle, start[1] + 0.15, label, ha="center", va="bottom", fontsize=7)


def _raster(axis: Axes, neuron: dict, kind: str) -> None:
    color = style.MODES[kind]
    trial, column = np.nonzero(neuron[f"raster_{kind}"])
    axis.plot(
        neuron["u_raster"][column], trial + 1, ls="", marker="|", ms=1.9, mew=0.9, color=color
    )
    n_trials = len(neuron[f"raster_{kind}"])
    axis.set(ylabel="trial", ylim=(0, n_trials + 1), yticks=(1, n_trials))
    above = {"xytext": (0, 2), "textcoords": "offset points"}
    axis.annotate(r"$\theta$", (neuron["theta"], n_trials + 1), ha="center", **above)


def _deterministic_response(axis: Axes, neuron: dict) -> None:
    axis.plot(
        neuron["u"],
        neuron["step"],
        color=style.DETERMINISTIC,
        lw=1.8,
        drawstyle="steps-pre",
        label="spike $S$",
    )
    axis.plot(
        neuron["u"],
        neuron["probability"],
        color=INK,
        lw=0.9,
        ls="--",
        label=r"smooth step $\sigma_\beta$",
    )
    axis.set(ylabel="response", ylim=(-0.06, 1.1), yticks=(0, 0.5, 1))
    axis.legend(loc="upper left")


def _stochastic_response(axis: Axes, neuron: dict) -> None:
    n_trials = len(neuron["raster_stochastic"])
    axis.fill_between(
        neuron["u_measured"],
        *neuron["spread"],
        color=style.STOCHASTIC,
        alpha=0.3,
        lw=0,
        label=f"5 to 95 % of means\nover {n_trials} trials",
    )
    axis.plot(
        neuron["u_measured"],
        neuron["mean"],
        label="E$[S]$, simulated",
        **SIMULATED,
    )
    axis.plot(neuron["u"], neuron["probability"], color=INK, lw=0.9, zorder=1, label="$p(u)$")
    axis.set(ylim=(-0.06, 1.1), yticks=(0, 0.5, 1))
    axis.legend(loc="upper left")


def _deterministic_derivative(axis: Axes, neuron: dict) -> None:
    theta, u = neuron["theta"], neuron["u"]
    top = 1.15 * neuron["slope"].max()
    axis.plot(u, np.zeros_like(u), color=INK, lw=1.2, label="derivative of $S$")
    _arrow(axis, (theta, 0), (theta, top))
    axis.annotate(r"$\infty$", (theta, top), (4, -3), textcoords="offset points")
    axis.plot(u, neuron["surrogate"], label=r"surrogate $\sigma_\beta^\prime$", **SURROGATE)
    axis.set_ylabel("derivative")
    axis.legend(loc="upper left")


def _stochastic_derivative(axis: Axes, neuron: dict) -> None:
    axis.plot(neuron["u"], neuron["slope"], label="d E$[S]$/d$u$, exact", **EXACT)
    axis.errorbar(
        neuron["u_measured"],
        neuron["difference"],
        neuron["difference_se"],
        ecolor=INK,
        elinewidth=0.7,
        label="simulated ± SE",
        **SIMULATED,
    )
    axis.plot(neuron["u"], neuron["surrogate"], label="surrogate, from d", **SURROGATE)
    axis.legend(loc="upper right")


def _same_curve(axes: np.ndarray, neuron: dict) -> None:
    """Joins the two curves that the figure is about, at two thirds of their height."""
    u, slope = neuron["u"], neuron["slope"]
    height = 2 / 3 * slope.max()
    left, right = np.flatnonzero(slope >= height)[[0, -1]]
    link = ConnectionPatch(
        (u[right], height),
        (u[left], height),
        "data",
        "data",
        axesA=axes[0],
        axesB=axes[1],
        arrowstyle="-|>",
        color=style.REMARK,
        lw=0.9,
        shrinkA=3,
        shrinkB=3,
    )
    link.set_in_layout(False)
    axes[0].figure.add_artist(link)
    middle = ((u[right] + u[-1]) / 2, height)
    offset = {"xytext": (0, 3), "textcoords": "offset points"}
    axes[0].annotate("the same curve", middle, ha="center", color=style.REMARK, **offset)
