"""Figure 3: derivatives in multi-layer stochastic networks.

a, b: an SPM sums over all paths of spikes. c: path by path, the surrogate gradient is one of the
smoothed stochastic derivatives. d to g: what it is not, the derivative of the expectation.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures import style
from figures.looks import LOOKS, NO_ERROR
from figures.panels.estimates import draw_bias, draw_derivatives, draw_error
from figures.panels.path_tree import draw_network, draw_tree
from figures.style import BRANCH, INK, REMARK, SHADE, SMALL, STOCHASTIC

Panel = dict[str, np.ndarray]

COUNTED = (
    "exact_enumeration",
    "transfer_matrix",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "surrogate",
)
"""Whose evaluations are counted, from the most to the fewest."""
COUPLINGS = ("straight_through", "right", "left", "two_sided")
CLAIMS = (
    "A smoothed probabilistic model (SPM) sums over all paths of spikes: exact, at exponential "
    "cost",
    "On every single path, the surrogate gradient (SG) is the smoothed stochastic derivative with "
    "the straight-through coupling",
    "Averaged over paths, it is not the derivative of the expected output, not even in sign",
    "More trials do not remove the bias; it grows with depth and with the slope $\\beta$ of the "
    "escape noise",
)


def render(data: dict[str, Panel]) -> Figure:
    """Draws the figure.

    Args:
        data: panels "paths", "cost", "estimators" and "depth", the last two with a leading axis
            of seeds.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 9.0))
    heights = (2.5, 1.95, 1.9, 2.65)
    rows = style.rows(figure, heights)
    for row, claim in zip(rows, CLAIMS, strict=True):
        row.suptitle(claim, x=0.01, ha="left", fontsize=8, color=INK)
    top, middle, weights, bottom = rows
    sketch, tree, cost = top.subplots(1, 3, width_ratios=(1.0, 2.9, 2.3))
    _paths(sketch, tree, data["paths"])
    _cost(cost, data["cost"])
    _identity(middle.subplots(1, 4, sharex=True, sharey=True), data["paths"])
    draw_derivatives(weights, data["estimators"])
    left, centre, right = style.columns(bottom, (2.9, 1.8, 2.0))
    draw_bias(left.subplots(1, 2, sharey=True, width_ratios=(1.3, 1)), data["estimators"])
    _depth(centre.subplots(2, 1, sharex=True), data["depth"])
    draw_error(right.subplots(), data["estimators"])
    return figure


def _paths(sketch: Axes, tree: Axes, data: Panel) -> None:
    sampled = int(data["sampled"])
    draw_network(sketch, data["sizes"], data["states"][sampled])
    draw_tree(tree, data["sizes"], data["states"], data["probability"], sampled)
    for color, text in ((STOCHASTIC, "sampled (SG)"), (BRANCH, "all (SPM)")):
        sketch.plot([], [], color=color, lw=2.5, label=text)
    sketch.legend(loc="lower left", fontsize=SMALL, handlelength=1.2, borderpad=0)
    style.panel_letter(sketch, "a")


def _cost(axes: Axes, data: Panel) -> None:
    """Evaluations against the number of spike sites: markers are counts, lines their laws."""
    enumeration, transfer, replays, few, single = (data[name] for name in COUNTED)
    # The layered networks have one output neuron beside their hidden ones.
    sites, flips = data["hidden"] + 1, int(data["n_flips"])
    recurrent = data["recurrent_neurons"] * data["steps"]
    n = np.linspace(min(sites[0], recurrent[0]), max(sites[-1], recurrent[-1]), 100)
    paths, matrices, every, some, one = (LOOKS[name] for name in COUNTED)
    axes.plot(n, 2**n, color=paths.color, lw=0.8, zorder=1)
    axes.plot(sites, enumeration, "o", color=paths.color, label="layered")
    axes.plot(recurrent, data["recurrent"], "x", color=REMARK, mew=1.3, ms=5, label="recurrent")
    axes.plot(sites, transfer, **matrices.line(), **matrices.markers(3))
    axes.plot(n, 1 + n, color=every.color, lw=0.8, zorder=1)
    axes.plot(sites, replays, **every.markers(4), ls="")
    axes.plot(n, np.full_like(n, 1 + flips), ls="--", color=some.color, lw=0.8, zorder=1)
    axes.plot(sites, few, **some.markers(4), ls="")
    axes.plot(n, np.ones_like(n), color=one.color, lw=0.8, zorder=1)
    axes.plot(sites, single, **one.markers(4), ls="")
    for y, color, text in (
        (enumeration[-1], paths.color, "all paths\n$2^N$"),
        (transfer[-1], matrices.color, "transfer matrices\n(entries)\n$\\sim 2^{n_l+n_{l+1}}$"),
        (replays[-1], every.color, "stoch. AD\n$N+1$"),
        (few[-1], some.color, f"{flips} flips"),
        (single[-1], INK, "SG"),
    ):
        axes.annotate(
            text,
            (n[-1], y),
            (5, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=color,
        )
    axes.set(
        yscale="log",
        ylim=(0.6, None),
        xlabel="spike sites $N$ = neurons (× time steps)",
        ylabel="network evaluations",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", fontsize=SMALL, handletextpad=0.2)
    style.panel_letter(axes, "b")


def _identity(row: np.ndarray, data: Panel) -> None:
    """Surrogate gradient against each smoothed derivative, path by path."""
    sg = data["surrogate"]
    size = np.repeat(2 + 120 * data["probability"], sg.shape[1])
    limit = 8 * np.abs(data["smoothed"]).max()
    differences = zip(data["relative_difference"], data["largest_difference"], strict=True)
    couplings = zip(row, COUPLINGS, data["smoothed"], differences, strict=True)
    for axes, name, smoothed, (relative, largest) in couplings:
        look = LOOKS[f"smoothed_{name}"]
        axes.plot([-limit, limit], [-limit, limit], color=INK, lw=0.6, zorder=1)
        axes.scatter(sg, smoothed, s=size, c=look.color, ec=INK, lw=0.3, alpha=0.8)
        for scale in (axes.set_xscale, axes.set_yscale):
            scale("symlog", linthresh=1e-2)
        text = f"differs by {relative:.0%}" if largest > NO_ERROR else f"equal to {largest:.0e}"
        axes.text(0.04, 0.98, text, transform=axes.transAxes, va="top", size=SMALL)
        axes.set_title(look.label.removeprefix("smoothed, "))
        axes.set_xlabel("SG, all parameters")
    ticks = [-10, -0.1, 0, 0.1, 10]
    labels = [f"{tick:g}" for tick in ticks]
    row[0].set(xlim=(-limit, limit), ylim=(-limit, limit), ylabel="smoothed stochastic AD")
    row[0].text(0.96, 0.04, "area: probability", transform=row[0].transAxes, ha="right", size=SMALL)
    row[0].set_xticks(ticks, labels)
    row[0].set_yticks(ticks, labels)
    row[0].minorticks_off()
    style.panel_letter(row[0], "c")


def _depth(column: np.ndarray, data: Panel) -> None:
    """Exact bias of the surrogate gradient over random networks."""
    bias, norm, wrong = (
        np.concatenate(data[name], axis=-1) for name in ("bias", "norm", "wrong_sign")
    )
    depths = data["depths"][0]
    hidden = depths > 0
    for i, beta in enumerate(data["betas"][0]):
        look = {
            "color": LOOKS["surrogate"].color,
            "mec": INK,
            "mew": 0.4,
            "marker": "osD^vX"[i % 6],
        }
        low, middle, high = np.nanquantile(bias[i] / norm[i], (0.25, 0.5, 0.75), axis=-1)
        column[0].fill_between(
            depths[hidden], low[hidden], high[hidden], **(SHADE | {"alpha": 0.2})
        )
        column[0].plot(depths[hidden], middle[hidden], **look)
        column[1].plot(depths, 100 * wrong[i].mean(axis=-1), **look)
        column[0].annotate(
            f"$\\beta$={beta:g}",
            (depths[-1], middle[-1]),
            (5, 0),
            textcoords="offset points",
            size=SMALL,
            va="center",
        )
    column[0].set(yscale="log", ylabel="relative bias\nin layer 1")
    column[1].set(xlabel="hidden layers", ylabel="wrong sign\nin layer 1 (%)", xticks=depths)
    style.panel_letter(column[0], "f")
