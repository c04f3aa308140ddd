"""Figure 2: derivatives in single neurons, and where surrogate gradients are exact and not."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures import style
from figures.looks import DASHED, EXACT, LOOKS
from figures.panels import Data, first_seed
from figures.panels.schematic import Arrow, Node, canvas, draw_schematic
from figures.style import INK, NEUTRAL, SMALL, WRONG

DETERMINISTIC = {**LOOKS["surrogate_deterministic"].line(), "lw": 1.4}
STOCHASTIC = {**LOOKS["surrogate"].line(), "lw": 1.4}
SAMPLED = {"stochastic_ad": 5.0, "stochastic_ad_right": 4.5, "score_function_no_baseline": 5.0}
"""Sizes of markers: where estimators agree, all are seen."""
SAMPLES = LOOKS["surrogate"].markers(3.5)
UNBIASED = ("stochastic_ad", "score_function_no_baseline")
SHORT = {"stochastic": "stoch.", "deterministic": "det."}


def render(data: Data) -> Figure:
    """Draw where surrogate gradients are exact (left) and where they are biased (right)."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.5))
    first, second, third, fourth = style.rows(figure, (1.05, 1.9, 3.35, 2.2))
    sketch, key = first.subplots(1, 2)
    of_spike, of_loss = second.subplots(1, 2)
    left, right = style.columns(third, (2.75, 4.25))
    path: Any = left.subplots(3, 1, height_ratios=(0.4, 1, 1), sharex=True)
    averaged = right.subplots()
    error, limit = fourth.subplots(1, 2)
    perceptron, lif = (first_seed(data[panel]) for panel in ("perceptron", "lif"))
    _neurons(sketch)
    _key(key)
    _perceptron(of_spike, perceptron)
    _squared_loss(of_loss, perceptron)
    _path(path, lif)
    _averaged(averaged, lif, UNBIASED)
    for axis in (of_spike, of_loss):
        axis.locator_params(axis="x", nbins=5)
    _error(error, data["error"])
    _limit(limit, data["limit"])
    lettered = (sketch, of_spike, of_loss, path[0], averaged, error, limit)
    style.name_panels("abcdefg", lettered)
    return figure


def teaser(data: Data) -> Figure:
    """Draw derivatives averaged over the neuron's own past."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    _averaged(axes, first_seed(data["lif"]), UNBIASED[:1])
    words = (
        "averaged over a neuron's own past, the surrogate\ngradient (SG) is biased, even in sign"
    )
    axes.set_title(words, size=7.5)
    names = {"stochastic_ad": "stochastic AD (unbiased)"}
    keyed = {"exact": EXACT, "surrogate": STOCHASTIC}
    looks = {LOOKS[name].label: look for name, look in keyed.items()}
    looks |= {names[n]: LOOKS[n].markers(SAMPLED[n]) | {"ls": ""} for n in names}
    looks["wrong sign of the SG"] = WRONG
    style.name_looks(axes, looks, loc="lower left", borderaxespad=0.2)
    return figure


def _neurons(axis: Axes) -> None:
    """Draw a perceptron, and a LIF neuron with the feedback of the reset."""
    canvas(axis, 11.4, 3.4)
    y = 1.2
    nodes, arrows = {}, []
    for name, x in (("perceptron", 0.3), ("LIF neuron", 6.2)):
        for i, height in ((1, 2.1), (2, y), (3, 0.3)):
            nodes[f"{name}{i}"] = Node((x, height), f"$x_{i}$", face="", radius=0.22)
            arrows.append(Arrow(f"{name}{i}", f"{name}u", "$w$" if i == 1 else ""))
        nodes[f"{name}u"] = Node((x + 2, y), "$u$")
        nodes[f"{name}S"] = Node((x + 4.2, y), "$S$", face=style.STOCHASTIC)
        arrows.append(Arrow(f"{name}u", f"{name}S"))
        axis.text(x - 0.2, 3.3, name, va="top", size=7.5, color=INK)
    look = {"color": NEUTRAL, "dashes": (0, (3, 1.5))}
    arrows.append(Arrow("LIF neuronS", "LIF neuronu", "reset: its past", bend=0.5, **look))
    draw_schematic(axis, nodes, arrows)


def _key(axis: Axes) -> None:
    """Explain lines, markers and areas of all panels."""
    looks = {
        f"{LOOKS['exact'].label} (SPM)": EXACT,
        f"{LOOKS['surrogate'].label} (dots: samples)": {**STOCHASTIC, **SAMPLES},
        LOOKS["surrogate_deterministic"].label: DETERMINISTIC,
        "wrong sign of SG, matched": WRONG,
        **{LOOKS[n].label: LOOKS[n].markers(size) | {"ls": ""} for n, size in SAMPLED.items()},
    }
    axis.axis("off")
    style.name_looks(axis, looks, loc="center left", labelspacing=0.35, borderaxespad=0)


def _perceptron(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw estimates of dE[S]/dw against u; each sampled estimator at every third point."""
    u = data["u_sampled"]
    axis.plot(data["u"], data["exact"], **EXACT)
    axis.plot(data["u"], data["surrogate_deterministic"], **DETERMINISTIC)
    axis.plot(u[::3], data["surrogate_samples"].T[::3], ls="", zorder=4, **SAMPLES)
    for name, first in (("stochastic_ad_right", 1), ("score_function_no_baseline", 2)):
        at = slice(first, None, 3)
        _sampled(axis, name, u[at], data[f"{name}_mean"][at], data[f"{name}_se"][at])
    axis.set(xlabel="membrane potential $u$", ylabel="d E$[S]$ / d$w$")
    axis.set_title("perceptron, firing probability: SG exact")


def _sampled(axis: Axes, name: str, x: np.ndarray, mean: np.ndarray, error: np.ndarray) -> None:
    """Draw markers of a sampled estimator, with its standard error."""
    look = LOOKS[name]
    markers = look.markers(SAMPLED[name])
    axis.errorbar(x, mean, error, ls="", ecolor=look.color, elinewidth=0.8, **markers)


def _squared_loss(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw the loss (S - z)^2: the derivative of its mean, and the mean surrogate gradient."""
    u, wrong = data["u"], data["loss_wrong_sign"]
    axis.axhline(0, color=INK, lw=0.5)
    axis.fill_between(u, 0, 1, where=wrong, transform=axis.get_xaxis_transform(), **WRONG)
    axis.plot(u, data["loss_exact"], **EXACT)
    axis.plot(u, data["loss_surrogate"], **STOCHASTIC)
    axis.plot(u, data["loss_surrogate_deterministic"], **DETERMINISTIC)
    axis.set(xlabel="membrane potential $u$", ylabel="d E$[(S-z)^2]$ / d$w$")
    axis.set_title(f"perceptron, squared error to target $z$ = {data['target']:g}: SG biased")


def _path(axes: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """Draw one path: inputs, potentials and spikes, and the derivative given the past."""
    time = 1e3 * data["time"]
    step, channel = np.nonzero(data["inputs"])
    axes[0].plot(time[step], channel, "|", color=NEUTRAL, ms=2, mew=0.7)
    axes[0].set(ylabel="inputs", yticks=[])
    axes[0].set_title("LIF neuron, given its past: SG exact")
    looks = {"stochastic": STOCHASTIC, "deterministic": DETERMINISTIC}
    for level, (kind, look) in zip((1.75, 2.1), looks.items(), strict=True):
        spikes, color = time[data[f"{kind}_spikes"] > 0.5], style.MODES[kind]
        axes[1].plot(time, data[f"{kind}_potential"], color=color, ls=look["ls"], lw=1.2)
        axes[1].plot(spikes, np.full_like(spikes, level), "|", color=color, ms=5, mew=1.3)
        beside = {"transform": axes[1].get_yaxis_transform(), "va": "center", "size": 6}
        axes[1].text(1.01, level, SHORT[kind], color=style.ink(color), **beside)
        axes[2].plot(time, data[f"{kind}_conditional"], **EXACT)
    for kind, look in looks.items():
        axes[2].plot(time, data[f"{kind}_surrogate"], **look)
    axes[1].axhline(1, color=NEUTRAL, lw=0.6, ls=":")
    axes[1].set_ylabel(r"$u$ / $\theta$")
    axes[2].set(xlabel="time (ms)", xlim=(time[0], time[-1]))
    axes[2].set_ylabel("d P($S[t]$ | past)\n/ d$w$")
    for axis in axes[1:]:
        axis.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    axes[2].xaxis.set_major_locator(MaxNLocator(2))


def _averaged(axis: Axes, data: dict[str, np.ndarray], unbiased: Sequence[str]) -> None:
    """Draw averages over the neuron's own past; without noise there is only one.

    Args:
        axis: where.
        data: numbers of the LIF neuron.
        unbiased: unbiased estimators to draw.
    """
    time, wrong = 1e3 * data["averaged_time"], data["averaged_wrong_sign"]
    axis.axhline(0, color=INK, lw=0.5)
    half = (time[1] - time[0]) / 2
    for middle in time[wrong]:
        axis.axvspan(middle - half, middle + half, **WRONG)
    axis.plot(time, data["averaged_exact"], **EXACT)
    axis.plot(time, data["averaged_surrogate"], **STOCHASTIC)
    if len(unbiased) > 1:
        axis.plot(time, data["averaged_surrogate_deterministic"], **DETERMINISTIC)
    for name in unbiased:
        _sampled(axis, name, time, data[f"{name}_pooled_mean"], data[f"{name}_pooled_se"])
    axis.set(xlabel="time (ms)", ylabel="d E$[S[t]]$ / d$w$")
    axis.set_title("LIF neuron, averaged over its pasts: SG biased")


def _error(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw errors of the late spike's derivative against the number of samples."""
    n = data["n_samples"][0]
    deterministic = np.full(len(n), float(data["surrogate_deterministic_pooled_error"]))
    axis.plot(n, deterministic, **DETERMINISTIC)
    axis.plot(n, data["surrogate_pooled_error"], **STOCHASTIC)
    for name in reversed(UNBIASED):
        look = LOOKS[name].line(SAMPLED[name])
        axis.plot(n, data[f"{name}_pooled_error"], lw=1, **look)
    guide = 0.4 * data["stochastic_ad_pooled_error"][0] / np.sqrt(n)
    axis.plot(n, guide, color=INK, lw=0.8, ls=":")
    middle = len(n) // 3
    below = {"textcoords": "offset points", "ha": "right", "va": "top", "size": SMALL}
    axis.annotate(r"$\propto 1/\sqrt{n}$", (n[middle], guide[middle]), (-2, -2), **below)
    axis.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="relative error")
    axis.set_title("the error of a biased mean stays")


def _limit(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw the distance to the deterministic network's gradient: thin, one line a network."""
    beta, color = data["beta"][0], LOOKS["surrogate"].color
    for name, ls in (("lif", "-"), ("mlp", DASHED)):
        networks = data[f"{name}_mean"]
        axis.plot(beta, networks.T, color=color, ls=ls, lw=0.4, alpha=0.7)
        look: dict[str, Any] = LOOKS["surrogate"].line(3.5) | {"ls": ls}
        axis.plot(beta, data[f"{name}_pooled_mean"], label=f"{name.upper()} networks", **look)
    axis.plot([], [], color=color, lw=0.4, label="single networks")
    axis.axhline(0, **DETERMINISTIC)
    axis.set(xscale="log", xlabel=r"slope $\beta$ of escape noise")
    axis.set_ylabel("relative distance to\nSG, deterministic spikes")
    axis.set_title("SG, matched: the less noise, the closer")
    axis.legend(fontsize=SMALL, borderaxespad=0, handlelength=3.5)
