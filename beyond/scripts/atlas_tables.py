"""Tables of docs/which_gradient.md other than the advice; see `beyond.scripts.which_gradient`."""

import numpy as np

from beyond.figures.panels.atlas_choice import floored
from beyond.scripts.advice import ALL_PATHS, CLEARLY, interval, names, number, share, spent
from experiments.markdown import table
from figures.looks import LOOKS
from figures.panels import Panel

ANYWHERE, LAYERS = 0, 1
"""Estimators for any program, and for layers without time: the scopes of `choice.pooled`."""


def budget_table(panel: Panel, scope: int) -> str:
    """Return the best estimator per regime and budget."""
    budgets = panel["budgets"][0]
    rows = []
    for cell, (depth, _, beta, _) in enumerate(panel["cells"][0]):
        entries = [best_of(panel, scope, cell, budget) for budget in range(len(budgets))]
        rows.append([f"{depth:g}", f"{beta:g}", *entries])
    return table(["hidden layers", "β", *map(spent, map(int, budgets))], rows)


def best_of(panel: Panel, scope: int, cell: int, budget: int) -> str:
    """Name and numbers of the best, how many rival it, and the safest if that is another."""
    best, safest = (panel[key][scope, cell, budget] for key in ("best", "safest"))
    if best == ALL_PATHS:
        return "all paths"
    rivals = int(panel["rivals"][scope, :, cell, budget].sum())
    said = numbers_of(panel, best, cell, budget) + (f", +{rivals}" if rivals else "")
    best_low, safe_low = (panel["p10_alignment"][i, cell, budget] for i in (best, safest))
    if safe_low > max(best_low, 0) + CLEARLY:
        said += f" (safest: {numbers_of(panel, safest, cell, budget)})"
    return said


def numbers_of(panel: Panel, place: int, cell: int, budget: int) -> str:
    """Name, median, 10th percentile and minimum."""
    keys = ("alignment", "p10_alignment", "min_alignment")
    values = [floored(panel[key][place, cell, budget]) for key in keys]
    return f"{LOOKS[names(panel)[place]].narrow} {'; '.join(values)}"


def negative_table(panel: Panel) -> str:
    """For how many draws the mean of an estimator points against the gradient."""
    slopes = [f"β = {beta:g}" for beta in panel["betas"]]
    rows = []
    for i, name in enumerate(names(panel)):
        if np.isnan(panel["against_any"][i]):
            continue
        worst = int(panel["min_cosine"][i].argmin())
        depth, _, beta, _ = panel["cells"][0][worst]
        cells = [
            LOOKS[name].label,
            *(share(panel, "against", (i, b), out_of=False) for b in range(len(slopes))),
            share(panel, "against_any", i, out_of=False),
            floored(panel["min_cosine"][i, worst]),
            f"{depth:g}, {beta:g}",
        ]
        rows.append(cells)
    return table(
        ["estimator", *slopes, "at any slope", "smallest cosine", "hidden layers, β"], rows
    )


def rare_table(panel: Panel) -> str:
    """How often few trials carry an unbiased estimate, and what its mean is then."""
    slopes = panel["cells"][0][:, 2]
    heads = ("estimator", "β", "few effective trials", "projections", "largest |z|", "above 5")
    rows = []
    for i, name in enumerate(names(panel)):
        if not np.isnan(panel["against_any"][i]):
            continue
        for beta in panel["betas"]:
            at = slopes == beta
            projections = panel["projection"][:, i, at]
            cells = [
                LOOKS[name].label,
                f"{beta:g}",
                f"{panel['few_carry'][i, at].sum()} of {projections.size}",
                f"{projections.min():.2f} to {projections.max():.2f}".replace("-", "−"),
                number(np.nanmax(panel["max_abs_z"][i, at])),
                str(panel["z_above_5"][i, at].sum()),
            ]
            rows.append(cells)
    return table(heads, rows)


def formula_table(panel: Panel) -> str:
    """How far the formula is from the simulation."""
    budgets = panel["budgets"][0]
    noisy = panel["typical_variance"].max(axis=1) > 0
    off, slopes = panel["formula_off"][noisy], panel["cells"][0][:, 2]
    rows = {"median over estimators and cells": np.nanmedian(off, axis=(0, 1))}
    for beta in panel["betas"]:
        rows[f"worst, β = {beta:g}"] = np.nanmax(off[:, slopes == beta], axis=(0, 1))
    cells = [[words, *(f"{value:.2g}" for value in off)] for words, off in rows.items()]
    return table(["", *map(spent, map(int, budgets))], cells)


def property_table(panel: Panel) -> str:
    """Bias, variance and cost of every estimator at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "any program", "cosine", "10 %", "least", "bias", "projection")
    heads += ("variance", "runs", "memory", "time", "variance × time")
    rows = []
    for i, name in enumerate(names(panel)):
        microseconds = panel["microseconds"][:, i, cell].mean()
        keys = ("median_cosine", "p10_cosine", "min_cosine")
        if np.isnan(panel["median_cosine"][i, cell]):
            cosines = ["–"] * len(keys)
            projection = interval(panel["projection_interval"][:, i, cell], 3)
        else:
            cosines = [floored(panel[key][i, cell], 3) for key in keys]
            cosines[0] += f" {interval(panel['median_cosine_interval'][:, i, cell], 3)}"
            projection = "–"
        cells = [
            LOOKS[name].label,
            "yes" if panel["any_program"][i] else "layers",
            *cosines,
            number(bias[i, cell]),
            projection,
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
            number(panel["kilobytes"][0, i, cell]),
            number(microseconds),
            number(variance[i, cell] * microseconds),
        ]
        rows.append(cells)
    return table(heads, rows)
