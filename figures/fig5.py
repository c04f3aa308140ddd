"""Figure 5: surrogate gradients are not the gradients of any loss."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from figures.looks import EXACT, FAMILIES, LOOKS
from figures.style import DASHES, DETERMINISTIC, FULL_WIDTH, NEUTRAL, REMARK, panel_letter, rows

# Dashes tell the slopes of surrogates and of smoothed networks apart.
SURROGATE, SMOOTHED = FAMILIES["surrogate"].color, FAMILIES["smoothed"].color


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draws the published loop, a second one, and the stochastic network's."""
    published = data["published"]
    slopes = published["beta_surrogate"]
    figure = plt.figure(figsize=(FULL_WIDTH, 6.35))
    top, middle, bottom = rows(figure, (0.91, 1, 1))
    planes = top.subplots(1, slopes.size + 1, sharey=True)
    titles = ["step network", *(rf"smoothed, $\beta={beta:g}$" for beta in slopes)]
    outputs = [published["plane_output"], *published["plane_smoothed_output"]]
    for axes, output, title in zip(planes, outputs, titles, strict=True):
        image = _plane(axes, published, output, title)
    top.colorbar(image, ax=planes, label="output $y$", ticks=[0, 0.5, 1], pad=0.01, aspect=14)
    planes[0].set_ylabel("along $d_2$", labelpad=0)

    around, integrals = middle.subplots(1, 2)
    _outputs(around, published)
    _integrals(integrals, published)
    second, stochastic = bottom.subplots(1, 2)
    _integrals(second, data["second"])
    second.set_title("second loop", loc="right", fontsize=7)
    _stochastic(stochastic, data["stochastic"])
    for axes, letter in zip(
        (planes[0], around, integrals, second, stochastic), "abcde", strict=True
    ):
        panel_letter(axes, letter)
    return figure


def _plane(axes: Axes, data: dict[str, np.ndarray], output: np.ndarray, title: str) -> QuadMesh:
    axis = data["plane_axis"]
    image = axes.pcolormesh(axis, axis, output.T, cmap="cividis", vmin=0, vmax=1, rasterized=True)
    angle = np.linspace(0, 2 * np.pi, 361)
    axes.plot(*(data["radius"] * np.stack([np.sin(angle), np.cos(angle)])), color="white", lw=1.4)
    axes.plot(*(data["radius"] * np.stack([np.sin(angle), np.cos(angle)])), color=REMARK, lw=0.8)
    start = np.deg2rad(20)
    axes.annotate(
        "",
        (data["radius"] * np.sin(start), data["radius"] * np.cos(start)),
        (0, data["radius"]),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
            "color": REMARK,
            "lw": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    axes.plot(0, data["radius"], "o", color=REMARK, mec="white", mew=0.6, ms=4)
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=7, loc="right")
    axes.set_xlabel("along $d_1$", labelpad=0)
    axes.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    return image


def _around(axes: Axes, ylabel: str) -> None:
    """Common dress of everything that is shown against the angle on the circle."""
    axes.set(xlim=(0, 360), xticks=range(0, 361, 90), xlabel="angle (degrees)", ylabel=ylabel)


def _outputs(axes: Axes, data: dict[str, np.ndarray]) -> None:
    degrees = np.rad2deg(data["angle"])
    axes.plot(degrees, data["output"], color=DETERMINISTIC, label="step network")
    for i, beta in enumerate(data["beta_surrogate"]):
        label = rf"smoothed, $\beta={beta:g}$"
        axes.plot(
            degrees, data["smoothed_output"][i], color=SMOOTHED, ls=DASHES[i % 3], label=label
        )
    _around(axes, "output $y$")
    axes.set_ylim(-0.03, 1.5)
    axes.set_yticks([0, 0.5, 1])
    axes.legend(loc="upper center", ncols=2, handlelength=2.6, columnspacing=1)


def _integrals(axes: Axes, data: dict[str, np.ndarray]) -> None:
    degrees = np.rad2deg(data["angle"])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    for i in range(data["beta_surrogate"].size):
        axes.plot(degrees, data["smoothed_running"][i], color=SMOOTHED, ls=DASHES[i % 3])
        axes.plot(degrees, data["sg_running"][i], color=SURROGATE, ls=DASHES[i % 3])
    _around(axes, r"$\int g\cdot d\theta$ (units of $y$)")
    _end_labels(
        axes,
        [
            (data["sg_loop"][i], rf"{data['sg_loop'][i]:+.4g}  ($\beta_{{SG}}={beta:g}$)")
            for i, beta in enumerate(data["beta_surrogate"])
        ],
    )
    for color, label in (
        (SURROGATE, "surrogate gradient"),
        (SMOOTHED, "smoothed network's gradient"),
    ):
        axes.plot([], [], color=color, label=label)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.25 * (high - low))
    axes.legend(loc="upper left", ncols=1)


def _stochastic(axes: Axes, data: dict[str, np.ndarray]) -> None:
    degrees = np.rad2deg(data["angle"])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    axes.plot(degrees, data["exact_running"], **EXACT, label="exact gradient")
    running = data["expected_sg_running"]
    axes.plot(degrees, running, **LOOKS["surrogate"].line(), label="E[SG], matched")
    _around(axes, r"$\int g\cdot d\theta$ (units of E[$y$])")
    loop = data["expected_sg_running"][-1]
    _end_labels(axes, [(loop, f"{loop:+.4g}"), (0.0, "0")])
    axes.set_title(rf"stochastic network, $\beta={data['beta']:g}$", loc="right", fontsize=7)
    axes.legend(loc="lower left", handlelength=2.6)


def _end_labels(axes: Axes, ends: list[tuple[float, str]]) -> None:
    """Writes what is left after a full turn to the right of the axes, without overlaps."""
    low, high = axes.get_ylim()
    gap, last = 0.09 * (high - low), -np.inf
    for value, text in sorted(ends):
        position = max(value, last + gap)
        axes.annotate(
            text,
            (360, value),
            (366, position),
            annotation_clip=False,
            va="center",
            fontsize=6,
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": NEUTRAL, "shrinkA": 0, "shrinkB": 0},
        )
        last = position
