"""Tables of docs/which_gradient.md; see `beyond.scripts.which_gradient`."""

import numpy as np

from beyond.figures.panels import names_of
from beyond.figures.panels.atlas_choice import floored
from beyond.scripts.advice import interval, number, share
from experiments.tables import table
from figures.looks import LOOKS
from figures.panels import Panel


def negative_table(panel: Panel) -> str:
    """For how many draws the mean of an estimator points against the gradient."""
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        if np.isnan(panel["against_any"][i]):
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


def rare_table(panel: Panel) -> str:
    """How often few trials carry an unbiased estimate, and what its mean is then."""
    slopes = panel["cells"][0][:, 2]
    unbiased = np.isnan(panel["against_any"])
    steepest = panel["betas"].max()
    chosen = {"all five": (unbiased, slopes < steepest)}
    for i in np.flatnonzero(unbiased):
        only = np.arange(unbiased.size) == i
        chosen[LOOKS[names_of(panel, "estimators")[i]].label] = (only, slopes == steepest)
    rows = []
    for label, (estimators, at) in chosen.items():
        projections = panel["projection"][:, estimators][:, :, at]
        keys = ("few_carry", "max_abs_z", "z_above_5")
        few, z, above = (panel[key][estimators][:, at] for key in keys)
        cells = [
            label,
            " or ".join(f"{beta:g}" for beta in dict.fromkeys(slopes[at])),
            f"{few.sum()} of {projections.size}",
            f"{projections.min():.2f} to {projections.max():.2f}".replace("-", "−"),
            number(np.nanmax(z)),
            str(above.sum()),
        ]
        rows.append(cells)
    heads = ("estimator", "β", "few effective trials", "projections", "largest |z|", "above 5")
    return table(heads, rows)


def property_table(panel: Panel) -> str:
    """Bias, variance and cost of every estimator at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "cosine", "10 %", "bias", "projection", "variance", "runs", "time")
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        microseconds = panel["microseconds"][:, i, cell].mean()
        keys = ("median_cosine", "p10_cosine")
        if np.isnan(panel["median_cosine"][i, cell]):
            cosines = ["–"] * len(keys)
            projection = interval(panel["projection_interval"][:, i, cell], 3)
        else:
            cosines = [floored(panel[key][i, cell], 3) for key in keys]
            cosines[0] += f" {interval(panel['median_cosine_interval'][:, i, cell], 3)}"
            projection = "–"
        cells = [
            LOOKS[name].label,
            *cosines,
            number(bias[i, cell]),
            projection,
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
            number(microseconds),
        ]
        rows.append(cells)
    return table(heads, rows)
