"""Variations of figures 6 to 10: `CASES`, four or more for each.

Numbers are what legal parameters would give: one and many seeds, estimators, slopes and depths,
other networks, tiny and huge values.
"""

from collections.abc import Sequence

import numpy as np

from beyond.experiments.true_gradient.budgets import METHODS
from experiments.estimators import CATALOGUE
from figures.panels import Data
from tests.figure_variations.making import (
    Panel,
    Variation,
    Vary,
    after,
    along,
    entries,
    named,
    only,
    pooled,
    resized,
    scaled,
    seeds,
    values,
)


def other_picture(data: Data) -> Data:
    """One of figure 6's networks learns another target."""
    panel = data["stochastic"]
    return data | {"stochastic": panel | {"picture": ~panel["picture"][:, ::-1, :150]}}


def sizes_6(inputs: int, hidden: int, outputs: int, steps: int) -> Vary:
    """Rasters of another network."""
    neurons = {"inputs": inputs, "hidden": hidden, "output": outputs, "frames": outputs}

    def vary(panel: Panel) -> Panel:
        panel = panel | {"picture": resized(resized(panel["picture"], outputs, 1), steps, 2)}
        for name in panel.keys() & {*neurons, *RASTERS}:
            array = resized(panel[name], neurons[name.partition("_")[0]], -1)
            panel[name] = resized(array, steps, -2)
        return panel

    return vary


RASTERS = ("hidden_before", "hidden_after", "output_before", "output_after")


def epochs_6(n: int, each: int) -> Vary:
    """So many points along training, so many epochs apart."""

    def vary(panel: Panel) -> Panel:
        panel = after(along("epoch", n), along("observed_epoch", n + 1))(panel)
        seeds = len(panel["epoch"])
        panel["epoch"] = np.tile(1 + each * np.arange(n), (seeds, 1))
        panel["observed_epoch"] = np.tile(each * np.arange(n + 1), (seeds, 1))
        if "frames" in panel:
            panel = along("frame_epoch", min(n + 1, 6))(panel)
            shown = np.linspace(0, each * n, min(n + 1, 6)).astype(int)
            panel["frame_epoch"] = np.tile(shown, (seeds, 1))
        return panel

    return vary


def sizes_7(channels: int, steps: int, dt: float, filters: float) -> Vary:
    """Rasters of a network with so many times the filters."""

    def vary(panel: Panel) -> Panel:
        panel = panel | {"dt": np.full_like(panel["dt"], dt)}
        for name, array in panel.items():
            if name == "sample_input":
                panel[name] = resized(resized(array, channels, 3), steps, 2)
            elif name in ("sample_1", "sample_2", "sample_3"):
                n = max(1, round(filters * array.shape[3]))
                panel[name] = resized(resized(array, n, 3), steps, 2)
            elif name == "sample_readout":
                panel[name] = resized(array, steps, 2)
            elif name == "repeats":
                panel[name] = resized(array, steps, 3)
            elif name == "fano":
                panel[name] = resized(array, steps - 2, 2)
        return panel

    return vary


def networks_7(vary: Vary, **panels: Vary) -> Variation:
    return pooled("fig7", **(dict.fromkeys(NETWORKS_7, vary) | panels))


def layers_7(n: int) -> Vary:
    """A network of so many hidden layers."""

    def vary(panel: Panel) -> Panel:
        if "norm" in panel:
            return panel | {"norm": resized(resized(panel["norm"], n, 3), n, 4)}
        kept = {name: a for name, a in panel.items() if not name.endswith(("_1", "_2", "_3"))}
        for name in {name[:-2] for name in panel.keys() - kept.keys()}:
            kept |= {f"{name}_{i + 1}": panel[f"{name}_{i % 3 + 1}"] for i in range(n)}
        return along("repeats", n)(kept) if "repeats" in panel else kept

    return vary


def atlas_8(cells: Sequence[Sequence[float]]) -> Vary:
    """An atlas of these cells: depth, width, beta, curvature."""
    more = along("sites", len(cells), 1, 2)
    return lambda panel: more(panel) | {"cells": np.tile(cells, (len(panel["sites"]), 1, 1))}


def axis_8(axis: int, numbers: Sequence[float]) -> Vary:
    """An atlas along one axis around the base network."""
    base = [2.0, 4.0, 4.0, 1.0]
    return atlas_8([[*base[:axis], number, *base[axis + 1 :]] for number in numbers])


def maps_8(vary: Vary, **panels: Vary) -> Variation:
    names = ("depth", "width", "beta", "curvature", "regimes")
    return pooled("fig8", **(dict.fromkeys(names, vary) | panels))


def product_8(data: Data) -> Data:
    """The paper preset's panel of all combinations, and its longer axes."""
    cells = [(d, w, b, c) for d in DEPTHS for w in WIDTHS for b in BETAS for c in (0, 0.5, 1)]
    axes = {
        "depth": axis_8(0, (1, 2, 3, 4, 6, 8)),
        "width": axis_8(1, (2, 4, 6, 8, 10)),
        "curvature": axis_8(3, (0, 0.25, 0.5, 0.75, 1)),
    }
    every = pooled("fig8", regimes=atlas_8(cells))({"regimes": data["regimes"]})
    return pooled("fig8", **axes)(data) | {"product": every["regimes"]}


DEPTHS, WIDTHS, BETAS = (1, 2, 4, 8), (2, 4, 6, 8), (1, 2, 4, 8, 16)


def tasks_9(vary: Vary) -> dict[str, Vary]:
    return {name: vary for name in ("easy", "steep", "alignment_easy", "alignment_steep")}


def solved_10(share: int) -> Vary:
    """Every direction solves all tasks at once, or none."""
    return lambda panel: panel | {"solved": np.full_like(panel["solved"], share)}


NETWORKS_7 = ("deterministic", "stochastic", "deterministic_frozen", "stochastic_frozen")

CASES: dict[str, dict[str, Variation]] = {
    "fig6": {
        "other picture": other_picture,
        "one epoch": pooled("fig6", every=after(seeds(1), epochs_6(1, 1))),
        "few neurons": pooled("fig6", every=after(sizes_6(1, 2, 8, 8), scaled(0, "l2", "fano"))),
        "large and long": pooled(
            "fig6",
            every=after(
                seeds(12), sizes_6(300, 5000, 250, 500), epochs_6(300, 5000), scaled(100, "l2")
            ),
        ),
    },
    "fig7": {
        "few channels": networks_7(
            after(seeds(1), sizes_7(140, 100, 7e-3, 0.5)), gradient_scale=along("shapes", 1)
        ),
        "all right": networks_7(after(seeds(10), values(test_accuracy=1.0, valid_accuracy=1.0))),
        "all wrong, many slopes": networks_7(
            after(values(test_accuracy=0.0), scaled(20, "fano", "unit_rates")),
            gradient_scale=after(
                entries("slopes", 10.0 ** np.arange(-5, 7), 2), scaled(1e150, "norm")
            ),
        ),
        "silent": pooled(
            "fig7", **dict.fromkeys(NETWORKS_7[:2], values(fano=np.nan, fano_counts=np.nan))
        ),
        "one layer": networks_7(layers_7(1), gradient_scale=layers_7(1)),
        "four layers": networks_7(layers_7(4), gradient_scale=layers_7(4)),
        "long, one slope": networks_7(
            sizes_7(700, 2000, 1e-2, 1), gradient_scale=entries("slopes", [0.001], 2)
        ),
    },
    "fig8": {
        "one estimator": maps_8(
            after(named("estimators", ["disarm"]), atlas_8([[2, 3, 4.0, 1.0]])),
            mismatch=after(named("estimators", ["surrogate"]), atlas_8([[2, 3, 4.0, 1.0]])),
        ),
        "every estimator": maps_8(
            named("estimators", list(CATALOGUE)), width=named("estimators", ["disarm"])
        ),
        "all combinations": product_8,
        "other values": maps_8(
            scaled(-1e-4, "cosine", "scale", "aligned"),
            beta=after(axis_8(2, (1e-3, 1e3)), scaled(1e9, "variance", "bias", "evaluations")),
            depth=scaled(1e4, "variance"),
            mismatch=atlas_8([[d, 4, b, 1] for d in (1, 2, 3) for b in (0.1, 0.5, 1, 4, 16, 64)]),
        ),
    },
    "fig9": {
        "few panels": only("noise", "easy", "alignment_easy"),
        "one seed, one method": pooled(
            "fig9",
            every=seeds(1),
            noise=after(seeds(1), along("cells", 2), named("surrogates", ["surrogate"], 2)),
            **tasks_9(after(seeds(1), named("methods", ["stochastic_ad_systematic"], 1, 3))),
        ),
        "every method": pooled(
            "fig9",
            noise=entries("cells", [[b, 60.0, 0.0] for b in (0.5, 1, 2, 5, 10, 20, 40, 80)]),
            duration=entries("cells", [[10.0, n, 0.0] for n in (10, 1000)]),
            **tasks_9(named("methods", list(METHODS), 1, 3)),
        ),
        "other values": pooled(
            "fig9",
            variance=after(along("n_flips", 1, 2), scaled(1e-6, "variance")),
            noise=after(scaled(-1, "cosine"), scaled(1e3, "ratio")),
            easy=scaled(1e4, "final"),
        ),
    },
    # Only what costs no training of its own.
    "fig10": {
        "one seed": pooled("fig10", every=seeds(1)),
        "twelve seeds": pooled("fig10", every=seeds(12)),
        "smoke's panels": only("steep", "ends"),
        "nothing is solved": pooled("fig10", steep=solved_10(0), shallow=solved_10(0)),
        "everything is solved": pooled("fig10", steep=solved_10(1), shallow=solved_10(1)),
    },
}
