"""Checks of structure: batches, precision, arguments, transformations and the chain rule."""

import numpy as np

from snn_tools.conformance.subject import Failure, Skipped, Subject, padded

FACTORS = np.array([-2.0, -1.1, -0.6, -0.2, 0.3, 0.5, 0.9, 1.3, 2.2])


def runs(function: Subject) -> None:
    """Expect spikes and derivative in single precision, without an error."""
    if error := function.precisions["float32"]:
        raise Failure(f"raises {error}")


def cotangent(function: Subject) -> None:
    """Expect the chain rule: the derivative times the cotangent, zeros included."""
    v = FACTORS * function.scale
    factors = np.array([1.0, -2.0, 0.0, 0.5, 3.0, -1.0, 0.0, 7.0, -0.25])
    got = function.box.gradient(padded(v), function.finest, padded(factors)).values[: len(v)]
    right = factors * function.gradient(v)
    wrong = ~(np.abs(got - right) <= 10 * function.rtol * np.abs(right).max())
    if wrong.any():
        i = int(wrong.argmax())
        raise Failure(
            f"gradient at v = {v[i]:.4g} for an incoming gradient of {factors[i]:g}: "
            f"got {got[i]:.6g}, expected {right[i]:.6g}",
            v[i],
        )


def batch(function: Subject) -> None:
    """Expect unchanged shapes, and elements of a batch that are independent."""
    v, dtype = FACTORS * function.scale, function.finest
    whole, spikes = function.gradient(v), function.spikes(v)
    for shape in ((), (3, 3), (0,)):
        some = v[: int(np.prod(shape))].reshape(shape)
        for what, expected in (("spikes", spikes), ("gradient", whole)):
            got = getattr(function.box, what)(some, dtype).values
            if got.shape != shape:
                raise Failure(f"{what} of an array of shape {shape}: got shape {got.shape}")
            right = expected[: some.size].reshape(shape)
            near = 10 * function.rtol * np.abs(whole).max()
            if not function.box.random and not np.allclose(got, right, atol=near, rtol=0):
                raise Failure(
                    f"{what} at v = {some.ravel()[0]:.4g} depends on the rest of the batch: "
                    f"{got.ravel()[0]:.6g} in shape {shape}, {right.ravel()[0]:.6g} among 9"
                )


def precision(function: Subject) -> None:
    """Expect spikes and gradients in the precision of the potentials."""
    v = padded(FACTORS * function.scale)
    changed = {}
    for dtype in function.offered:
        for what in ("spikes", "gradient"):
            got = getattr(function.box, what)(v, dtype).dtype
            if got != dtype:
                changed.setdefault((what, got), []).append(dtype)
    if changed:
        words = [f"{what} of {', '.join(v)} are {got}" for (what, got), v in changed.items()]
        raise Failure("; ".join(words), 0.5, next(iter(changed.values()))[-1])


def untouched(function: Subject) -> None:
    """Expect that the function changes neither potentials nor incoming gradients."""
    v = padded(FACTORS * function.scale)
    if not function.box.spikes(v, function.finest).untouched:
        raise Failure("the potentials are overwritten")
    if not function.box.gradient(v, function.finest, padded(FACTORS)).untouched:
        raise Failure("the incoming gradient is overwritten")


def jit(function: Subject) -> None:
    """Expect the same results when compiled."""
    _transformed(function, "jit")


def vmap(function: Subject) -> None:
    """Expect the same results when mapped over a batch axis."""
    _transformed(function, "vmap")


def _transformed(function: Subject, name: str) -> None:
    v, dtype = padded(FACTORS * function.scale), function.finest
    if name == "vmap" and function.box.random:
        raise Skipped("spikes are drawn from one key")
    spikes, gradient = function.box.transformed(v, dtype, name)
    pairs = (
        ("spikes", spikes.values, function.box.spikes(v, dtype).values),
        ("gradient", gradient.values, function.gradient(v)),
    )
    for what, got, right in pairs:
        near = 10 * function.rtol * max(np.abs(right).max(), 1e-30)
        if got.shape != right.shape or not np.allclose(got, right, atol=near, rtol=0):
            raise Failure(f"{what} under {name}: got {got[:3]}, without it {right[:3]}")
