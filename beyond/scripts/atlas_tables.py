"""Tables of docs/which_gradient.md; see `beyond.scripts.which_gradient`."""

import numpy as np

from beyond.figures.panels import names_of
from beyond.figures.panels.atlas_choice import floored
from beyond.scripts.advice import number, printed_interval, share
from experiments.tables import table
from figures.looks import LOOKS
from figures.panels import Panel

ALIKE = ("surrogate_x0.5", "surrogate_x2", "surrogate_gaussian", "surrogate_box")
"""Surrogates without a row, which would say what the others say; figure 8's supplement has them."""
DRAWN = ("smoothed_right", "smoothed_left", "finite_differences", "evolution_strategies")
DRAWN += ("stochastic_ad_few_flips", "score_function_no_baseline")
"""Estimators that nothing here advises; figure 8's supplement has their bias and variance."""


def negative_table(panel: Panel) -> str:
    """For how many draws the mean of an estimator points against the gradient."""
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        if name in ALIKE or np.isnan(panel["against_any"][i]):
            continue
        worst = int(panel["min_cosine"][i].argmin())
        depth, _, beta, _ = panel["cells"][0][worst]
        cells = [
            LOOKS[name].label,
            share(panel, "against_any", i),
            floored(panel["min_cosine"][i, worst]),
            f"{depth:g}, {beta:g}",
        ]
        rows.append(cells)
    return table(["estimator", "draws", "smallest cosine", "hidden layers, β"], rows)


def property_table(panel: Panel) -> str:
    """Bias, variance and runs of the estimators at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "cosine", "10 %", "bias; projection", "variance", "runs")
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        if name in ALIKE + DRAWN:
            continue
        keys = ("median_cosine", "p10_cosine")
        if np.isnan(panel["median_cosine"][i, cell]):
            cosines = ["–"] * len(keys)
            off = printed_interval(panel["projection_interval"][:, i, cell], 3)
        else:
            cosines = [floored(panel[key][i, cell], 3) for key in keys]
            cosines[0] += f" {printed_interval(panel['median_cosine_interval'][:, i, cell], 3)}"
            off = number(bias[i, cell])
        cells = [
            LOOKS[name].label,
            *cosines,
            off,
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
        ]
        rows.append(cells)
    return table(heads, rows)
