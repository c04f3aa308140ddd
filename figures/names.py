"""Names under which experiments give arrays, where the table of looks has others.

The one place that knows both; it goes once experiments name estimators by the table.
"""

import numpy as np

Data = dict[str, dict[str, np.ndarray]]

SAMPLED = ("mean", "se", "error")

ARRAYS = {
    "fig2": {
        "perceptron": {
            f"{old}_{kind}": f"{new}_{kind}"
            for kind in SAMPLED
            for old, new in (
                ("stochastic_ad", "stochastic_ad_right"),
                ("score_function", "score_function_no_baseline"),
            )
        },
        "lif": {f"score_function_{kind}": f"score_function_no_baseline_{kind}" for kind in SAMPLED},
        "error": {
            f"score_function_{kind}": f"score_function_no_baseline_{kind}" for kind in SAMPLED
        }
        | {"deterministic": "surrogate_deterministic"},
    },
    "fig9": {"variance": {"all_flips": "stochastic_ad", "surrogate": "surrogate_through"}},
}
"""Arrays, by figure and panel."""

LISTED = {
    "surrogate_quarter": "surrogate_x0.25",
    "surrogate_half": "surrogate_x0.5",
    "surrogate_double": "surrogate_x2",
    "surrogate_quadruple": "surrogate_x4",
    "surrogate_superspike": "surrogate_super_spike",
    "through": "surrogate_through",
    "through_quarter": "surrogate_through_x0.25",
    "through_half": "surrogate_through_x0.5",
    "through_double": "surrogate_through_x2",
    "through_fourfold": "surrogate_through_x4",
    "detached": "surrogate",
    "detached_quarter": "surrogate_x0.25",
    "ignored": "surrogate_ignored",
    "independent": "stochastic_ad_few_flips",
    "stratified": "stochastic_ad_stratified",
    "systematic": "stochastic_ad_systematic",
    "left": "stochastic_ad_left_systematic",
    "two_sided": "stochastic_ad_two_sided_systematic",
}
"""What the arrays `estimators`, `surrogates` and `variants` list."""
LISTS = ("estimators", "surrogates", "variants")


def canonical(figure: str, data: Data) -> Data:
    """A figure's data under the names of `figures.looks`."""
    arrays = ARRAYS.get(figure, {})
    return {
        panel: {
            arrays.get(panel, {}).get(name, name): _listed(array) if name in LISTS else array
            for name, array in named.items()
        }
        for panel, named in data.items()
    }


def _listed(names: np.ndarray) -> np.ndarray:
    flat = [LISTED.get(str(name), str(name)) for name in names.ravel()]
    return np.reshape(flat, names.shape)
