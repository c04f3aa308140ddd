"""Interface of a spike function to the checks: arrays go in, arrays come out.

Checks do not depend on JAX or PyTorch. An adapter takes potentials as float64 arrays, runs the
function in a named precision, and returns float64 arrays.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

ADAPTERS = {"torch": "TorchFunction", "jax": "JaxFunction"}
PRECISIONS = ("float64", "float32", "float16", "bfloat16")


class NotOffered(Exception):
    """Error for a derivative or transformation that the function or its framework lacks."""


class Typed(NamedTuple):
    """Result of a function.

    Attributes:
        values: The numbers as float64, in the shape of the result.
        dtype: The precision of the result.
    """

    values: np.ndarray
    dtype: str


class BlackBox(ABC):
    """Spike function: values and derivatives at any potentials.

    ``v`` is potential minus threshold, float64, any shape. ``dtype`` is one of `PRECISIONS`. A
    missing derivative or transformation raises `NotOffered`.
    """

    @abstractmethod
    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the spikes."""

    @abstractmethod
    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        """Return the derivative times a cotangent (1 by default), in reverse mode."""

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the derivative of the derivative."""
        raise NotOffered("no second derivative")

    def mapped(self, v: np.ndarray, dtype: str) -> tuple[Typed, Typed]:
        """Return spikes and gradient under ``vmap`` over the first axis."""
        raise NotOffered("no vmap")

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        """Return one line of Python that prints spike and derivative at a potential.

        Args:
            imports: Modules for ``call``, each after a comma.
            call: The expression for the function.
            v: The potential.
            dtype: The precision.
            order: 2 for the first and the second derivative.
        """
        return f"# {call} at v = {v:g} in {dtype}"


class Framework(BlackBox):
    """Spike function of a framework.

    Args:
        function: The function of one array.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


def adapter(framework: str) -> Callable[..., BlackBox]:
    """Load a framework and return its adapter."""
    module = import_module(f"snn_tools.conformance.{framework}_adapter")
    return getattr(module, ADAPTERS[framework])


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
    with np.errstate(all="ignore"):  # the checks report numbers that are not finite
        result = np.asarray(function(*arguments))
    return Typed(result.astype(np.float64), result.dtype.name)
