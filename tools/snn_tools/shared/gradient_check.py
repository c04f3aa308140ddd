"""Compare derivatives of a network's code with finite differences, at given spikes.

Given its spikes, a network is an ordinary function of its parameters and of these spikes: its
values are the potentials of all layers, and the loss. Automatic differentiation must agree with
finite differences in float64, which has no sampling error.

A detached reset is not a fault. It is a neuron's own, so that half of the neurons are moved, and in
layers of the same shape the potentials of the other half are looked at. The derivative of the loss
by spikes is not judged, since a loss may read potentials behind a detached reset.

Spikes have ties, and code may have a kink there: the maximum of two silent neurons has no
derivative by their spikes. Differences to both sides average over the kink, automatic
differentiation chooses a side, and neither is wrong. The derivative is then taken a little beside
the spikes, where there is no tie.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

Source: TypeAlias = tuple[str, int]
Weights: TypeAlias = Sequence[np.ndarray]
Moves: TypeAlias = Mapping[Source, np.ndarray]
"""Changes of sources, flat."""

STEPS = np.geomspace(1e-2, 1e-6, 5)
"""Distances of finite differences, relative to the norm of an array."""

TOLERANCE = 0.05
"""Differences above this share of the derivative count, beyond those of rounding."""

BESIDE = 0.05, 0.25
"""Distances from a kink at which a derivative is taken: of a spike, or relative to an array."""

SHRUNK = -0.99, -1.01, -0.9999
"""Relative changes of all arrays that bring a saturated readout back to where it has a slope."""

VALUES = "potentials and loss"


@dataclasses.dataclass(frozen=True)
class Check:
    """Comparison of a derivative with finite differences.

    Attributes:
        source: array of parameters, or layer whose spikes are moved.
        target: `VALUES`, or a layer whose potentials are differentiated.
        ratio: automatic derivative over finite differences, along a direction.
        verdict: ``"agrees"``, ``"differs"``, ``"cut"`` (the automatic derivative is 0, and the
            function changes), ``"saturated"`` (the function is constant here, and is not at small
            parameters) or ``"undecided"``, where rounding hides the derivative, differences do not
            converge or a number is not finite.
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

    def values(self, moves: Moves, weights: Weights) -> np.ndarray:
        """Return the values after changes of sources: loss, layer 0, layer 1, ..."""
        ...

    def derivative(
        self, source: Source, moves: Moves, weights: Weights, on: np.ndarray
    ) -> np.ndarray:
        """Return the automatic derivative, after changes, of the sum of the values that are on."""
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
    source_now = code.source(source)
    none, size = 0 * source_now, float(np.linalg.norm(source_now)) or source_now.size**0.5
    rng = np.random.default_rng(1)
    random = np.where(half, rng.standard_normal(source_now.size), 0.0)
    random /= np.linalg.norm(random) or 1.0
    # A change larger than nearby: spikes turn into silence, and silence into spikes.
    far = np.where(half, 1 - 2 * source_now, 0.0) if source[0] == "layer" else size * random
    beside = np.where(half, rng.uniform(*BESIDE, source_now.size), 0.0)
    if source[0] == "array":
        beside *= size * random

    def value(move: np.ndarray) -> float:
        return float(code.values({source: move}, weights)[on].sum())

    # Beside a kink there are others: changes are smaller there.
    for at, length in ((none, size), (beside, size / 100)):
        derivative = np.where(half, code.derivative(source, {source: at}, weights, on), 0.0)
        direction = random
        if source[0] == "array" and derivative.any() and np.isfinite(derivative).all():
            direction = direction + derivative / np.linalg.norm(derivative)
        direction = direction * length / (np.linalg.norm(direction) or 1.0)
        here = value(at)
        ends = np.array([[value(at + sign * h * direction) for sign in (1, -1)] for h in STEPS])
        if not has_kink(ends, here, code.eps):
            break
    else:
        return Check(*names, np.nan, "undecided")
    with np.errstate(invalid="ignore"):  # values may be infinite
        quotients = (ends[:, 0] - ends[:, 1]) / (2 * STEPS)
    ratio, verdict = judged(float(derivative @ direction), quotients, abs(here), code.eps)
    zero = not derivative.any() and bool((ends == here).all())
    if zero and _jumps(value, here, far, code.eps):
        return Check(*names, 0.0, "cut")
    if zero and _is_saturated(code, source, far, weights, on):
        return Check(*names, np.nan, "saturated")
    return Check(*names, ratio, verdict, zero and value(far) == here)


def _is_saturated(
    code: Code, source: Source, far: np.ndarray, weights: Weights, on: np.ndarray
) -> bool:
    """Return whether values that are constant by an array depend on it at small parameters."""
    arrays = [("array", k) for k in range(len(code.arrays))]
    for factor in SHRUNK if source in arrays else ():
        small = {array: factor * code.source(array) for array in arrays}
        moved = small | {source: small[source] + far}
        if code.values(small, weights)[on].sum() != code.values(moved, weights)[on].sum():
            return True
    return False


def _by_spikes(
    name: str, code: Code, i: int, weights: Weights, half: np.ndarray
) -> Iterator[Check]:
    """Check the derivatives of all potentials by the spikes of a layer."""
    source, n = ("layer", i), len(code.layers)
    far = np.where(half, 1 - 2 * code.source(source), 0.0)
    ends = [code.values({source: move}, weights)[1:] for move in (0 * far, far)]
    smooth, one = np.zeros(1 + n, bool), np.eye(1 + n, dtype=bool)
    for k in range(n):
        if ends[0][k] == ends[1][k]:
            continue
        derivative = code.derivative(source, {}, weights, one[1 + k])
        smooth[1 + k] = np.where(half, derivative, 0.0).any()
        if not smooth[1 + k]:
            yield _along((name, code.layers[k]), code, source, weights, one[1 + k], half)
    if smooth.any():
        targets = ", ".join(
            target for target, on in zip(code.layers, smooth[1:], strict=True) if on
        )
        yield _along((name, targets), code, source, weights, smooth, half)


def _jumps(value: Callable[[np.ndarray], float], here: float, far: np.ndarray, eps: float) -> bool:
    """Return whether a function that is constant nearby jumps on the way to a far change.

    A saturated function does not: it leaves its bound by next to nothing.
    """
    ways = np.linspace(0.15, 1.0, 6)
    values = np.array([value(t * far) for t in ways])
    if (values == here).all():
        return False
    inside, outside = 0.0, float(ways[(values != here).argmax()])
    while outside - inside > 1e-9:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if value(middle * far) == here else (inside, middle)
    most = float(np.abs(values - here).max())
    return abs(value(outside * far) - here) > max(1e-6 * most, 10 * eps * abs(here))


def has_kink(ends: np.ndarray, here: float, eps: float) -> bool:
    """Return whether the slopes to both sides of a point differ, the closer the better.

    Args:
        ends: values at the distances `STEPS` to both sides.
        here: value at the point.
        eps: relative rounding error of the values.
    """
    with np.errstate(invalid="ignore"):  # values may be infinite
        slopes = (ends - here) / np.stack([STEPS, -STEPS], axis=1)
        apart = np.abs(slopes[:, 0] - slopes[:, 1])
        rounding = 5 * eps * max(abs(here), 1e-30) / STEPS
        return bool((apart > TOLERANCE / 5 * np.abs(slopes).max(axis=1) + rounding)[-3:].all())


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
