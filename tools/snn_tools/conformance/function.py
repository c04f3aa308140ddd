"""Spike function with its claims, as the checks use it: arrays go in, arrays come out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from snn_tools.shared.measured import SIZE, Measured, measure

PRECISIONS = ("float64", "float32", "float16", "bfloat16")


class NotOffered(Exception):
    """Error for a derivative or transformation that the function or its framework lacks."""


class Typed(NamedTuple):
    """Values of a function as float64, and the precision that they had."""

    values: np.ndarray
    dtype: str


@runtime_checkable
class Adapter(Protocol):
    """Spike function of a framework; ``v`` is potential minus threshold, float64, any shape.

    ``dtype`` is one of `PRECISIONS`. A missing derivative or transformation raises `NotOffered`.
    """

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the spikes."""
        ...

    def gradient(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the derivative, in reverse mode."""
        ...

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        """Return the derivative of the derivative."""
        ...

    def mapped(self, v: np.ndarray, dtype: str) -> tuple[Typed, Typed]:
        """Return spikes and gradient under ``vmap`` over the first axis."""
        ...


@dataclass(frozen=True)
class Claim:
    """Claims about a spike function; a claim of None is measured, not judged.

    Attributes:
        derivative: derivative in closed form, of float64 arrays, such as a `Form`. Width and
            integral then follow.
        width: full width at half maximum of the derivative.
        integral: integral of the derivative; 1 for a density.
        at_threshold: spike at v = 0, 0 or 1.
    """

    derivative: Callable[[np.ndarray], np.ndarray] | None = None
    width: float | None = None
    integral: float | None = None
    at_threshold: float | None = None


@dataclass(frozen=True)
class Subject:
    """Spike function under examination.

    Attributes:
        name: name in reports.
        adapter: function of JAX or PyTorch in its adapter.
        claim: claims about the function; none by default.
    """

    name: str
    adapter: Adapter
    claim: Claim = field(default_factory=Claim)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Return the precisions that the function supports, the finest first."""
        return tuple(dtype for dtype in PRECISIONS if not self.error(dtype))

    def error(self, dtype: str) -> str:
        """Return the error message of the function in a precision; empty without an error."""
        try:
            self.adapter.gradient(padded([-1.0, 0.5]), dtype)
        except Exception as error:  # whatever a library raises
            return f"{type(error).__name__}: {first_line(error)}"
        return ""

    @cached_property
    def finest(self) -> str:
        """Return the finest precision that the derivative preserves."""
        kept = (d for d in self.offered if self.adapter.gradient(padded(0.5), d).dtype == d)
        return next(kept, "float32")

    def spikes(self, v: np.ndarray) -> np.ndarray:
        """Return spikes at up to `SIZE` potentials, in the finest precision."""
        return self.adapter.spikes(padded(v), self.finest).values[: len(v)]

    def gradient(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative at up to `SIZE` potentials, in the finest precision."""
        return self.adapter.gradient(padded(v), self.finest).values[: len(v)]

    @cached_property
    def measured(self) -> Measured:
        """Measure peak, width and integral."""
        return measure(self.gradient)

    @cached_property
    def claimed(self) -> Measured | None:
        """Measure the claimed derivative in the same way."""
        return measure(self.claim.derivative) if self.claim.derivative else None

    @property
    def scale(self) -> float:
        """Return half the width of the derivative, or 1 without a width."""
        reference = self.claimed or self.measured
        return reference.width / 2 if 0 < reference.width < np.inf else 1.0

    @property
    def rtol(self) -> float:
        """Return the tolerance for rounding, relative to the peak of the derivative."""
        return {"float64": 1e-6, "float32": 2e-4}.get(self.finest, 0.03)


def first_line(error: BaseException) -> str:
    """Return the first line of a message, shortened."""
    return str(error).strip().partition("\n")[0][:160]


def padded(v: Any) -> np.ndarray:
    """Repeat the last potential up to `SIZE`: JAX compiles for every shape anew."""
    v = np.atleast_1d(np.asarray(v, np.float64))
    return np.concatenate([v, np.full(SIZE - len(v), v[-1])])
