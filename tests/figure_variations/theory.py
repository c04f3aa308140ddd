"""Variations of figures 1 to 5: `CASES`, each of several parameters at once.

Figures 1, 4 and 5 are run on coarse grids where one is short; else numbers are what legal
parameters would give: other slopes, networks, seeds and estimators, tiny and huge values.
"""

from collections.abc import Sequence

import numpy as np

from experiments.estimators import CATALOGUE
from tests.figure_variations.making import (
    Panel,
    Variation,
    Vary,
    after,
    along,
    computed,
    entries,
    named,
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


PLANES = ("along_w", "plane")

CASES: dict[str, dict[str, Variation]] = {
    "fig1": {
        "few trials, threshold at the edge": run(
            "fig1",
            "neuron",
            *("theta=0", "beta=0.5", "n_trials=100", "n_raster_trials=2", "n_points=2"),
        ),
        "steep, threshold at the other edge": run(
            "fig1", "neuron", "theta=2", "beta=5000", "half_step=1e-5"
        ),
    },
    "fig2": {
        "one seed, few of all": after(pooled("fig2", every=seeds(1)), sizes_2(2, 4, 8, 1)),
        "flat noise, many of all": after(derivatives_2(1e-7), sizes_2(400, 5000, 14, 40)),
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
        "deep, many seeds, small derivatives": pooled(
            "fig3",
            every=seeds(12),
            estimators=after(seeds(12), scaled(1e-8, "exact", "mean", "se", "exp")),
            paths=paths_3(1, 2, 1, 2, 1, 1),
            cost=cost_3([1, 2], [1, 2], 2, 10),
            depth=after(along("betas", 2), entries("depths", range(16), 2)),
        ),
    },
    "fig4": {
        "one slope, flat network": after(
            run("fig4", "plane", "beta_forward=0.001", "extent=0.001"),
            pooled("fig4", along_w=slopes(15), plane=slopes(4)),
        ),
        "five slopes, low noise": after(
            run("fig4", "stochastic", "beta=10"),
            pooled("fig4", **dict.fromkeys(PLANES, slopes(2, 4, 7.5, 20, 100))),
        ),
    },
    "fig5": {
        "small circle, low noise": after(
            run("fig5", "published", "radius=1", "beta_surrogate=[5]"),
            run("fig5", "stochastic", "beta=100"),
        ),
        "tiny circle, alike loops": after(
            run("fig5", "published", "radius=0.01", "beta_surrogate=[5]"),
            pooled("fig5", second=values(sg_loop=[0.233, 0.152, 0.17])),
        ),
        "wide circles, five slopes": pooled(
            "fig5",
            published=after(slopes(1, 2.5, 5, 20, 100), circle_5(5.0)),
            second=after(slopes(1, 2.5, 5, 20, 100), circle_5(100.0)),
        ),
    },
}
