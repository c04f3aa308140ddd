"""Where an estimate of a derivative has the wrong sign."""

from typing import Any

ROUNDING = 1e-12
"""Numbers of order 1 that differ by less are equal up to rounding, in double precision."""


def wrong_sign(estimate: Any, exact: Any) -> Any:
    """Return where two derivatives have opposite signs, and are further apart than rounding.

    Both are arrays of NumPy or of JAX, and so is the answer.
    """
    return (estimate * exact < 0) & (abs(estimate - exact) > ROUNDING)
