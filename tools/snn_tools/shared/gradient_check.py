"""Compare derivatives of a network's code with finite differences, at given spikes.

Given its spikes, a network is an ordinary function of its parameters and of these spikes: its
values are the potentials of all layers, and the loss. Automatic differentiation must agree with
finite differences in float64, which has no sampling error.

A detached reset is not a fault. It is a neuron's own, so that half of the neurons are moved, and in
layers of the same shape the potentials of the other half are looked at. The derivative of the loss
by spikes is not judged, since a loss may read potentials behind a detached reset.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

Source: TypeAlias = tuple[str, int]
Weights: TypeAlias = Sequence[np.ndarray]

STEPS = np.geomspace(1e-2, 1e-6, 5)
"""Distances of finite differences, relative to the norm of an array."""

TOLERANCE = 0.05
"""Differences above this share of the derivative count, beyond those of rounding."""

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


@runtime_checkable
class Code(Protocol):
    """Code of a network at given spikes: loss and potentials as functions of one source.

    A source is an array of parameters, ``("array", k)``, or the spikes of a layer,
    ``("layer", i)``. The values are the loss and, for each layer, a weighted sum of its
    potentials. `weights` has an array for each layer, in the shape of its sites in one step.

    Attributes:
        arrays: names of the arrays of parameters.
        layers: names of the layers.
        shapes: shape of each layer's sites in one step.
        eps: relative rounding error.
    """

    arrays: list[str]
    layers: list[str]
    shapes: list[tuple[int, ...]]
    eps: float

    def source(self, source: Source) -> np.ndarray:
        """Return the numbers of a source, flat; of a layer, one step after the other."""
        ...

    def values(self, source: Source, move: np.ndarray, weights: Weights) -> np.ndarray:
        """Return the values after a change of the source: loss, layer 0, layer 1, ..."""
        ...

    def derivative(self, source: Source, weights: Weights, on: np.ndarray) -> np.ndarray:
        """Return the automatic derivative of the sum of the values that are on."""
        ...


def check_code(code: Code) -> tuple[Check, ...]:
    """Check the derivatives by each array, and by each layer's spikes."""
    rng, checks = np.random.default_rng(0), []
    weights = [rng.standard_normal(shape) for shape in code.shapes]
    all_on = np.ones(1 + len(code.shapes), bool)
    for k, name in enumerate(code.arrays):
        checks.append(_along((name, VALUES), code, ("array", k), weights, all_on))
    for i, name in enumerate(code.layers):
        looks = looked_at(rng, code.shapes, i)
        # The same neurons in each step.
        half = np.resize(moved_half(code.shapes[i]), code.source(("layer", i)).size)
        checks += _by_spikes(name, code, i, looks, half)
    return tuple(checks)


def _along(
    names: tuple[str, str],
    code: Code,
    source: Source,
    weights: Weights,
    on: np.ndarray,
    half: Any = True,
) -> Check:
    """Compare the derivative of the values that are on with finite differences along a direction.

    Args:
        names: source and target.
        code: the network's code.
        source: array or layer that is moved.
        weights: weights of the potentials.
        on: the values that are summed.
        half: numbers of the source that are moved.
    """

    def value(move: np.ndarray) -> float:
        return float(code.values(source, move, weights)[on].sum())

    source_now = code.source(source)
    derivative = np.where(half, code.derivative(source, weights, on), 0.0)
    size = float(np.linalg.norm(source_now)) or source_now.size**0.5
    direction = np.where(half, np.random.default_rng(1).standard_normal(derivative.size), 0.0)
    direction /= np.linalg.norm(direction) or 1.0
    # A change larger than nearby: spikes turn into silence, and silence into spikes.
    far = np.where(half, 1 - 2 * source_now, 0.0) if source[0] == "layer" else size * direction
    if source[0] == "array" and derivative.any() and np.isfinite(derivative).all():
        direction = direction + derivative / np.linalg.norm(derivative)
    direction *= size / (np.linalg.norm(direction) or 1.0)
    here = value(np.zeros(derivative.size))
    ends = np.array([[value(h * direction), value(-h * direction)] for h in STEPS])
    with np.errstate(invalid="ignore"):  # values may be infinite
        quotients = (ends[:, 0] - ends[:, 1]) / (2 * STEPS)
    ratio, verdict = judged(float(derivative @ direction), quotients, abs(here), code.eps)
    zero = not derivative.any() and bool((ends == here).all())
    if zero and _is_stepwise(value, here, far):
        return Check(*names, 0.0, "cut")
    return Check(*names, ratio, verdict, zero and value(far) == here)


def _by_spikes(
    name: str, code: Code, i: int, weights: Weights, half: np.ndarray
) -> Iterator[Check]:
    """Check the derivatives of all potentials by the spikes of a layer."""
    source, n = ("layer", i), len(code.layers)
    far = np.where(half, 1 - 2 * code.source(source), 0.0)
    ends = [code.values(source, move, weights)[1:] for move in (0 * far, far)]
    smooth, one = np.zeros(1 + n, bool), np.eye(1 + n, dtype=bool)
    for k in range(n):
        if ends[0][k] == ends[1][k]:
            continue
        derivative = code.derivative(source, weights, one[1 + k])
        smooth[1 + k] = np.where(half, derivative, 0.0).any()
        if not smooth[1 + k]:
            yield _along((name, code.layers[k]), code, source, weights, one[1 + k], half)
    if smooth.any():
        targets = ", ".join(
            target for target, on in zip(code.layers, smooth[1:], strict=True) if on
        )
        yield _along((name, targets), code, source, weights, smooth, half)


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
    # A factor takes precision; a change of the function beyond rounding does not.
    if derivative == 0:
        return 0.0, "cut"
    if error > TOLERANCE / 5 * max(abs(derivative), abs(quotient)):
        return np.nan, "undecided"
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
