"""The variations under which every figure is drawn: `CASES`, four or more for each.

Runs of figures 1, 4 and 5 on coarse grids, where one is short; else what legal parameters would
give: one and many seeds, estimators, slopes and depths, other networks, tiny and huge values.
"""

from collections.abc import Sequence

import numpy as np

from experiments.estimators import CATALOGUE
from experiments.true_gradient.budgets import METHODS
from figures.drawing import Data
from tests.variations import (
    Panel,
    Variation,
    Vary,
    after,
    along,
    computed,
    entries,
    named,
    only,
    pooled,
    resized,
    scaled,
    seeds,
    values,
)

SIZES = {
    "neuron": (),
    "along_w": ("n_points=501", "n_shown=101"),
    "plane": ("n_v1=41", "n_v2=41", "n_shown=21"),
    "stochastic": (),
    "published": ("n_plane=31", "n_angles=37", "n_naive=9", "tolerance=1e-4"),
}
"""Coarse grids of panels that are computed."""


def run(figure: str, panel: str, *overrides: str) -> Variation:
    """One panel computed on a coarse grid."""
    given = (*SIZES[panel], *overrides)
    return computed(f"{figure}/smoke", *(f"{panel}.{item}" for item in given))


def slopes(*betas: float) -> Vary:
    """As many curves, of other slopes."""
    more = along("beta_surrogate", len(betas), 0, of=0)
    return lambda panel: more(panel) | {"beta_surrogate": np.array(betas)}


def circle_5(radius: float) -> Vary:
    """A circle of another radius, and integrals of all sizes."""

    def vary(panel: Panel) -> Panel:
        axis = panel["plane_axis"] * radius / panel["radius"]
        left = resized(np.array([1e-4, -0.5, 40.0]), len(panel["sg_loop"]), 0)
        return panel | {"radius": np.array(radius), "plane_axis": axis, "sg_loop": left}

    return vary


def derivatives_2(factor: float) -> Variation:
    """Steep or flat noise: derivatives so many times as large."""
    parts = ("exact", "surrogate", "_mean", "_se", "conditional")
    return pooled(
        "fig2",
        perceptron=scaled(factor, *parts),
        lif=scaled(factor, *parts),
    )


def sizes_2(points: int, steps: int, horizon: int, n_slopes: int) -> Variation:
    """Other numbers of potentials, of steps of the path and of the late spike, and of slopes."""
    return pooled(
        "fig2",
        perceptron=after(
            along("u_sampled", points, 1, 2), entries("u_sampled", np.linspace(0, 2, points))
        ),
        lif=after(
            entries("time", 1e-3 * np.arange(steps)),
            entries("averaged_time", 1e-3 * np.arange(horizon)),
        ),
        limit=entries("beta", np.logspace(0, 4, n_slopes)),
    )


def paths_3(*sizes: int) -> Vary:
    """All paths of a network of other sizes."""

    def vary(panel: Panel) -> Panel:
        n, rng = sum(sizes[1:]), np.random.default_rng(0)
        states = np.array(list(np.ndindex(*[2] * n)), np.int8)
        probability = rng.dirichlet(np.full(2**n, 0.3))
        panel = along("states", 2**n, 0, 1, of=0)(panel)
        return panel | {
            "sizes": np.array(sizes),
            "states": states,
            "probability": probability,
            "sampled": probability.argmax(),
        }

    return vary


def exact_3(panel: Panel) -> Panel:
    """Without noise or bias, up to rounding."""
    mean = np.broadcast_to(panel["exact"][:, None] * (1 + 1e-15), panel["mean"].shape)
    return panel | {"mean": mean, "expected": mean, "se": np.zeros_like(mean)}


def cost_3(hidden: Sequence[int], steps: Sequence[int], n_flips: int, neurons: int) -> Vary:
    """Counted evaluations of other networks."""
    sites = np.array(hidden) + 1.0
    return lambda panel: {
        "hidden": np.array(hidden),
        "steps": np.array(steps),
        "n_flips": np.array(n_flips),
        "recurrent_neurons": np.array(neurons),
        "exact_enumeration": 2**sites,
        "transfer_matrix": 4 * 2 ** (sites / 2),
        "stochastic_ad": 1 + sites,
        "stochastic_ad_few_flips": np.full(sites.size, 1 + n_flips),
        "surrogate": np.ones(sites.size),
        "recurrent": 2.0 ** (neurons * np.array(steps)),
    }


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


PLANES, LOOPS = ("along_w", "plane"), ("published", "second")
NETWORKS_7 = ("deterministic", "stochastic", "deterministic_frozen", "stochastic_frozen")

CASES: dict[str, dict[str, Variation]] = {
    "fig1": {
        "threshold at the edge": run("fig1", "neuron", "theta=0", "beta=0.5"),
        "few trials": run(
            "fig1", "neuron", "beta=0.5", "n_trials=100", "n_raster_trials=2", "n_points=2"
        ),
        "steep": run("fig1", "neuron", "beta=5000", "half_step=1e-5"),
        "threshold at the other edge": run(
            "fig1", "neuron", "theta=2", "beta=50", "half_step=1e-3"
        ),
    },
    "fig2": {
        "one seed": pooled("fig2", every=seeds(1)),
        "flat noise": derivatives_2(1e-7),
        "few of all": sizes_2(2, 4, 8, 1),
        "many of all": sizes_2(400, 5000, 14, 40),
    },
    "fig3": {
        "one exact estimator, two neurons": pooled(
            "fig3",
            every=seeds(1),
            estimators=after(seeds(1), named("estimators", ["exact_enumeration"]), exact_3),
            paths=paths_3(1, 1, 1),
            cost=cost_3([4, 5], [1, 2], 1, 1),
            depth=after(seeds(1), along("betas", 1), along("depths", 2, 2)),
        ),
        "every estimator, a wide layer": pooled(
            "fig3",
            estimators=named("estimators", list(CATALOGUE)),
            paths=paths_3(3, 7, 1),
            cost=cost_3([4, 12, 19], [1, 4], 5, 5),
            depth=entries("betas", 2.0 ** np.arange(9)),
        ),
        "deep, many seeds": pooled(
            "fig3",
            every=seeds(12),
            paths=paths_3(1, 2, 1, 2, 1, 1),
            cost=cost_3([1, 2], [1, 2], 2, 10),
            depth=after(along("betas", 2), entries("depths", range(16), 2)),
        ),
        "small derivatives": pooled("fig3", estimators=scaled(1e-8, "exact", "mean", "se", "exp")),
    },
    "fig4": {
        "one slope": pooled("fig4", along_w=slopes(15), plane=slopes(4)),
        "five slopes": pooled("fig4", **dict.fromkeys(PLANES, slopes(2, 4, 7.5, 20, 100))),
        "steep noise": run("fig4", "stochastic", "beta=10"),
        "flat network": run("fig4", "plane", "beta_forward=0.001", "extent=0.001"),
    },
    "fig5": {
        "small circle": run("fig5", "published", "radius=1", "beta_surrogate=[1,5]"),
        "tiny circle": run("fig5", "published", "radius=0.01", "beta_surrogate=[5]"),
        "five slopes": pooled("fig5", **dict.fromkeys(LOOPS, slopes(1, 2.5, 5, 20, 100))),
        "alike loops": pooled(
            "fig5",
            published=values(sg_loop=[-0.136, -0.2, -0.233]),
            second=values(sg_loop=[0.233, 0.152, 0.17]),
        ),
        "wide circles": pooled("fig5", published=circle_5(5.0), second=circle_5(100.0)),
        "steep noise": run("fig5", "stochastic", "beta=100"),
    },
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
}
