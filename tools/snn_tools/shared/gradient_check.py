"""Judge a derivative by difference quotients at several distances."""

import dataclasses

import numpy as np

STEPS = np.geomspace(1e-1, 1e-7, 13)
"""Distances of finite differences, relative to the norm of an array of parameters."""

TOLERANCE = 0.05
"""Differences above this share of the derivative count, beyond those of rounding."""

TESTS = GIVEN, SMOOTHED = "given spikes", "smoothed"
OPENED = "resets opened"

VERDICTS = ("agrees", "undecided", "differs", "cut")
"""Verdicts, from the best to the worst."""


@dataclasses.dataclass(frozen=True)
class Check:
    """Comparison of a derivative with finite differences, for an array of parameters.

    Attributes:
        test: ``"given spikes"``, ``"smoothed"``, or the latter with resets opened.
        leaf: name of the array.
        ratio: automatic derivative over finite differences, along a direction; the worst of two.
        verdict: ``"agrees"``, ``"differs"``, ``"cut"`` (the automatic derivative is 0, and finite
            differences are not) or ``"undecided"``, where rounding hides the derivative,
            differences do not converge or a number is not finite.
        zero: whether the automatic derivative is exactly 0, and the function is constant nearby.
        jumps: whether the automatic derivative is exactly 0, and the function changes farther away.
    """

    test: str
    leaf: str
    ratio: float
    verdict: str
    zero: bool = False
    jumps: bool = False


def judged(
    derivative: float,
    quotients: np.ndarray,
    scale: float,
    eps: float,
    steps: np.ndarray = STEPS,
) -> tuple[float, str]:
    """Return ratio and verdict, from the three neighbouring distances that agree best.

    Args:
        derivative: automatic derivative.
        quotients: difference quotients at the distances.
        scale: size of the function.
        eps: relative rounding error of the function.
        steps: the distances.
    """
    near = np.stack([quotients[:-2], quotients[1:-1], quotients[2:]])
    with np.errstate(invalid="ignore"):  # quotients may be infinite
        error = np.ptp(near, axis=0) + eps * max(scale, 1e-30) / steps[2:]
    best = int(np.nanargmin(error)) if np.isfinite(error).any() else 0
    quotient, error = float(near[1, best]), float(error[best])
    if not np.isfinite([derivative, quotient, error]).all():
        return np.nan, "undecided"
    if abs(derivative - quotient) <= TOLERANCE * abs(quotient) + 5 * error:
        hidden = abs(quotient) < 5 * error and derivative != 0
        return 1.0, "undecided" if hidden else "agrees"
    if error > TOLERANCE / 5 * max(abs(derivative), abs(quotient)):
        return np.nan, "undecided"
    if derivative == 0:
        return 0.0, "cut"
    # Saturated: the function is constant in floating point, and its derivative is not quite 0.
    if quotient == 0 and abs(derivative) <= 1e4 * eps * max(scale, 1.0):
        return np.nan, "undecided"
    return derivative / quotient if quotient else np.inf, "differs"


def worst(verdicts: list[tuple[float, str]]) -> tuple[float, str]:
    """Return the worst of several verdicts, with its ratio."""
    return max(verdicts, key=lambda pair: VERDICTS.index(pair[1]))
