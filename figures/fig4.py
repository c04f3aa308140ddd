"""Figure 4: surrogate gradients deviate from the gradient of a network."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure

from figures.looks import EXACT, FAMILIES, LOOKS
from figures.style import DASHES, DETERMINISTIC, FULL_WIDTH, NEUTRAL, SHADE, panel_letter

# Dashes tell the slopes of surrogates and of smoothed networks apart.
SURROGATE, SMOOTHED = FAMILIES["surrogate"].color, FAMILIES["smoothed"].color
STEP = 50.0
"""Length of the descent arrow in units of the gradient."""

LINES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9)
"""Contour lines, away from the plateaus at 0, 1/2 and 1."""


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draws the scan along w, the plane of v1 and v2, and the stochastic network."""
    plane = data["plane"]
    slopes = plane["beta_surrogate"]
    n = slopes.size + 1
    figure = plt.figure(figsize=(FULL_WIDTH, 6.6))
    grid = figure.add_gridspec(3, 2 * n, height_ratios=(1.25, 1, 1))
    output = figure.add_subplot(grid[0, :n])
    gradient = figure.add_subplot(grid[0, n:])
    top, bottom = (
        [figure.add_subplot(grid[row, 2 * i : 2 * i + 2]) for i in range(n)] for row in (1, 2)
    )
    _outputs(output, data["along_w"])
    _gradients(gradient, data["along_w"])
    figure.legend(
        *output.get_legend_handles_labels(),
        loc="outside upper center",
        ncols=3 if slopes.size == 3 else 4,
        handlelength=2.8,
    )
    levels = _levels(plane["output"], plane["v1_first"], plane["v2_first"])
    title = rf"network, $\beta_f={plane['beta_forward']:g}$"
    filled = _plane(top[0], plane, plane["output"], levels, title)
    for i, beta in enumerate(slopes):
        difference = plane["path_dependence"][i]
        title = rf"$\int$SG, $\beta_{{SG}}={beta:g}$"
        _plane(top[i + 1], plane, plane["v1_first"][i], levels, title)
        same = difference < 2 * plane["grid_error"]
        title = "paths agree" if same else f"paths differ by {difference:.2g}"
        _plane(bottom[i + 1], plane, plane["v2_first"][i], levels, title)
        for axes, path in ((top[i + 1], "$v_1$, then $v_2$"), (bottom[i + 1], "$v_2$, then $v_1$")):
            _descent(axes, plane["probe"], plane["probe_gradient"][i])
            axes.text(0.05, 0.93, path, transform=axes.transAxes, color="white", size=6, va="top")
    figure.colorbar(
        filled, ax=[*top, *bottom[1:]], ticks=[0, 0.5, 1], label="$y$", pad=0.01, aspect=40
    )
    for axes in (*top[1:], *bottom[2:]):
        axes.set_yticklabels([])
    for axes in top:
        axes.set_xticklabels([])
    for axes in bottom[1:]:
        axes.set_xlabel("$v_1$", labelpad=1)
    for axes in (top[0], bottom[1]):
        axes.set_ylabel("$v_2$", labelpad=1)
    _stochastic(bottom[0], data["stochastic"])
    letters = (output, gradient, top[0], top[1], bottom[0], bottom[1])
    for axes, letter in zip(letters, "abcdef", strict=True):
        panel_letter(axes, letter)
    return figure


def _outputs(axes: Axes, data: dict[str, np.ndarray]) -> None:
    w = data["w"]
    axes.plot(
        w,
        data["output"],
        color=DETERMINISTIC,
        label=rf"network, $\beta_f={data['beta_forward']:g}$",
    )
    _mark(axes, data["output_minimum"], w, data["output"], DETERMINISTIC)
    for i, beta in enumerate(data["beta_surrogate"]):
        for curve, minimum, color, label in (
            ("integrated_surrogate", "integrated_minimum", SURROGATE, r"$\int$SG, $\beta_{SG}"),
            ("smoothed_output", "smoothed_minimum", SMOOTHED, r"smoothed, $\beta"),
        ):
            values = data[curve][i]
            axes.plot(w, values, color=color, ls=DASHES[i % 3], label=f"{label}={beta:g}$")
            _mark(axes, data[minimum][i], w, values, color)
    axes.set(xlabel="weight $w$", ylabel="output $y$", xlim=(w[0], w[-1]))
    axes.plot([], [], "v", color="white", mec="black", ls="", label="minimum")


def _mark(axes: Axes, x: np.ndarray, w: np.ndarray, curve: np.ndarray, color: str) -> None:
    """Marks a curve at x."""
    look = {"color": color, "mec": "black", "mew": 0.5, "ms": 5}
    axes.plot(x, np.interp(x, w, curve), "v", clip_on=False, zorder=5, **look)


def _gradients(axes: Axes, data: dict[str, np.ndarray]) -> None:
    w = data["w"]
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    axes.plot(w, data["true"], color=DETERMINISTIC)
    for i in range(data["beta_surrogate"].size):
        axes.plot(w, data["surrogate"][i], color=SURROGATE, ls=DASHES[i % 3])
        axes.plot(w, data["smoothed"][i], color=SMOOTHED, ls=DASHES[i % 3])
    wrong = np.sign(data["surrogate"][0]) != np.sign(data["true"])
    axes.fill_between(w, 0, 1, where=wrong, transform=axes.get_xaxis_transform(), **SHADE)
    beta, fraction = data["beta_surrogate"][0], data["wrong_sign_fraction"][0]
    axes.set_title(
        rf"shaded: wrong sign, {fraction:.0%} of $w$ at $\beta_{{SG}}={beta:g}$", color=NEUTRAL
    )
    axes.set(xlabel="weight $w$", ylabel="derivative by $w$", xlim=(w[0], w[-1]))


def _levels(*fields: np.ndarray) -> np.ndarray:
    """Contour levels that all planes share."""
    low, high = min(f.min() for f in fields), max(f.max() for f in fields)
    return np.linspace(np.floor(low * 20) / 20, np.ceil(high * 20) / 20, 21)


def _plane(
    axes: Axes, data: dict[str, np.ndarray], values: np.ndarray, levels: np.ndarray, title: str
) -> ContourSet:
    filled = axes.contourf(data["v1"], data["v2"], values.T, levels, cmap="cividis")
    filled.set_rasterized(True)
    axes.contour(data["v1"], data["v2"], values.T, LINES, colors="white", linewidths=0.3)
    axes.set_title(title, fontsize=7, loc="right")
    axes.set_aspect("equal")
    axes.set_xticks(np.linspace(data["v1"].min(), data["v1"].max(), 3))
    axes.set_yticks(np.linspace(data["v2"].min(), data["v2"].max(), 3))
    return filled


def _descent(axes: Axes, probe: np.ndarray, gradient: np.ndarray) -> None:
    """The step of length STEP x gradient; a cross where the gradient is numerically zero."""
    if np.hypot(*gradient) < 1e-12:
        axes.plot(*probe, "x", color="black", ms=5, mew=1.4)
        axes.annotate(
            "gradient 0",
            tuple(probe),
            (-5, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color="black",
            fontsize=6,
        )
        return
    tip = probe - STEP * gradient
    axes.annotate(
        "",
        tuple(tip),
        tuple(probe),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.25,head_length=0.4",
            "color": "black",
            "lw": 1.2,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    axes.plot(*probe, "o", color="black", ms=3)


def _stochastic(axes: Axes, data: dict[str, np.ndarray]) -> None:
    w, reference = data["w"], data["w_reference"]
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    wrong = np.sign(data["expected_sg"]) != np.sign(data["exact"])
    axes.fill_between(w, 0, 1, where=wrong, transform=axes.get_xaxis_transform(), **SHADE)
    axes.plot(w, data["exact"], **EXACT, label=LOOKS["exact"].label)
    axes.plot(w, data["expected_sg"], **LOOKS["surrogate"].line(), label="E[SG]")
    for name, color in (("exact", EXACT["color"]), ("expected_sg", SURROGATE)):
        axes.plot(reference, data[f"reference_{name}"], "o", color=color, mec="black", mew=0.5)
    axes.set(xlabel="$w$", xlim=(w[0], w[-1]))
    axes.set_ylabel("d E[$y$] / d$w$", labelpad=0)
    axes.set_title(rf"stochastic, $\beta={data['beta']:g}$", fontsize=7, loc="right")
    axes.set_ylim(-0.1, 0.07)
    axes.set_yticks([-0.05, 0, 0.05])
    axes.legend(loc="lower right", handlelength=1.8)
