"""A spike function seen from outside: arrays go in, arrays come out.

Checks know nothing of JAX or PyTorch. An adapter runs the function at potentials that are given as
float64 arrays, in a named precision, and answers in float64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

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

    ``v`` is potential minus threshold, float64, any shape. ``dtype`` is one of `PRECISIONS`.

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
        """Forward mode: the derivative times a tangent.

        Raises:
            NotOffered: if there is none.
        """
        raise NotOffered("no forward mode")

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the derivative of the derivative.

        Raises:
            NotOffered: if there is none.
        """
        raise NotOffered("no second derivative")

    def transformed(self, v: np.ndarray, dtype: str, name: str) -> tuple[Typed, Typed]:
        """Spikes and gradient under a transformation: ``jit`` or ``vmap`` over the first axis.

        Raises:
            NotOffered: if there is none of that name.
        """
        raise NotOffered(f"no {name}")

    def seeded(self, seed: int) -> BlackBox:
        """Return the same function under other randomness."""
        return self

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        """Python code, one line, that prints spike and derivative at one potential.

        Args:
            imports: Modules that ``call`` needs, separated by commas.
            call: The expression that makes the function.
            v: The potential.
            dtype: The precision.
            order: 2 for the first and the second derivative.
        """
        return f"# {call} at v = {v:g} in {dtype}"


def untouched(before: np.ndarray, after: np.ndarray) -> bool:
    """Return whether an array that a function was given is still what it was."""
    return bool(np.array_equal(before, after, equal_nan=True))
