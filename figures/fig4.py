"""Figure 4: surrogate gradients deviate from the gradient of a network."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from figures import style
from figures.looks import EXACT, LOOKS, SMOOTHED, TRUE
from figures.numerals import printed
from figures.panels import Data, Panel, weight_plane
from figures.panels.five_weights import draw_network
from figures.style import BRANCH, NEUTRAL, SMALL, WRONG

LARGE = 0.1
"""A gradient above this share of the peak is large."""
FEW = 3
"""At most so many slopes leave room for titles in one line."""
WRONG_AND_LARGE: dict[str, Any] = WRONG | {"alpha": 0.35}
SURROGATE: dict[str, Any] = {**LOOKS["surrogate_of_slope"].line(), "lw": 1.4}
MEAN_SG = f"E[{LOOKS['surrogate'].label}]"


def render(data: Data) -> Figure:
    """Draw the scan along w, the plane of v1 and v2, and the stochastic network."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 7.6))
    top, bottom = style.rows(figure, (3.5, 4.1))
    side, middle = style.columns(top, (1.6, 5.4))
    scheme, key = side.subplots(2, 1, height_ratios=(1.1, 1))
    draw_network(
        scheme,
        r"$g=s(wx)$, $h_i=s(v_ig)$",
        r"$y=s(u_1h_1+u_2h_2)$",
        r"$s$: sigmoid of slope $\beta_f$",
        r"its surrogate: slope $\beta_{SG}$",
    )
    _key(key, data["along_w"]["beta_forward"])
    along = data["along_w"]
    grid = middle.subplots(
        2, along["beta_surrogate"].size, sharex=True, sharey="row", squeeze=False
    )
    for i, (output, derivative) in enumerate(grid.T):
        _outputs(output, along, i)
        _derivatives(derivative, along, i)
    for axes, label in zip(
        grid[:, 0], ("output $y$", "derivative by $w$\n(asinh axis)"), strict=True
    ):
        axes.set_ylabel(label)
    lettered = (scheme, *grid[:, 0], *_planes(bottom, data["plane"], data["stochastic"]))
    style.name_panels("abcdefg", lettered)
    return figure


def teaser(data: Data) -> Figure:
    """Draw one derivative by w, of network, surrogate and smoothed network."""
    figure = plt.figure(figsize=style.TEASER)
    axes, key = figure.subplots(1, 2, width_ratios=(1.5, 1))
    _derivatives(axes, data["along_w"], 0)
    axes.set_ylabel("derivative by $w$ (asinh axis)")
    wrong = 100 * data["along_w"]["wrong_sign_fraction"][0]
    large = 100 * np.mean(_wrong_and_large(data["along_w"], 0))
    words = f"SG of wrong sign: {wrong:.0f} % of $w$\n({large:.0f} % with a large gradient)"
    axes.set_title(words, size=7.5)
    _key(key, data["along_w"]["beta_forward"], integrals=False)
    return figure


def _key(axes: Axes, beta: np.ndarray, integrals: bool = True) -> None:
    """Name what the curves along w are."""
    axes.axis("off")
    looks: dict[str, Any] = {
        rf"network, $\beta_f={beta:g}$": TRUE,
        LOOKS["surrogate_of_slope"].label + "\n(b: its integral)" * integrals: SURROGATE,
        LOOKS["smoothed_network"].label.replace(", ", ",\n"): SMOOTHED,
    }
    if integrals:
        looks["minimum"] = {"marker": "v", "color": BRANCH, "mec": "black", "ls": "", "ms": 5}
    looks["wrong sign of the SG"] = WRONG
    looks["… and the gradient over\na tenth of its peak"] = WRONG_AND_LARGE
    style.name_looks(axes, looks, loc="upper left", handlelength=2.2, borderpad=0)


def _outputs(axes: Axes, data: Panel, i: int) -> None:
    """Draw the output along w, and what the gradients of one slope integrate to."""
    for values, minimum, look in (
        (data["smoothed_output"][i], data["smoothed_minimum"][i], SMOOTHED),
        (data["output"], data["output_minimum"], TRUE),
        (data["integrated_surrogate"][i], data["integrated_minimum"][i], SURROGATE),
    ):
        line = axes.plot(data["w"], values, **look)[0]
        at = np.searchsorted(data["w"], minimum)
        # Where minima coincide, the first marker shows around the others.
        size = 7.5 if look is SMOOTHED else 5
        line.set(marker="v", ms=size, mec="black", mew=0.5, markevery=[at], clip_on=False)
    axes.set_title(rf"$\beta_{{SG}}={data['beta_surrogate'][i]:g}$", fontsize=7)


def _derivatives(axes: Axes, data: Panel, i: int) -> None:
    """Draw the derivative by w of the same curves."""
    w = data["w"]
    _shade(axes, w, data["wrong_sign"][i])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    for values, look in (
        (data["smoothed"][i], SMOOTHED),
        (data["true"], TRUE),
        (data["surrogate"][i], SURROGATE),
    ):
        axes.plot(w, values, **look)
    large = _wrong_and_large(data, i)
    _shade(axes, w, large, WRONG_AND_LARGE)
    everywhere, at_large = 100 * data["wrong_sign_fraction"][i], 100 * np.mean(large)
    few = len(data["surrogate"]) <= FEW
    words = ("wrong sign:", f"{everywhere:.0f} % of $w$", f"({at_large:.0f} % large)")
    axes.set_title((" " if few else "\n").join(words), fontsize=7)
    # On a linear axis the sign of the surrogate gradient, a tenth as large, is invisible.
    axes.set_yscale("asinh", linear_width=1)
    ticks = (-10, -1, 0, 1, 10)
    axes.set_yticks(ticks, map(printed, ticks))
    axes.minorticks_off()
    axes.set(xlabel="weight $w$", xlim=(w[0], w[-1]))
    axes.xaxis.set_major_locator(MaxNLocator(4 if few else 2, prune="both"))


def _wrong_and_large(data: Panel, i: int) -> np.ndarray:
    """Return where the surrogate gradient has the wrong sign and the gradient is large."""
    size = np.abs(data["true"])
    return data["wrong_sign"][i] & (size > LARGE * size.max())


def _shade(axes: Axes, w: np.ndarray, where: np.ndarray, look: dict[str, Any] = WRONG) -> None:
    axes.fill_between(w, 0, 1, where=where, transform=axes.get_xaxis_transform(), **look)


def _planes(figure: SubFigure, data: Panel, stochastic: Panel) -> tuple[Axes, ...]:
    """Draw the output and the integrated SG over v1 and v2; below, how the orders differ.

    Returns:
        The axes that get letters.
    """
    slopes = data["beta_surrogate"]
    grid = figure.add_gridspec(2, slopes.size + 2, width_ratios=(*[1] * (slopes.size + 1), 0.06))
    top, bottom = (
        [figure.add_subplot(grid[row, i]) for i in range(slopes.size + 1)] for row in (0, 1)
    )
    levels = weight_plane.levels(data["output"], data["v1_first"], data["v2_first"])
    title = rf"$y$, $\beta_f={data['beta_forward']:g}$"
    filled = weight_plane.draw(top[0], data, data["output"], levels, title)
    largest = max(np.abs(data["order_difference"]).max(), data["grid_error"])
    few = slopes.size <= FEW
    for i, beta in enumerate(slopes):
        title = rf"$\int$SG, $\beta_{{SG}}={beta:g}$"
        weight_plane.draw(top[i + 1], data, data["v1_first"][i], levels, title)
        weight_plane.descent(top[i + 1], data, i)
        below, most = bottom[i + 1], data["path_dependence"][i]
        image = weight_plane.draw_difference(below, data, data["order_difference"][i], largest)
        agree = data["orders_agree"][i]
        title = rf"$\beta_{{SG}}={beta:g}$:", "orders agree" if agree else f"up to {most:.2g}"
        below.set_title((" " if few else "\n").join(title), fontsize=7)
        below.set_xlabel("$v_1$", labelpad=1)
        if agree:
            # A map without anything to see would leave it to guess.
            image.set_visible(False)
            below.axis("off")
            words = f"at most {printed(most, '.0e')},\nwhich is the error\nof the grid"
            middle = {"transform": below.transAxes, "ha": "center", "va": "center"}
            below.text(0.5, 0.5, words, size=7, **middle)
    for axes in (*top[1:], *bottom[2:]):
        axes.set_yticklabels([])
    for axes in top[1:]:
        axes.set_xticklabels([])
    for axes in (top[0], bottom[1]):
        axes.set_ylabel("$v_2$", labelpad=0)
    top[0].set_xlabel("$v_1$", labelpad=1)
    label = "$y$, or $\\int$SG\nalong $v_1$, then $v_2$"
    weight_plane.bar(figure.add_subplot(grid[0, -1]), filled, levels, label)
    difference = figure.colorbar(
        image,
        cax=figure.add_subplot(grid[1, -1]),
        label="along $v_2$, then $v_1$, minus\nalong $v_1$, then $v_2$",
    )
    # White is in the middle; half the scale is left out where no difference has that sign.
    values = data["order_difference"]
    ends = min(values.min(), 0), max(values.max(), 0)
    limits = [end if abs(end) > data["grid_error"] else 0 for end in ends]
    if any(limits):
        difference.ax.set_ylim(*limits)
    difference.locator = MaxNLocator(4)
    difference.update_ticks()
    weight_plane.name_descent(top[1:], data)
    _stochastic(bottom[0], stochastic)
    return top[0], top[1], bottom[0], bottom[1]


def _stochastic(axes: Axes, data: Panel) -> None:
    w, reference = data["w"], data["w_reference"]
    _shade(axes, w, data["wrong_sign"])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    axes.plot(w, data["exact"], **EXACT, label=LOOKS["exact"].label)
    axes.plot(w, data["expected_sg"], **LOOKS["surrogate"].line(), label=MEAN_SG)
    for name in ("exact", "expected_sg"):
        color = EXACT["color"] if name == "exact" else LOOKS["surrogate"].color
        value = float(data[f"reference_{name}"])
        axes.plot(reference, value, "o", color=color, mec="black", mew=0.5)
        # Beside the peak of one curve, and below the other.
        offset, side = ((7, 0), "left") if value > 0 else ((0, -11), "center")
        beside = {"textcoords": "offset points", "va": "center", "ha": side, "size": SMALL}
        axes.annotate(printed(value, "+.3f"), (reference, value), offset, **beside)
    axes.set(xlabel="$w$", xlim=(w[0], w[-1]))
    axes.set_ylabel("d E[$y$] / d$w$", labelpad=0)
    axes.set_title(rf"stochastic, $\beta={data['beta']:g}$", fontsize=7)
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.4 * (high - low), high)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.legend(loc="lower right", handlelength=1.6, fontsize=SMALL, borderpad=0, labelspacing=0.3)
