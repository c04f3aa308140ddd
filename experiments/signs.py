"""Where an estimate of a derivative has the wrong sign."""

from typing import TypeVar

import numpy as np
from jax import Array

ROUNDING = 1e-12
"""Derivatives that differ by less are equal up to rounding."""

Derivative = TypeVar("Derivative", np.ndarray, Array)


def wrong_sign(estimate: Derivative, exact: Derivative) -> Derivative:
    """Return where two derivatives have opposite signs, and are further apart than rounding."""
    return (estimate * exact < 0) & (abs(estimate - exact) > ROUNDING)
