"""Figure 3: derivatives in multi-layer stochastic networks.

a, b: an SPM sums over all paths of spikes. c: path by path, the surrogate gradient is one of the
smoothed stochastic derivatives. d to f: what it is not, the derivative of the expectation.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures import style
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.couplings import draw_couplings
from figures.panels.estimates import (
    MAIN,
    draw_derivatives,
    draw_error,
    facets,
    key_below,
)
from figures.panels.path_tree import FLIPPED, TAKEN, draw_network, draw_tree
from figures.style import BRANCH, DASHES, INK, SMALL, greys

COUNTED = (
    "exact_enumeration",
    "transfer_matrix",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "surrogate",
)
"""Estimators whose evaluations are counted, from the most to the fewest."""
COUPLINGS = ("straight_through", "two_sided")
"""Couplings: the surrogate gradient's, and the plain mean of right and left."""


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: panels "paths", "cost", "estimators" and "depth", the last two with a leading axis
            of seeds.
    """
    # Many names have a row of their own.
    below = key_below(data["estimators"])
    figure = plt.figure(figsize=(style.FULL_WIDTH, 7.4 + below))
    top, middle, bottom, *key = style.rows(figure, (2.5, 1.9, 2.5, *([below] if below else [])))
    sketch, tree, cost = top.subplots(1, 3, width_ratios=(1.0, 2.9, 2.3))
    _paths(sketch, tree, data["paths"])
    _cost(cost, data["cost"])
    # A user's own list of estimators has a facet of its own.
    groups = facets(data["estimators"], MAIN) or {"": names_of(data["estimators"], "estimators")}
    part, right = style.columns(middle, (len(COUPLINGS) + 0.35, len(groups)))
    couplings = part.subplots(1, len(COUPLINGS), sharex=True, sharey=True)
    draw_couplings(couplings, data["paths"], COUPLINGS)
    derivatives = right.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    draw_derivatives(derivatives, data["estimators"], groups)
    part, right = style.columns(bottom, (1, 1))
    depth, error = part.subplots(2, 1, sharex=True), right.subplots()
    _depth(depth, data["depth"])
    draw_error(error, data["estimators"])
    error.set_title("error of the mean, network of a", size=7.5)
    if key:
        names = key[0].subplots()
        names.axis("off")
        names.legend(*error.get_legend_handles_labels(), loc="center", ncols=3, fontsize=6)
    lettered = (sketch, cost, couplings[0], derivatives[0], depth[0], error)
    style.name_panels("abcdef", lettered)
    return figure


def teaser(data: Data) -> Figure:
    """Draw the identity: each smoothed derivative on each path over the surrogate gradient."""
    panel = data["paths"]
    figure = plt.figure(figsize=style.TEASER)
    row = figure.subplots(1, 2, sharex=True, sharey=True)
    shown = "straight_through", "right"
    draw_couplings(row, panel, shown)
    title = (
        "on every path, the surrogate gradient (SG) is one\nof the smoothed stochastic derivatives"
    )
    figure.suptitle(title, size=7.5, x=0.14, ha="left")
    names = "straight-through flips:\nidentical", "flips to a spike only:\ndifferent"
    for axes, name in zip(row, names, strict=True):
        axes.set_title(name, size=7, weight="bold", color=INK)
        axes.set_xlabel("surrogate gradient", size=7)
    return figure


def _paths(sketch: Axes, tree: Axes, data: Panel) -> None:
    sampled = int(data["sampled"])
    draw_network(sketch, data["sizes"], data["states"][sampled])
    flipped = _flipped(data, sampled)
    draw_tree(tree, data["sizes"], data["states"], data["probability"], sampled, flipped)
    looks = {
        "original path, sampled (SG, matched)": {"color": TAKEN, "lw": 2.5},
        "perturbed path (stochastic AD):\none spike flipped, weight $p^\\prime(u)$": FLIPPED,
        "all paths (smoothed probabilistic model)": {"color": BRANCH, "lw": 2.5},
    }
    place = {"loc": "upper left", "bbox_to_anchor": (-0.05, 0.1), "borderpad": 0}
    style.name_looks(sketch, looks, handlelength=1.6, **place).set_in_layout(False)


def _flipped(data: Panel, sampled: int) -> int:
    """Return the most probable path with one spike of the first layer flipped."""
    first = data["states"][:, : data["sizes"][1]]
    one = (first != first[sampled]).sum(axis=1) == 1
    return int(np.argmax(np.where(one, data["probability"], -1)))


def _cost(axes: Axes, data: Panel) -> None:
    """Draw evaluations against the number of spike sites: markers are counts, lines their laws."""
    enumeration, transfer, replays, few, single = (data[name] for name in COUNTED)
    # A layered network has one output neuron beside the hidden ones.
    sites, flips = data["hidden"] + 1, int(data["n_flips"])
    recurrent = data["recurrent_neurons"] * data["steps"]
    n = np.linspace(min(sites[0], recurrent[0]), max(sites[-1], recurrent[-1]), 100)
    paths, matrices, every, some, one = (LOOKS[name] for name in COUNTED)
    axes.plot(n, 2**n, color=paths.color, lw=0.8, ls=DASHES[2], zorder=1)
    axes.plot(sites, enumeration, ls="", label="layered", **paths.markers(4))
    axes.plot(recurrent, data["recurrent"], "x", color=INK, mew=1.3, ms=5, label="recurrent")
    axes.plot(sites, transfer, **matrices.line(3))
    axes.plot(n, 1 + n, color=every.color, lw=0.8, zorder=1)
    axes.plot(sites, replays, **every.markers(4), ls="")
    axes.plot(n, np.full_like(n, 1 + flips), ls="--", color=some.color, lw=0.8, zorder=1)
    axes.plot(sites, few, **some.markers(4), ls="")
    axes.plot(n, np.ones_like(n), color=one.color, lw=0.8, zorder=1)
    axes.plot(sites, single, **one.markers(4), ls="")
    axes.set(
        yscale="log",
        ylim=(0.6, None),
        xlabel="spike sites $N$ = neurons (× time steps)",
        ylabel="forward passes",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title("price of one gradient", size=7.5)
    axes.legend(loc="upper left", fontsize=SMALL, handletextpad=0.2)
    _name(
        axes,
        n[-1],
        {
            one.label: (1, one.ink),
            f"stochastic AD, few flips:\n{flips} random sites": (1 + flips, some.ink),
            "stochastic AD:\n$N+1$": (1 + n[-1], every.ink),
            "transfer matrices:\nexponential in the\nwidth of layers": (transfer[-1], matrices.ink),
            "all paths: $2^N$": (2 ** n[-1], paths.ink),
        },
    )


def _depth(column: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """Draw the first layer's relative bias, medians and quartiles; below, shares of wrong signs."""
    depths, betas = data["depths"][0], data["betas"][0]
    low, middle, high = data["relative_bias_quartiles"]
    share, ends = 100 * data["wrong_share"], 100 * data["wrong_share_interval"]
    hidden = depths > 0
    at = depths[hidden]
    for i, color in enumerate(greys(len(betas))):
        look = {"color": color, "marker": ".", "lw": 1.4}
        column[0].fill_between(at, low[i][hidden], high[i][hidden], color=color, alpha=0.25, lw=0)
        column[0].plot(at, middle[i][hidden], label=f"$\\beta$ = {betas[i]:g}", **look)
        bars = np.abs(ends[:, i] - share[i])
        column[1].errorbar(depths, share[i], bars, ecolor=color, elinewidth=0.9, **look)
    column[0].set_title("bias of the SG by depth and noise", size=7.5)
    # The least noise above, as its curve is.
    beside = {"loc": "upper left", "bbox_to_anchor": (1, 1.05)}
    column[0].legend(reverse=True, fontsize=SMALL, **beside)
    column[0].set(yscale="log", ylabel="relative bias")
    words = "bands: quartiles\nbars: 95 %\nintervals"
    column[1].text(1.03, 1, words, transform=column[1].transAxes, va="top", size=SMALL)
    column[1].set(xlabel="hidden layers", ylabel="wrong signs (%)")
    if len(depths) <= 8:  # each has room for a tick
        column[1].set_xticks(depths)
    else:
        column[1].xaxis.set_major_locator(MaxNLocator(8, integer=True))


LINE = 0.068
"""Height of a line of text in the panel of evaluations, as a share of it."""


def _name(axes: Axes, x: float, ends: dict[str, tuple[float, str]]) -> None:
    """Name curves at their ends, given by height and colour, without overlap."""
    names = sorted(ends, key=lambda name: ends[name][0])
    low, high = np.log(axes.get_ylim())
    wanted = [(np.log(ends[name][0]) - low) / (high - low) for name in names]
    places = style.apart(wanted, [LINE * (1 + name.count("\n")) for name in names])
    for name, y in zip(names, places, strict=True):
        axes.annotate(
            name,
            (x, y),
            (5, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=ends[name][1],
        )
