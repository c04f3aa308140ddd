"""Variations of figures 8 to 11: `CASES`, each of several parameters at once."""

from collections.abc import Sequence

import numpy as np

from beyond.experiments.lif.budgets import METHODS
from experiments.estimators import CATALOGUE
from tests.figure_variations.making import (
    Variation,
    Vary,
    after,
    along,
    entries,
    named,
    only,
    pooled,
    scaled,
    seeds,
    values,
)


def atlas_8(cells: Sequence[Sequence[float]]) -> Vary:
    """An atlas of these cells: depth, width, beta, curvature."""
    more = along("sites", len(cells), 1, 2)
    return lambda panel: more(panel) | {"cells": np.tile(cells, (len(panel["sites"]), 1, 1))}


def axis_8(axis: int, values: Sequence[float]) -> Vary:
    """An atlas along one axis around the base network."""
    base = [2.0, 4.0, 4.0, 1.0]
    return atlas_8([[*base[:axis], number, *base[axis + 1 :]] for number in values])


def maps_8(vary: Vary, **panels: Vary) -> Variation:
    names = ("depth", "width", "beta", "curvature", "regimes")
    return pooled("fig8", **(dict.fromkeys(names, vary) | panels))


def tasks_9(vary: Vary) -> dict[str, Vary]:
    return {name: vary for name in ("easy", "steep")}


def resets_9(methods: Sequence[str]) -> dict[str, Vary]:
    return dict.fromkeys(("resets_easy", "resets_steep"), named("methods", methods, 1))


def tasks_10(n: int, wrong: float) -> Variation:
    """So many seeds; as many patterns are wrong in every task."""
    patterns = after(seeds(n), values(wrong=np.float32(wrong)))
    return pooled("fig10", every=seeds(n), map_steep=patterns)


CASES: dict[str, dict[str, Variation]] = {
    "fig8": {
        "one estimator": maps_8(
            after(named("estimators", ["disarm"]), atlas_8([[2, 3, 4.0, 1.0]])),
            mismatch=after(named("estimators", ["surrogate"]), atlas_8([[2, 3, 4.0, 1.0]])),
        ),
        "every estimator, longer axes": after(
            maps_8(named("estimators", list(CATALOGUE)), width=named("estimators", ["disarm"])),
            pooled(
                "fig8",
                depth=axis_8(0, (1, 2, 3, 4, 6, 8)),
                width=axis_8(1, (2, 4, 6, 8, 10)),
                curvature=axis_8(3, (0, 0.25, 0.5, 0.75, 1)),
            ),
        ),
        "other values": maps_8(
            scaled(-1e-4, "cosine", "scale", "aligned"),
            beta=after(axis_8(2, (1e-3, 1e3)), scaled(1e9, "variance", "bias", "evaluations")),
            depth=scaled(1e4, "variance"),
            mismatch=atlas_8([[d, 4, b, 1] for d in (1, 2, 3) for b in (0.1, 0.5, 1, 4, 16, 64)]),
        ),
    },
    "fig9": {
        "few panels": only("noise", "easy"),
        "one seed, one method, resets without pairs": pooled(
            "fig9",
            every=seeds(1),
            noise=after(seeds(1), along("cells", 2), named("surrogates", ["surrogate"], 2)),
            **tasks_9(after(seeds(1), named("methods", ["stochastic_ad_systematic"], 1, 3))),
            **resets_9(["surrogate"]),
        ),
        "every method, other values": pooled(
            "fig9",
            variance=after(along("n_flips", 1, 2), scaled(1e-6, "variance")),
            noise=after(
                entries("cells", [[b, 60.0, 0.0] for b in (0.5, 1, 2, 5, 10, 20, 40, 80)]),
                scaled(-1, "cosine"),
                scaled(1e3, "ratio"),
            ),
            duration=entries("cells", [[10.0, n, 0.0] for n in (10, 1000)]),
            **tasks_9(named("methods", list(METHODS), 1, 3))
            | {"easy": after(named("methods", list(METHODS), 1, 3), scaled(1e4, "final"))},
            **resets_9(["surrogate_through_bounded"]),
        ),
    },
    "fig10": {
        "smoke's panels": only("map_steep", "lambda_easy"),
        "one seed, nothing is solved": tasks_10(1, wrong=8),
        "twelve seeds, everything is solved": tasks_10(12, wrong=0),
    },
    "fig11": {
        "without time steps": only("frozen", "moves", "births", "effects"),
        "other slopes": pooled(
            "fig11",
            moves=along("betas", 3, 1, of=0),
            births=along("betas", 3, 2),
            frozen=along("betas", 2, 1),
        ),
        "first spikes without the arm of comparison": pooled(
            "fig11", first_spikes=named("methods", ["event_based", "matched"], 1)
        ),
        "other values": pooled(
            "fig11",
            moves=scaled(-10, "truth", "slide", "fly", "boundary", "through"),
            effects=scaled(-1, "sg"),
        ),
    },
}
