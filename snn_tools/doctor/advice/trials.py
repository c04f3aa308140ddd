"""Findings in single trials: spikes, and the size of gradients."""

from __future__ import annotations

from snn_tools.doctor.finding import Finding, Rule
from snn_tools.doctor.measurements import Layer, Leaf
from snn_tools.printing import number

MOST_SILENT = 0.5
"""A layer in which more than this share of neurons never fires is a fault."""

EXPLODES = 1e3
"""Errors or layers whose sizes differ by more than this factor."""

RULES = (
    Rule(
        "silent",
        lambda layer, n: layer.silent > MOST_SILENT,
        lambda layer, n: (
            ("no neuron fires" if layer.silent == 1 else f"{layer.silent:.0%} never fire")
            + f" in {n} trials; {layer.within:.0%} of potentials lie within the middle half of the "
            "surrogate derivative"
        ),
        "larger weights or more input (fluctuation-driven initialisation: snn.LIFNetwork.init); a "
        "broader derivative where no potential lies within it",
        "measured here; silent outputs left unbiased and narrow methods without any progress in 2 "
        "to 3 of 16 tasks, broad ones in none (docs/true_gradient.md)",
    ),
    Rule(
        "saturated",
        lambda layer, n: layer.saturated > MOST_SILENT,
        lambda layer, n: (
            f"{layer.saturated:.0%} of neurons fire in nearly every step in {n} trials"
        ),
        "smaller weights or less input",
        "measured here",
    ),
    Rule(
        "explodes",
        lambda layer, n: EXPLODES < layer.growth < float("inf"),
        lambda layer, n: (
            f"dL/dv is {number(layer.growth)} times larger early in the trial than late"
        ),
        "a broader surrogate derivative, or the reset detached",
        "matched slopes explode in three recurrent layers, SuperSpike does not (figure 7; one "
        "network)",
    ),
    Rule(
        "vanishes",
        lambda layer, n: 0 < layer.growth < 1 / EXPLODES,
        lambda layer, n: (
            f"dL/dv is {number(1 / layer.growth)} times smaller early in the trial than late"
        ),
        fault=False,
    ),
)
"""Of a layer in n trials."""

NOT_FINITE = Rule(
    "not finite",
    lambda bad, n: bool(bad),
    lambda bad, n: (
        f"surrogate gradients that are not finite in {n} trials: "
        + ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
    ),
)


def of_trials(layers: tuple[Layer, ...], arrays: tuple[Leaf, ...], trials: int) -> list[Finding]:
    """Silent and saturated layers; gradients that are not finite, explode or vanish in time."""
    found = [
        finding
        for layer in layers
        for rule in RULES
        for finding in rule.of(f"layer {layer.index}", layer, trials)
    ]
    bad = [leaf for leaf in arrays if leaf.bad]
    return found + NOT_FINITE.of(", ".join(leaf.name for leaf in bad), bad, trials)
