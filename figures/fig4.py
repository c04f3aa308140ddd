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
from figures.style import INK, NEUTRAL, SMALL, WRONG

LARGE = 0.1
"""A gradient above this share of the peak is large."""
HEIGHTS = (3.6, 1.95)
"""Heights of the rows, inches: along a weight, and in the plane."""
BAR = 0.06
"""Width of the colour bar, in planes. It is as high as a plane."""
FEW = 3
"""At most so many slopes leave room for titles in one line."""
WRONG_AND_LARGE: dict[str, Any] = WRONG | {"alpha": 0.35}
SURROGATE: dict[str, Any] = {**LOOKS["surrogate_of_slope"].line(), "lw": 1.4}
MEAN_SG = f"E[{LOOKS['surrogate'].label}]"


def render(data: Data) -> Figure:
    """Draw the scan along w, the plane of v1 and v2, and the stochastic network."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(HEIGHTS)))
    first, second = style.rows(figure, HEIGHTS)
    side, middle = style.columns(first, (1.75, 5.25))
    maps, last = style.columns(second, (5.3, 1.7))
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
    for axes, label in zip(grid[:, 0], ("output $y$", "d$y$ / d$w$ (asinh axis)"), strict=True):
        axes.set_ylabel(label)
    planes = _planes(maps, data["plane"])
    stochastic = last.subplots()
    _stochastic(stochastic, data["stochastic"])
    style.name_panels("abcdef", (scheme, *grid[:, 0], *planes, stochastic))
    return figure


def teaser(data: Data) -> Figure:
    """Draw one derivative by w, of the network and by the surrogate, and where signs differ."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    along = data["along_w"]
    _derivatives(axes, along, 0, smoothed=False)
    axes.set_ylabel("derivative (asinh axis)")
    wrong = 100 * along["wrong_sign_fraction"][0]
    words = "in a network, the surrogate gradient (SG) can have the\nwrong sign (pink): "
    axes.set_title(f"{words}here at {wrong:.0f} % of a weight's values", size=7.5)
    looks = {"network": TRUE, "SG": SURROGATE}
    style.name_looks(axes, looks, loc="upper right", borderaxespad=0.2)
    return figure


def _key(axes: Axes, beta: np.ndarray) -> None:
    """Name what the curves along w are."""
    axes.axis("off")
    looks: dict[str, Any] = {
        rf"network, $\beta_f={beta:g}$": TRUE,
        LOOKS["surrogate_of_slope"].label + "\n(b: its integral)": SURROGATE,
        LOOKS["smoothed_network"].label.replace(", ", ",\n"): SMOOTHED,
    }
    looks["minimum"] = {"marker": r"$\downarrow$", "color": INK, "ls": "", "ms": 6}
    looks["wrong sign of the SG"] = WRONG
    looks["… and the gradient over\na tenth of its peak"] = WRONG_AND_LARGE
    style.name_looks(axes, looks, loc="upper left", handlelength=2.2, borderpad=0)


def _outputs(axes: Axes, data: Panel, i: int) -> None:
    """Draw the output along w, and what the gradients of one slope integrate to."""
    # Arrows to minima at one place come from two sides.
    for values, minimum, look, side in (
        (data["smoothed_output"][i], data["smoothed_minimum"][i], SMOOTHED, -1),
        (data["output"], data["output_minimum"], TRUE, -1),
        (data["integrated_surrogate"][i], data["integrated_minimum"][i], SURROGATE, 1),
    ):
        axes.plot(data["w"], values, **look)
        place = minimum, values[np.searchsorted(data["w"], minimum)]
        head = {"arrowstyle": "-|>,head_width=0.22,head_length=0.35", "color": look["color"]}
        head |= {"shrinkA": 0, "shrinkB": 1.5, "lw": 1.2}
        start = {"xytext": (0, 13 * side), "textcoords": "offset points"}
        axes.annotate("", place, arrowprops=head, annotation_clip=False, **start)
    axes.margins(y=0.13)
    axes.set_title(rf"$\beta_{{SG}}={data['beta_surrogate'][i]:g}$", fontsize=7)


def _derivatives(axes: Axes, data: Panel, i: int, smoothed: bool = True) -> None:
    """Draw the derivative by w of the same curves."""
    w = data["w"]
    _shade(axes, w, data["wrong_sign"][i])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    if smoothed:
        axes.plot(w, data["smoothed"][i], **SMOOTHED)
    axes.plot(w, data["true"], **TRUE)
    axes.plot(w, data["surrogate"][i], **SURROGATE)
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


def _planes(figure: SubFigure, data: Panel) -> tuple[Axes, Axes]:
    """Draw the output over v1 and v2, and the integrated SGs.

    Returns:
        The output and the first integral.
    """
    slopes = data["beta_surrogate"]
    output, *integrals, bar = figure.subplots(
        1, slopes.size + 2, width_ratios=(*[1] * (slopes.size + 1), BAR)
    )
    bar.set_box_aspect(1 / BAR)
    bar.set_anchor("W")
    levels = weight_plane.levels(data["output"], data["v1_first"], data["v2_first"])
    title = rf"$y$, $\beta_f={data['beta_forward']:g}$"
    filled = weight_plane.draw(output, data, data["output"], levels, title)
    for i, beta in enumerate(slopes):
        title = rf"$\int$SG, $\beta_{{SG}}={beta:g}$"
        weight_plane.draw(integrals[i], data, data["v1_first"][i], levels, title)
        weight_plane.descent(integrals[i], data, i)
        integrals[i].set_yticklabels([])
    for axes in (output, *integrals):
        axes.set_anchor("W")
        axes.set_xlabel("$v_1$", labelpad=1)
    output.set_ylabel("$v_2$", labelpad=0)
    label = "$y$, or $\\int$SG along\n$v_1$, then $v_2$"
    weight_plane.bar(bar, filled, levels, label)
    weight_plane.name_descent(integrals, data)
    return output, integrals[0]


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
    axes.set_ylim(low - 0.5 * (high - low), high)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.legend(loc="lower right", handlelength=1.6, fontsize=SMALL, borderpad=0, labelspacing=0.3)
