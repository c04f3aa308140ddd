"""Signs of a surrogate gradient's mean against those of the true gradient."""

from __future__ import annotations

import dataclasses

import numpy as np

from snn_tools.comparison.groups import leaves_of
from snn_tools.comparison.truth import Batches, Problem

SIGN_KNOWN = 4.0
"""A mean this many standard errors from 0 has a sign."""


@dataclasses.dataclass(frozen=True)
class Signs:
    """Signs of a surrogate gradient's mean, parameter by parameter.

    Attributes:
        leaf: name of the array.
        size: parameters.
        known: those where both signs are known, `SIGN_KNOWN` standard errors from 0.
        wrong: those of them where the two differ.
    """

    leaf: str
    size: int
    known: int
    wrong: int


def signs_of(problem: Problem, yours: Batches, true: Batches) -> tuple[Signs, ...]:
    """Counts the parameters whose signs are known and differ."""
    (g, g_known), (h, h_known) = (_mean_and_known(b) for b in (yours, true))
    known = g_known & h_known
    wrong = known & (np.sign(g) != np.sign(h))
    return tuple(
        Signs(name, len(index), int(known[index].sum()), int(wrong[index].sum()))
        for name, index in leaves_of(problem.params)
    )


def _mean_and_known(batches: Batches) -> tuple[np.ndarray, np.ndarray]:
    mean = batches.means.mean(axis=0)
    if len(batches.means) == 1:
        return mean, np.abs(mean) > 1e-12 * np.abs(mean).max(initial=0.0)
    error = batches.means.std(axis=0, ddof=1) / len(batches.means) ** 0.5
    return mean, (np.abs(mean) > SIGN_KNOWN * error) & (mean != 0)
