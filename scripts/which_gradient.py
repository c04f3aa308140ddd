"""Write docs/which_gradient.md from the numbers of figure 8.

Nothing is computed: the numbers are those of figures/reference/fig8.npz.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from experiments.engine.atomic import write_text
from experiments.engine.errors import run_command
from figures.drawing import Data, unpack
from figures.looks import LOOKS
from figures.panels.heat_map import Panel
from scripts.advice import ALL_PATHS, CLEARLY, advice_table, floored, names, number, row, spent

ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "figures" / "reference" / "fig8.npz"
PAGE = ROOT / "docs" / "which_gradient.md"

ANYWHERE, LAYERS = 0, 1
"""Estimators for any program, and for layers without time: the scopes of `choice.pooled`."""

HEAD = r"""<!-- Written by `python -m scripts.which_gradient` from figures/reference/fig8.npz:
change the script, not this page. -->

# Which gradient should I use?

Measured in figure 8, an extension beyond the paper, on random layered networks of binary
neurons with sigmoid [escape noise](glossary.md#escape-noise) of slope β, 4 inputs, 2 outputs
and a quadratic loss of a random readout, {networks} networks per cell. Estimators are compared
with the exact gradient from transfer matrices. `make figure-8 PRESET=medium` measures it again.
Networks are untrained. For spiking networks over time, the advice is that of figure 9's
trainings.

## Advice, for 1 to 8 layers of 4 neurons and for small spiking networks

*Runs* are those of the network that one gradient may cost. *Mean cosine* is that with the exact
gradient, over draws of such gradients: medians over the {networks} networks of a cell, then
10th percentiles, each from the lowest to the highest cell of the row. *Worst* is the lowest
mean cosine of any of its networks. All three are those of the smallest budget of the row. The
estimator is the one with the largest median in the depth where that is lowest; networks that
enumeration does exactly are left out. *Safer* is one whose 10th percentile, in the depth where
that is lowest, is larger by more than 0.1. `LeaveOneOut` is in
`snn.estimators.score_function`, `beta` is the slope of the noise. Spiking networks have one
hidden layer of 10 neurons in the trainings and of 20 where gradients are compared (figure 9),
or three layers (figure 7, synthetic speech).

"""

AFTER_ADVICE = """
Figure 8 has layers of 2 to 8 neurons, too, with two hidden layers. Wider or
deeper networks were not compared with an exact gradient.

"""

AT_BUDGETS = r"""## At a given budget

A budget is the number of runs of the network that one gradient may cost, spent on $K$
independent trials (reverse passes are not counted), as many as it buys. An estimator is ranked
by its *[alignment](glossary.md#alignment)*, the mean cosine that a user gets,

```math
E\big[ \cos(\bar g_K, g) \big] ,
```

with the exact gradient $g$ and the mean $\bar g_K$ over the trials. It is simulated in each
network, by 16 gradients of 1 000 trials, and up to 1 024 of fewer. An entry names the estimator
of the largest median over the {networks} networks, and its median; 10th percentile; minimum.
"+2" says that two others cannot be told from it (the 95 % interval of the median difference, in
pairs of the same network, holds 0). *Safest* is the one with the largest 10th percentile, where
that is larger by more than 0.1.

"""

CAVEAT = """
"All paths" is [enumeration](estimators/exact_enumeration.md), which is exact and needs 2^neurons
runs.

"""

AGAINST = """## Against the gradient

In some networks the mean of an estimator points away from the gradient: its cosine is negative,
and no budget helps. Of {all} networks ({cells} cells of {networks}); unbiased estimators are
left out.

"""

FORMULA = r"""
## A formula, and how far it is off

With the mean $m$ and the variance $V$ of one trial (summed over parameters),

```math
a = \frac{\cos(m, g)}{\sqrt{1 + V / (K |m|^2)}} , \qquad
\min_\lambda E\big[ |\lambda \bar g_K - g|^2 \big] = |g|^2 (1 - a^2) .
```

This is no mean cosine, but stands for the mean square error of the best multiple; nothing on
this page or in figure 8 is ranked by it. It is off where few trials carry most of the mean or
the variance, as in steep noise; in the worst networks the mean comes from spikes that hardly
any trial has. Largest distance from the simulated mean cosine, over the networks of a cell:

"""

AT_BASE = """
## Side by side

Two hidden layers of 4 neurons, β = 4, quadratic loss, {networks} networks. *Cosine* (median
over networks with its 95 % interval, 10th percentile, least) and *bias* (median, relative to
the gradient's norm) are those of the estimator's mean: without sampling error for the biased
ones, 1 and 0 by proof for the unbiased ones. *Variance* is that of one trial, relative to the
gradient's squared norm (geometric mean over networks). *Memory* is what the compiled code holds
at once, in kB per trial of a batch of 1024. *Time* is processor time of one trial in µs, in
batches, on the machine that made this page; compare it only within the table. The last column
is the product of time and variance, to which the time for a mean of given sampling error is
proportional, whatever its bias.

"""


def main(arguments: Sequence[str]) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser("python -m scripts.which_gradient", description=__doc__)
    parser.parse_args(arguments)
    with np.load(NUMBERS) as file:
        write_text(PAGE, render(unpack(file)[0]))
    return 0


def render(data: Data) -> str:
    """The page as Markdown."""
    regimes = data["regimes"]
    cells = len(regimes["cells"][0])
    n = int(regimes["n_networks"])
    numbers = {"networks": n, "cells": cells, "all": n * cells}
    return "".join(
        [
            HEAD.format(**numbers),
            *advice_table(regimes),
            AFTER_ADVICE.format(**numbers),
            AT_BUDGETS.format(**numbers),
            "**For any program**, recurrent and over time too:\n\n",
            *budget_table(regimes, ANYWHERE),
            "\n**For layers without time**, whose structure more estimators can use:\n\n",
            *budget_table(regimes, LAYERS),
            CAVEAT,
            AGAINST.format(**numbers),
            *negative_table(regimes),
            FORMULA,
            *formula_table(regimes),
            AT_BASE.format(networks=int(data["depth"]["n_networks"])),
            *property_table(data["depth"]),
        ]
    )


def budget_table(panel: Panel, scope: int) -> Iterator[str]:
    """The best estimator per regime and budget."""
    budgets = panel["budgets"][0]
    yield row("hidden layers", "β", *map(spent, map(int, budgets)))
    yield row(*["---"] * (2 + len(budgets)))
    for cell, (depth, _, beta, _) in enumerate(panel["cells"][0]):
        entries = [best_of(panel, scope, cell, budget) for budget in range(len(budgets))]
        yield row(f"{depth:g}", f"{beta:g}", *entries)


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


def negative_table(panel: Panel) -> Iterator[str]:
    """In how many networks the mean of an estimator points against the gradient."""
    yield row("estimator", "networks below 0", "smallest cosine", "hidden layers, β")
    yield row(*["---"] * 4)
    for i, name in enumerate(names(panel)):
        if LOOKS[name].family == "unbiased":
            continue
        worst = int(panel["min_cosine"][i].argmin())
        depth, _, beta, _ = panel["cells"][0][worst]
        count = str(int(panel["negative"][i].sum()))
        smallest = floored(panel["min_cosine"][i, worst])
        yield row(LOOKS[name].label, count, smallest, f"{depth:g}, {beta:g}")


def formula_table(panel: Panel) -> Iterator[str]:
    """How far the formula is from the simulation."""
    budgets = panel["budgets"][0]
    noisy = panel["typical_variance"].max(axis=1) > 0
    off, slopes = panel["formula_off"][noisy], panel["cells"][0][:, 2]
    rows = {"median over estimators and cells": np.nanmedian(off, axis=(0, 1))}
    for beta in panel["betas"]:
        rows[f"worst, β = {beta:g}"] = np.nanmax(off[:, slopes == beta], axis=(0, 1))
    yield row("", *map(spent, map(int, budgets)))
    yield row(*["---"] * (1 + len(budgets)))
    for words, numbers in rows.items():
        yield row(words, *(f"{value:.2g}" for value in numbers))


def property_table(panel: Panel) -> Iterator[str]:
    """Bias, variance and cost of every estimator at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "any program", "cosine", "10 %", "least", "bias", "variance", "runs")
    yield row(*heads, "memory", "time", "variance × time")
    yield row(*["---"] * (len(heads) + 3))
    for i, name in enumerate(names(panel)):
        proven = LOOKS[name].family == "unbiased"
        microseconds = panel["microseconds"][:, i, cell].mean()
        low, high = panel["median_cosine_interval"][:, i, cell]
        cosines = (
            f"{panel['median_cosine'][i, cell]:.3f} [{low:.3f}, {high:.3f}]",
            f"{panel['p10_cosine'][i, cell]:.3f}".replace("-", "−"),
            f"{panel['min_cosine'][i, cell]:.3f}".replace("-", "−"),
        )
        yield row(
            LOOKS[name].label,
            "yes" if panel["any_program"][i] else "layers",
            *(("1", "1", "1") if proven else cosines),
            "0" if proven else number(bias[i, cell]),
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
            number(panel["kilobytes"][0, i, cell]),
            number(microseconds),
            number(variance[i, cell] * microseconds),
        )


if __name__ == "__main__":
    run_command(main)
