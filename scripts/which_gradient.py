"""Write docs/which_gradient.md, and README's table of decisions, from the numbers of figure 8.

Nothing is computed: the numbers are those of figures/reference/fig8.npz.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.engine.atomic import write_text
from experiments.engine.errors import run_command
from figures.drawing import Data, unpack
from scripts.advice import advice_table, decision_table
from scripts.atlas_tables import (
    ANYWHERE,
    LAYERS,
    budget_table,
    formula_table,
    negative_table,
    property_table,
    rare_table,
)

ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "figures" / "reference" / "fig8.npz"
PAGE = ROOT / "docs" / "which_gradient.md"
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=<!-- decisions -->\n).*?(?=<!-- /decisions -->)", re.DOTALL)

HEAD = r"""<!-- Written by `python -m scripts.which_gradient` from figures/reference/fig8.npz:
change the script, not this page. -->

# Which gradient should I use?

## The line to write

{decisions}
Take the first row that fits your network and its noise: β is the slope of the sigmoid
[escape noise](glossary.md#escape-noise), in units of one over the threshold; "none" is a
deterministic network. "From 10:" begins the line for 10 and more *runs* (trials, where a trial is
one run) of the network per gradient; the one before is for fewer. In a line, `beta` is β. Slopes
between those of the rows were not measured: [compare](doctor.md#several-candidates-compare) both
lines in your network. An estimator is called as `estimator(program, params, noise, key)`; mean
field and the exact ones need no noise: `estimator(program, params)`. Enumeration of *n* random
spikes takes 2^*n* runs.

*Cosine to expect*: between estimate and exact gradient, from the fewest runs of a line to the most
(1 000 in the last), in a bad case: the third worst of {networks} random layered networks at the
worst of three depths (1, 2 and 8 layers), rounded down. The estimator has the largest median, or
beats that one by more than 0.1 in this bad case. [Other cases are worse](#against-the-gradient).
The binary networks have 4 neurons a layer and are not trained; the LIF networks have 15 neurons
(one hidden layer, trained to spike at given times) or three recurrent convolutional layers (trained
on speech), without noise also 400 neurons (one hidden layer). Larger ones were not compared with an
exact gradient. Whether the cosine predicts learning is
[undecided](true_gradient.md#alignment-along-training) in spiking networks; in small binary ones
methods that are better aligned before training [learn less](why_bias_helps.md#how-general-it-is).
To go over from a broad surrogate to the matched one or to an unbiased gradient, in the course of
training, [did not help](why_bias_helps.md#over-time-sampled-what-came-out) spiking networks.

## How it was measured

Figure 8, an extension beyond the paper, uses random layered networks of binary
neurons with sigmoid [escape noise](glossary.md#escape-noise) of slope β, 4 inputs, 2 outputs
and a quadratic loss of a random readout: {draws} draws of weights, {networks} at each of {depths}
depths, each a network at every slope. Estimators are compared with the exact gradient from
transfer matrices. `make figure-8 PRESET=medium` measures it again. Networks are untrained. For
spiking networks over time, the advice is from the trainings of figures 7 and 9.

## Advice, for 1 to 8 layers of 4 neurons and for small spiking networks

*Runs*: runs of the network that one gradient may cost. *Mean cosine* is that with the exact
gradient, over draws of such gradients. First its median over the {networks} networks of a depth,
then its 10th percentile over them; "0.93 to 0.98" is from the worst to the best of the depths.
*Worst* is the lowest in any network. All three are those of the smallest budget of the row, and
rounded down, as in the figure. A 10th percentile is not interpolated: of 30 networks it is the
third lowest. *Against the gradient*: draws whose mean has a negative cosine to the gradient at
this slope, with the 95 % interval of Clopper and Pearson. The estimator is the one with the
largest median in the depth where that is lowest; networks that enumeration does exactly are left
out. *Safer*: one whose lowest 10th percentile over depths is higher by more than 0.1. Spiking
networks have one hidden layer of 10 neurons and 5 outputs in the trainings, of 20 and 10 where
gradients are compared (figure 9), or three layers (figure 7, synthetic speech).

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
and no budget helps. Of {draws} draws of weights, each a network at every slope: how many of these
networks are such at a slope, and how many draws have one at any slope, with 95 % intervals (Clopper
and Pearson). Unbiased estimators are left out: their means are the gradient, by proof, and were not
measured. What was measured is their projection onto it, [below](#where-trials-do-not-tell).

"""

RARE = """
## Where trials do not tell

At β = 16 some neurons hardly ever change, and rare spikes carry the gradient. An unbiased estimator
is still right in the mean over all trials, but not in those that anybody draws: the gradient of a
sample is then too short or zero, its standard error too small, and a z-score means nothing. How one
sees it, and where one cannot:

- *Few effective trials*, by `snn.stats.effective_trials`: as many as carry the sampled variance.
  Where they are fewer than 30, this page and figure 8 use neither variance nor z-score.
- *A gradient of zero*, up to rounding, with a variance of zero: no trial had a rare spike.
- *Unseen*: where one kind of rare spike was missed and others were not, a sample looks sound.
  Only the exact gradient tells, or more trials.

In the {draws} networks of a slope, with 16 384 trials each: how many have fewer than 30 effective
trials; the smallest and the largest projection of the sampled mean onto the gradient, which is 1 in
the mean; the largest |z| of it among the other networks (a normal mean has more than 4 once in
16 000), and how many of these are above 5.

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
over networks with its 95 % interval, 10th percentile, least; rounded down) and *bias* (median,
relative to the gradient's norm) are those of the estimator's mean, without sampling error, and are
left out for unbiased estimators. *Projection*: of the mean of 2 048 trials onto the gradient,
Student's 95 % interval over networks; 1 without bias. *Variance* is that of one trial, relative to
the gradient's squared norm (median over networks). *Memory* is what the compiled code holds
at once, in kB per trial of a batch of 1024. *Time* is processor time of one trial in µs, in
batches, on the machine that made this page; compare it only within the table. The last column
is the product of time and variance, to which the time for a mean of given sampling error is
proportional, whatever its bias.

"""


def main(arguments: Sequence[str]) -> int:
    """Write the page, and the table in README."""
    parser = argparse.ArgumentParser("python -m scripts.which_gradient", description=__doc__)
    parser.parse_args(arguments)
    with np.load(NUMBERS) as file:
        data = unpack(file)[0]
    write_text(PAGE, render(data))
    write_text(README, BLOCK.sub(lambda _: decisions(data), README.read_text()))
    return 0


def decisions(data: Data) -> str:
    """The table of decisions, with links as in README."""
    return "".join(decision_table(data["regimes"])).replace(
        "](true_gradient", "](docs/true_gradient"
    )


def render(data: Data) -> str:
    """The page as Markdown."""
    regimes = data["regimes"]
    n, draws = int(regimes["n_networks"]), int(regimes["n_draws"])
    numbers = {"networks": n, "draws": draws, "depths": draws // n}
    return "".join(
        [
            HEAD.format(**numbers, decisions="".join(decision_table(regimes))),
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
            RARE.format(**numbers),
            *rare_table(regimes),
            FORMULA,
            *formula_table(regimes),
            AT_BASE.format(networks=int(data["depth"]["n_networks"])),
            *property_table(data["depth"]),
        ]
    )


if __name__ == "__main__":
    run_command(main)
