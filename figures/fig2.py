"""Figure 2: derivatives in single neurons, and where surrogate gradients are exact and not."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from figures import style
from figures.drawing import Data
from figures.looks import EXACT, LOOKS
from figures.style import INK

# The colour of a surrogate gradient is that of the neuron's spike mode.
DETERMINISTIC = {**LOOKS["surrogate_deterministic"].line(), "lw": 1.4}
STOCHASTIC = {**LOOKS["surrogate"].line(), "lw": 1.4}
SAMPLED = {"stochastic_ad": 4.5, "stochastic_ad_right": 4.0, "score_function_no_baseline": 3.2}
"""Sizes of markers: where estimators agree, all are seen."""
LEGEND = {
    "exact": EXACT,
    "SG, deterministic neuron": DETERMINISTIC,
    "SG, stochastic neuron": STOCHASTIC,
    **{LOOKS[name].label: LOOKS[name].markers(size) | {"ls": ""} for name, size in SAMPLED.items()},
}
REMARK = {"fontsize": 7, "color": style.REMARK}
WRONG = {"color": style.REMARK, "alpha": 0.13, "lw": 0}


def render(data: Data) -> Figure:
    """Perceptron above, one path of a LIF neuron in the middle, averages and limits below."""
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05)
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.05), layout=layout)
    rows = figure.add_gridspec(3, 1, height_ratios=(1, 1.65, 1.1))
    top, middle, bottom = rows[0].subgridspec(1, 2), rows[1], rows[2].subgridspec(1, 3)
    below = middle.subgridspec(3, 1, height_ratios=(0.5, 1, 1))
    path = below.subplots(sharex=True, squeeze=False)[:, 0]
    axes = [figure.add_subplot(cell) for cell in (*top, *bottom)]
    perceptron, lif = (_first_seed(data[panel]) for panel in ("perceptron", "lif"))
    _perceptron(axes[0], perceptron)
    _squared_loss(axes[1], perceptron)
    _path(path, lif)
    _averaged(axes[2], lif)
    _error(axes[3], data["error"])
    _limit(axes[4], data["limit"])
    for letter, axis in zip("abcdef", (*axes[:2], path[0], *axes[2:]), strict=True):
        style.panel_letter(axis, letter)
        axis.title.set_fontsize(7.5)
    handles = [Line2D([], [], label=label, **look) for label, look in LEGEND.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles) // 2, fontsize=7)
    return figure


def _first_seed(panel: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array[0] for name, array in panel.items()}


def _perceptron(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Every estimator of dE[S]/dw against u; sampled ones at every other point, to be seen."""
    u = data["u_sampled"]
    axis.plot(data["u"], data["exact"], **EXACT)
    axis.plot(data["u"], data["surrogate_deterministic"], **DETERMINISTIC)
    samples = LOOKS["surrogate"].markers(2.8)
    axis.plot(u, data["surrogate_samples"].T, ls="", zorder=4, **samples)
    for name, first in (("stochastic_ad_right", 1), ("score_function_no_baseline", 0)):
        at = slice(first, None, 2)
        _sampled(axis, name, u[at], data[f"{name}_mean"][at], data[f"{name}_se"][at])
    axis.set(xlabel="membrane potential $u$", ylabel="d E$[S]$ / d$w$")
    axis.set_title("perceptron, firing probability: SG is exact")


def _sampled(axis: Axes, name: str, x: np.ndarray, mean: np.ndarray, error: np.ndarray) -> None:
    """Markers of a sampled estimator, with its standard error."""
    look = LOOKS[name]
    markers = look.markers(SAMPLED[name])
    axis.errorbar(x, mean, error, ls="", ecolor=look.color, elinewidth=0.8, **markers)


def _squared_loss(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """The loss (S - z)^2: the derivative of its mean, and the mean surrogate gradient."""
    u, exact, surrogate = data["u"], data["loss_exact"], data["loss_surrogate"]
    axis.axhline(0, color=INK, lw=0.5)
    axis.plot(u, exact, **EXACT)
    axis.plot(u, data["loss_surrogate_deterministic"], **DETERMINISTIC)
    axis.plot(u, surrogate, **STOCHASTIC)
    wrong = exact * surrogate < 0
    axis.fill_between(u, 0, 1, where=wrong, transform=axis.get_xaxis_transform(), **WRONG)
    if wrong.any():
        _wrong_sign(axis, u[wrong].mean())
    axis.set(xlabel="membrane potential $u$", ylabel="d E$[(S-z)^2]$ / d$w$")
    axis.set_title(f"perceptron, squared error, $z$ = {data['target']:g}: SG is biased")


def _wrong_sign(axis: Axes, x: float) -> None:
    where = {"transform": axis.get_xaxis_transform(), "ha": "center", "va": "top"}
    axis.text(x, 0.94, "wrong sign", **where, **REMARK)


def _path(axes: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """One path: inputs, potentials and spikes, and the derivative given the past."""
    time = 1e3 * data["time"]
    step, channel = np.nonzero(data["inputs"])
    axes[0].plot(time[step], channel, "|", color=style.NEUTRAL, ms=2, mew=0.7)
    axes[0].set(ylabel="inputs", yticks=[])
    axes[0].set_title("LIF neuron, given its own past spikes: SG is exact")
    looks = {"deterministic": DETERMINISTIC, "stochastic": STOCHASTIC}
    for level, (kind, look) in zip((2.1, 1.75), looks.items(), strict=True):
        spikes = time[data[f"{kind}_spikes"] > 0.5]
        axes[1].plot(time, data[f"{kind}_potential"], **look)
        axes[1].plot(spikes, np.full_like(spikes, level), "|", color=look["color"], ms=5, mew=1.3)
        axes[2].plot(time, data[f"{kind}_conditional"], **EXACT)
    for kind, look in looks.items():
        axes[2].plot(time, data[f"{kind}_surrogate"], **look)
    axes[1].axhline(1, color=style.NEUTRAL, lw=0.6, ls=":")
    axes[1].set_ylabel(r"$u$ ($\theta$)")
    axes[2].set(xlabel="time (ms)", xlim=(time[0], time[-1]))
    axes[2].set_ylabel("d P($S[t]$ | past)\n/ d$w$")


def _averaged(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Averaged over the neuron's own past."""
    time, exact, surrogate = (
        1e3 * data["averaged_time"],
        *(data[f"averaged_{name}"] for name in ("exact", "surrogate")),
    )
    axis.axhline(0, color=INK, lw=0.5)
    axis.plot(time, exact, **EXACT)
    axis.plot(time, surrogate, **STOCHASTIC)
    for name in ("stochastic_ad", "score_function_no_baseline"):
        _sampled(axis, name, time, data[f"{name}_mean"], data[f"{name}_se"])
    half = (time[1] - time[0]) / 2
    wrong = time[exact * surrogate < 0]
    for middle in wrong:
        axis.axvspan(middle - half, middle + half, **WRONG)
    if wrong.size:
        axis.text(0.03, 0.04, "shaded:\nwrong sign", transform=axis.transAxes, **REMARK)
    axis.set(xlabel="time (ms)", ylabel="d E$[S[t]]$ / d$w$")
    axis.set_title("mean over pasts: biased")


def _error(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Errors of the late spike's derivative: thin, one line a seed; thick, all seeds."""
    n = data["n_samples"][0]
    for name in ("surrogate", "smoothed_right", "stochastic_ad", "score_function_no_baseline"):
        errors, look = data[f"{name}_error"], LOOKS[name]
        markers = look.markers(SAMPLED[name]) if name in SAMPLED else {}
        axis.plot(n, errors.T, color=look.color, lw=0.4, alpha=0.6)
        axis.plot(n, np.sqrt(np.mean(errors**2, axis=0)), lw=1.4, **look.line(), **markers)
    deterministic = abs(data["surrogate_deterministic"][0] / data["exact"][0] - 1)
    axis.plot(n[[0, -1]], [deterministic] * 2, **DETERMINISTIC)
    guide = 0.4 * data["stochastic_ad_error"][0, 0] / np.sqrt(n)
    axis.plot(n, guide, color=INK, lw=0.8, ls=":")
    middle = n.size // 3
    axis.annotate(
        r"$\propto 1/\sqrt{n}$",
        (n[middle], guide[middle]),
        (-4, -4),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=7,
    )
    smoothed = LOOKS["smoothed_right"]
    axis.plot([], [], lw=1.4, label=smoothed.label, **smoothed.line())
    axis.legend(loc="upper right", borderaxespad=0, handlelength=1.6)
    axis.set(xscale="log", yscale="log", xlabel="number of samples $n$", ylabel="relative error")
    axis.set_ylim(top=8)
    axis.set_title("more samples: bias stays")


def _limit(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Distance to the deterministic network's gradient: thin, one line a seed; thick, the mean."""
    beta = data["beta"][0]
    for name, ls, marker in (("lif", "-", "o"), ("mlp", "--", "s")):
        means = data[f"{name}_mean"]
        axis.plot(beta, means.T, color=style.STOCHASTIC, ls=ls, lw=0.4, alpha=0.7)
        axis.plot(
            beta,
            means.mean(axis=0),
            color=style.STOCHASTIC,
            ls=ls,
            marker=marker,
            mec=INK,
            mew=0.4,
            label=f"{name.upper()} network",
        )
    axis.axhline(0, **DETERMINISTIC)
    axis.set(xscale="log", xlabel=r"steepness $\beta$ of escape noise")
    axis.set_ylabel("distance to deterministic SG")
    axis.set_title("less noise: the same SG")
    axis.legend()
