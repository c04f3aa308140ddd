"""A spike function seen from outside: arrays go in, arrays come out.

Checks know nothing of JAX or PyTorch. An adapter runs the function at potentials that are given as
float64 arrays, in a named precision, and answers in float64.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

ADAPTERS = {"torch": "TorchFunction", "jax": "JaxFunction"}
PRECISIONS = ("float64", "float32", "float16", "bfloat16")


class NotOffered(Exception):
    """The function, or its framework, has no such derivative or transformation."""


class Typed(NamedTuple):
    """What a function returned.

    Attributes:
        values: The numbers, as float64, in the shape in which they came.
        dtype: The precision in which they came.
        untouched: Whether the function left its argument and the cotangent as they were.
    """

    values: np.ndarray
    dtype: str
    untouched: bool = True


class BlackBox(ABC):
    """One spike function: its values and derivatives at any potentials.

    ``v`` is potential minus threshold, float64, any shape. ``dtype`` is one of `PRECISIONS`. A
    derivative or transformation that is lacking raises `NotOffered`.

    Attributes:
        random: Whether spikes are drawn; `seeded` then chooses the randomness.
    """

    random: bool = False

    @abstractmethod
    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the spikes."""

    @abstractmethod
    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        """Reverse mode: the derivative times a cotangent (1 by default)."""

    def tangent(self, v: np.ndarray, dtype: str, tangent: np.ndarray) -> Typed:
        """Forward mode: the derivative times a tangent."""
        raise NotOffered("no forward mode")

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the derivative of the derivative."""
        raise NotOffered("no second derivative")

    def transformed(self, v: np.ndarray, dtype: str, name: str) -> tuple[Typed, Typed]:
        """Spikes and gradient under a transformation: ``jit`` or ``vmap`` over the first axis."""
        raise NotOffered(f"no {name}")

    def seeded(self, seed: int) -> "BlackBox":
        """Return the same function under other randomness."""
        return self

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        """Python code, one line, that prints spike and derivative at one potential.

        Args:
            imports: Modules that ``call`` needs, each after a comma.
            call: The expression that makes the function, to be called as it stands.
            v: The potential.
            dtype: The precision.
            order: 2 for the first and the second derivative.
        """
        return f"# {call} at v = {v:g} in {dtype}"


class Framework(BlackBox):
    """A spike function of a framework.

    Args:
        function: What is called, as the subclass says.
        random: Whether spikes are drawn.
        seed: Of the randomness.
    """

    def __init__(self, function: Callable[..., Any], random: bool = False, seed: int = 0) -> None:
        self.function, self.random, self.seed = function, random, seed

    def seeded(self, seed: int) -> "BlackBox":
        return type(self)(self.function, self.random, seed)


def adapter(framework: str) -> Callable[..., BlackBox]:
    """Return the adapter of a framework, which is then loaded."""
    module = import_module(f"snn_tools.conformance.{framework}_adapter")
    return getattr(module, ADAPTERS[framework])


def untouched(before: np.ndarray, after: np.ndarray) -> bool:
    """Return whether an array that a function was given is still what it was."""
    return bool(np.array_equal(before, after, equal_nan=True))


class NumpyFunction(BlackBox):
    """Spikes and derivative as two functions of an array; half precision stops at float16.

    Args:
        forward: ``v -> s``.
        backward: ``(v, cotangent) -> derivative * cotangent``.
    """

    def __init__(
        self,
        forward: Callable[[np.ndarray], np.ndarray],
        backward: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        self.forward, self.backward = forward, backward

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self.forward, _cast(v, dtype))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        cotangent = np.ones(np.shape(v)) if cotangent is None else cotangent
        return _typed(self.backward, _cast(v, dtype), _cast(cotangent, dtype))


def _cast(v: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "bfloat16":
        raise NotOffered("numpy has no bfloat16")
    return np.array(v, dtype)


def _typed(function: Callable[..., np.ndarray], *arguments: np.ndarray) -> Typed:
    before = [argument.copy() for argument in arguments]
    with np.errstate(all="ignore"):  # what is not finite is for the checks to tell
        found = np.asarray(function(*arguments))
    kept = all(map(untouched, before, arguments))
    return Typed(found.astype(np.float64), found.dtype.name, kept)
