"""Compare derivatives of a network's code with finite differences, at given spikes.

Given its spikes, a network is an ordinary function of its parameters and of these spikes: its
values are the potentials of all layers, and the loss. Automatic differentiation must agree with
finite differences in float64, which has no sampling error.

A detached reset is not a fault. It is a neuron's own, so that half of the neurons are moved, and in
layers of the same shape the potentials of the other half are looked at. The derivative of the loss
by spikes is not judged, since a loss may read potentials behind a detached reset.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

STEPS = np.geomspace(1e-2, 1e-6, 5)
"""Distances of finite differences, relative to the norm of an array."""

TOLERANCE = 0.05
"""Differences above this share of the derivative count, beyond those of rounding."""

SECONDS = 60.0
"""Seconds that the tests of the code may use, even if the budget is smaller."""

VALUES = "potentials and loss"


@dataclasses.dataclass(frozen=True)
class Check:
    """Comparison of a derivative with finite differences.

    Attributes:
        source: array of parameters, or layer whose spikes are moved.
        target: `VALUES`, or a layer whose potentials are differentiated.
        ratio: automatic derivative over finite differences, along a direction.
        verdict: ``"agrees"``, ``"differs"``, ``"cut"`` (the automatic derivative is 0, and the
            function changes) or ``"undecided"``, where rounding hides the derivative, differences
            do not converge or a number is not finite.
        zero: whether the automatic derivative is exactly 0 and the function is constant.
    """

    source: str
    target: str
    ratio: float
    verdict: str
    zero: bool = False


def checked(
    names: tuple[str, str],
    derivative: np.ndarray,
    value: Callable[[np.ndarray], float],
    size: float,
    eps: float,
    far: np.ndarray | None = None,
) -> Check:
    """Compare a derivative with finite differences along a direction.

    Args:
        names: source and target.
        derivative: automatic derivative, flat.
        value: the function, of a change of its argument.
        size: length of the largest change.
        eps: relative rounding error of the function.
        far: change that is larger than nearby; by default random, of the length `size`.
    """
    direction = np.random.default_rng(1).standard_normal(derivative.size)
    direction = direction if far is None else np.where(far != 0, direction, 0.0)
    direction /= np.linalg.norm(direction) or 1.0
    whole = far is None
    far = size * direction if far is None else far
    if whole and derivative.any() and np.isfinite(derivative).all():
        direction = direction + derivative / np.linalg.norm(derivative)
    direction *= size / (np.linalg.norm(direction) or 1.0)
    here = value(np.zeros(derivative.size))
    ends = np.array([[value(h * direction), value(-h * direction)] for h in STEPS])
    with np.errstate(invalid="ignore"):  # values may be infinite
        quotients = (ends[:, 0] - ends[:, 1]) / (2 * STEPS)
    ratio, verdict = judged(float(derivative @ direction), quotients, abs(here), eps)
    zero = not derivative.any() and bool((ends == here).all())
    if zero and _is_stepwise(value, here, far):
        return Check(*names, 0.0, "cut")
    return Check(*names, ratio, verdict, zero and value(far) == here)


def checked_spikes(
    source: str,
    targets: Sequence[str],
    function: Callable[[np.ndarray], tuple[np.ndarray, Callable[[np.ndarray], float]]],
    size: float,
    eps: float,
    far: np.ndarray,
) -> list[Check]:
    """Compare the derivatives by the spikes of a layer with finite differences.

    Args:
        source: the layer.
        targets: layers whose potentials are differentiated.
        function: returns derivative and value of a weighted sum of potentials, from a weight of
            each target.
        size: length of the largest change.
        eps: relative rounding error of the function.
        far: the change that turns spikes into silence, and silence into spikes.
    """
    checks, smooth = [], np.zeros(len(targets))
    for k, target in enumerate(targets):
        derivative, value = function(np.eye(len(targets))[k])
        smooth[k] = derivative.any()
        if not smooth[k] and value(far) != value(0 * far):
            checks.append(checked((source, target), derivative, value, size, eps, far))
    if smooth.any():
        names = source, ", ".join(t for t, on in zip(targets, smooth, strict=True) if on)
        checks.append(checked(names, *function(smooth), size, eps, far))
    return checks


def _is_stepwise(value: Callable[[np.ndarray], float], here: float, far: np.ndarray) -> bool:
    """Return whether a function jumps on the way to a far change, and is constant in between."""
    ways = np.linspace(0.15, 1.0, 6)
    values = [(value(t * far), value((t + 1e-6) * far)) for t in ways]
    return any(a != here for a, _ in values) and all(a == b for a, b in values)


def judged(derivative: float, quotients: np.ndarray, scale: float, eps: float) -> tuple[float, str]:
    """Return ratio and verdict, from the three neighbouring distances that agree best.

    Args:
        derivative: automatic derivative.
        quotients: difference quotients at the distances `STEPS`.
        scale: size of the function.
        eps: relative rounding error of the function.
    """
    near = np.stack([quotients[:-2], quotients[1:-1], quotients[2:]])
    with np.errstate(invalid="ignore"):  # quotients may be infinite
        error = near.max(axis=0) - near.min(axis=0) + eps * max(scale, 1e-30) / STEPS[2:]
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


def moved_half(shape: tuple[int, ...]) -> np.ndarray:
    """Return a mask of the moved neurons of a layer, in the shape of the sites."""
    n = int(np.prod(shape))
    order = np.random.default_rng(n).permutation(n)
    return (order < -(-n // 2)).reshape(shape)


def looked_at(
    rng: np.random.Generator, shapes: Sequence[tuple[int, ...]], moved: int
) -> list[np.ndarray]:
    """Return random weights of the potentials of all layers if the spikes of one are moved.

    Args:
        rng: random numbers.
        shapes: shape of each layer's sites in one step.
        moved: index of the layer that is moved.
    """
    weights = []
    for shape in shapes:
        alone = shape == shapes[moved]
        weights.append(rng.standard_normal(shape) * (~moved_half(shape) if alone else 1.0))
    return weights
