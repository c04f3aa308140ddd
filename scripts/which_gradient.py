"""Writes docs/which_gradient.md from the numbers of figure 8: python -m scripts.which_gradient.

Nothing is computed: the numbers are those of figures/reference/fig8.npz.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from experiments.engine.atomic import write_text
from figures.drawing import Data, unpack
from figures.looks import LOOKS
from figures.panels.atlas_choice import Choice, choices
from figures.panels.heat_map import Panel

ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "figures" / "reference" / "fig8.npz"
PAGE = ROOT / "docs" / "which_gradient.md"

HEAD = r"""<!-- Written by `python -m scripts.which_gradient` from figures/reference/fig8.npz:
change the script, not this page. -->

# Which gradient should I use?

Measured in figure 8, an extension beyond the paper, on random layered networks of binary neurons
with sigmoid [escape noise](glossary.md#escape-noise) of slope β, 4 inputs, 2 outputs and a
quadratic loss of a random readout, {networks} networks per cell. Estimators are compared with the
exact gradient from transfer matrices. `make figure-8` measures it again.

## At a given budget

A budget is the number of runs of the network that one gradient may cost, spent on independent
trials (reverse passes are not counted). An entry names the estimator with the largest *alignment*
with the exact gradient $g$, and that alignment. For an estimator of mean $m$ and variance $V$ of
one trial, and $K$ trials,

```math
a = \frac{{\cos(m, g)}}{{\sqrt{{1 + V / (K |m|^2)}}}} , \qquad
\min_\lambda E\big[ |\lambda \bar g_K - g|^2 \big] = |g|^2 (1 - a^2) ,
```

where $\bar g_K$ is the mean over the trials: the alignment combines bias and noise, and leaves
out scale. It stands for the cosine between estimate and gradient, and is not its expectation.
Median over networks.

"""

CAVEAT = """
"All paths" is [enumeration](estimators/exact_enumeration.md), which needs 2^neurons runs.

"""

AT_BASE = """\
## Side by side

Two hidden layers of 4 neurons, β = 4, quadratic loss. *Cosine* (mean over networks) and *bias*
(median, relative to the gradient's norm) are those of the estimator's mean: without sampling
error for the biased ones, 1 and 0 by proof for the unbiased ones; ± is the standard error over
networks. *Variance* is that of one trial, relative to the gradient's squared norm (geometric mean
over networks). *Memory* is what the compiled code holds at once, in kB per trial of a batch of
1024. *Time* is that of one trial in µs, in batches, on the machine that made this page; compare
it only within the table. The last column is the product of time and variance, to which the time
for a mean of given sampling error is proportional, whatever its bias.

"""


def main(arguments: list[str] | None = None) -> int:
    """Writes the page."""
    with np.load(NUMBERS) as file:
        write_text(PAGE, render(unpack(file)[0]))
    return 0


def render(data: Data) -> str:
    """The page as Markdown."""
    regimes = data["regimes"]
    n = regimes["variance"].shape[0] * regimes["variance"].shape[-1]
    return "".join(
        [
            HEAD.format(networks=n),
            "**For any program**, recurrent and over time too:\n\n",
            *budget_table(regimes, for_layers=False),
            "\n**For layers without time**, whose structure more estimators can use:\n\n",
            *budget_table(regimes, for_layers=True),
            CAVEAT,
            AT_BASE,
            *property_table(data["depth"]),
        ]
    )


def budget_table(panel: Panel, for_layers: bool) -> Iterator[str]:
    """The best estimator per regime and budget."""
    yield row("hidden layers", "β", *map(spent, map(int, panel["budgets"])))
    yield row(*["---"] * (2 + len(panel["budgets"])))
    for cell, chosen in zip(panel["cells"][0], choices(panel, for_layers), strict=True):
        yield row(f"{cell[0]:g}", f"{cell[2]:g}", *(cell_of(choice) for choice in chosen))


def spent(budget: int) -> str:
    """A budget in words."""
    return f"{budget:,} run{'s' if budget > 1 else ''}".replace(",", " ")


def cell_of(choice: Choice) -> str:
    """Name and alignment."""
    zero = "0" if choice.alignment.startswith(".") else ""
    return f"{LOOKS[choice.name].label} {zero}{choice.alignment}".rstrip()


def property_table(panel: Panel) -> Iterator[str]:
    """Bias, variance and cost of every estimator at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    cosine, error = panel["mean_cosine"], panel["mean_cosine_se"]
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "any program", "cosine", "bias", "variance", "runs", "memory", "time")
    yield row(*heads, "variance × time")
    yield row(*["---"] * (len(heads) + 1))
    for i, name in enumerate(map(str, panel["estimators"][0])):
        proven = LOOKS[name].family == "unbiased"
        microseconds = panel["microseconds"][:, i, cell].mean()
        yield row(
            LOOKS[name].label,
            "yes" if panel["any_program"][i] else "layers",
            "1" if proven else f"{cosine[i, cell]:.3f} ± {error[i, cell]:.3f}",
            "0" if proven else number(bias[i, cell]),
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
            number(panel["kilobytes"][0, i, cell]),
            number(microseconds),
            number(variance[i, cell] * microseconds),
        )


def number(value: float) -> str:
    """Two digits; a dash for what was not measured."""
    return "–" if np.isnan(value) else f"{value:.2g}" if value < 100 else f"{value:.0f}"


def row(*entries: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(entries) + " |\n"


if __name__ == "__main__":
    sys.exit(main())
