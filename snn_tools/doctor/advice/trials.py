"""Findings in single trials: spikes, and the size of gradients."""

from __future__ import annotations

import numpy as np

from snn_tools.doctor.measurements import Layer, Leaf
from snn_tools.doctor.report import Finding
from snn_tools.printing import number

MOST_SILENT = 0.5
"""A layer in which more than this share of neurons never fires is a fault."""

EXPLODES = 1e3
"""Errors or layers whose sizes differ by more than this factor."""


def of_trials(layers: tuple[Layer, ...], arrays: tuple[Leaf, ...], trials: int) -> list[Finding]:
    """Silent and saturated layers; gradients that are not finite, explode or vanish in time."""
    found = []
    for layer in layers:
        where, seen = f"layer {layer.index}", f"in {trials} trials"
        if layer.silent > MOST_SILENT:
            what = "no neuron fires" if layer.silent == 1 else f"{layer.silent:.0%} never fire"
            found.append(
                Finding(
                    "silent",
                    True,
                    where,
                    f"{what} {seen}; {layer.within:.0%} of potentials lie within the middle half "
                    "of the surrogate derivative",
                    "larger weights or more input (fluctuation-driven initialisation: "
                    "snn.LIFNetwork.init); a broader derivative where no potential lies within it",
                    "measured here; silent outputs left unbiased and narrow methods without any "
                    "progress in 2 to 3 of 16 tasks, broad ones in none (docs/true_gradient.md)",
                )
            )
        if layer.saturated > MOST_SILENT:
            found.append(
                Finding(
                    "saturated",
                    True,
                    where,
                    f"{layer.saturated:.0%} of neurons fire in nearly every step {seen}",
                    "smaller weights or less input",
                    "measured here",
                )
            )
        if np.isfinite(layer.growth) and layer.growth > EXPLODES:
            found.append(
                Finding(
                    "explodes",
                    True,
                    where,
                    f"dL/dv is {number(layer.growth)} times larger early in the trial than late",
                    "a broader surrogate derivative, or the reset detached",
                    "matched slopes explode in three recurrent layers, SuperSpike does not "
                    "(figure 7; one network)",
                )
            )
        if np.isfinite(layer.growth) and 0 < layer.growth < 1 / EXPLODES:
            found.append(
                Finding(
                    "vanishes",
                    False,
                    where,
                    f"dL/dv is {number(1 / layer.growth)} times smaller early in the trial than "
                    "late",
                )
            )
    bad = [leaf for leaf in arrays if leaf.bad]
    if bad:
        counts = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        found.append(
            Finding(
                "not finite",
                True,
                ", ".join(leaf.name for leaf in bad),
                f"surrogate gradients that are not finite in {trials} trials: {counts}",
            )
        )
    return found
