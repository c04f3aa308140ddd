"""Figure 6: stochastic and deterministic networks learn precise spike times."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.style import FULL_WIDTH, MODES, NEUTRAL, STOCHASTIC, panel_letter, rows

FROZEN = (0, (1, 1.2))
OUTPUT_DASH = (0, (4, 1.5))


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draws rasters, the picture as it emerges, losses, variability, rates and intervals."""
    figure = plt.figure(figsize=(FULL_WIDTH, 9.2))
    first, second, third, fourth = rows(figure, (2.0, 1.05, 1.15, 1.0))
    rasters = first.subplots(2, 5)
    for row, mode in zip(rasters, MODES, strict=True):
        _rasters(row, data[mode], mode)
    frames = second.subplots(1, 7)
    _frames(frames, data["stochastic"])
    curves = third.subplots(1, 4)
    _losses(curves[0], data, "van_rossum", "van Rossum distance")
    _losses(curves[1], data, "l2", "L2 distance")
    _fano(curves[2], data["stochastic"])
    _rates(curves[3], data)
    histograms = fourth.subplots(1, 3)
    _histogram(histograms[0], data, "isi", np.arange(0.5, 60), "interspike interval (ms)")
    _histogram(histograms[1], data, "cv", np.linspace(0, 3, 31), "CV of intervals")
    _histogram(histograms[2], data, "rates", np.linspace(0, 600, 31), "rate (Hz)")
    starts = (rasters[0, 0], frames[0], *curves, *histograms)
    for axes, letter in zip(starts, "abcdefghi", strict=True):
        panel_letter(axes, letter)
    return figure


def _image(axes: Axes, raster: np.ndarray, color: str = "black") -> None:
    """A raster with neurons from top to bottom, time from left to right."""
    axes.imshow(
        np.where(raster[..., None], to_rgb(color), 1.0),
        aspect="auto",
        interpolation="none",
    )
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)


def _rasters(row: np.ndarray, data: dict[str, np.ndarray], mode: str) -> None:
    color = MODES[mode]
    parts = {
        "input": "inputs",
        "hidden, before": "hidden_before",
        "hidden, after": "hidden_after",
        "output, before": "output_before",
        "output, after": "output_after",
    }
    for axes, (title, name) in zip(row, parts.items(), strict=True):
        _image(axes, data[name][0].T, NEUTRAL if name == "inputs" else color)
        if mode == "deterministic":
            axes.set_title(title)
    n_steps, n_neurons = data["output_after"][0].shape
    row[0].set_ylabel(f"{mode}\n{n_neurons} neurons")
    if mode == "stochastic":
        for axes in row:
            axes.set_xlabel(f"{n_steps} ms", labelpad=2)


def _frames(row: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """The output of the stochastic network, from before training on, and the target."""
    for axes, raster, epoch in zip(row, data["frames"][0], data["frame_epoch"][0], strict=False):
        _image(axes, raster.T)
        axes.set_xlabel(f"epoch {epoch}", labelpad=2, fontsize=7)
    for axes in row[data["frames"].shape[1] : -1]:
        axes.set_visible(False)
    _image(row[-1], data["picture"][0])
    row[-1].set_xlabel("target", labelpad=2, fontsize=7, fontweight="bold")


def _curve(
    axes: Axes, data: dict, name: str, color: str, ls: object, label: str | None = None
) -> None:
    """Median over seeds, and their range."""
    epoch, values = data["epoch"][0], data[name].astype(float)
    axes.plot(epoch, np.median(values, axis=0), color=color, ls=ls, lw=1, label=label)
    if len(values) > 1:
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(epoch, low, high, color=color, alpha=0.25, lw=0)


def _epochs(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))


def _losses(axes: Axes, data: dict, name: str, label: str) -> None:
    """Training under either mode, the frozen baseline, and tests under the other mode."""
    for mode, color in MODES.items():
        _curve(axes, data[mode], name, color, "-", mode)
        _curve(axes, data[f"{mode}_frozen"], name, color, FROZEN)
        tested = np.median(data[mode][f"other_{name}"], axis=0)[1:]
        axes.plot(data[mode]["observed_epoch"][0][1:], tested, ".", color=color, ms=1.5)
    axes.plot([], [], color=NEUTRAL, ls=FROZEN, label="hidden frozen")
    axes.plot([], [], ".", color=NEUTRAL, ms=1.5, label="other spike mode")
    axes.set_ylabel(label)
    _epochs(axes)
    if name == "van_rossum":
        axes.set_yscale("log")
        axes.set_ylim(top=150)
        axes.legend(fontsize=6, handlelength=2.2, loc="upper right")


def _fano(axes: Axes, data: dict[str, np.ndarray]) -> None:
    for name, ls in (("hidden", "-"), ("output", OUTPUT_DASH)):
        _curve(axes, data, f"fano_{name}", STOCHASTIC, ls, f"{name}, per bin")
        _curve(axes, data, f"fano_counts_{name}", NEUTRAL, ls, f"{name}, counts")
    axes.set(ylabel="Fano factor", ylim=(0, None))
    _epochs(axes)
    axes.legend(fontsize=6, handlelength=2.2, loc="center right", bbox_to_anchor=(1, 0.46))


def _rates(axes: Axes, data: dict) -> None:
    for mode, color in MODES.items():
        _curve(axes, data[mode], "rate_hidden", color, "-")
        _curve(axes, data[mode], "rate_output", color, OUTPUT_DASH)
    axes.plot([], [], color=NEUTRAL, ls=OUTPUT_DASH, label="output")
    axes.plot([], [], color=NEUTRAL, label="hidden")
    axes.set(ylabel="rate (Hz)", ylim=(0, None))
    _epochs(axes)
    axes.legend(fontsize=6, handlelength=2.2, loc="center right")


def _histogram(axes: Axes, data: dict, name: str, bins: np.ndarray, label: str) -> None:
    """Distribution after training; all seeds together."""
    for mode, color in MODES.items():
        for layer, ls in (("hidden", "-"), ("output", OUTPUT_DASH)):
            values = data[mode][f"{name}_{layer}"].astype(float).ravel()
            values = values[np.isfinite(values)]
            axes.hist(
                values, bins.tolist(), density=True, histtype="step", color=color, ls=ls, lw=1
            )
    axes.set(xlabel=label, yticks=[], ylabel="density", xlim=(bins[0], bins[-1]))
