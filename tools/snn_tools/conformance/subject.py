"""Spike function with its name and claims, and outcomes of its checks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from snn_tools.conformance.black_box import PRECISIONS, BlackBox, NotOffered
from snn_tools.conformance.measured import SIZE, Measured, measure

Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Claim:
    """Claims about a spike function; a claim of None is measured, not judged.

    Attributes:
        derivative: The derivative in closed form, of float64 arrays, such as a `Form`. Width and
            integral then follow.
        width: The derivative's full width at half maximum.
        integral: The derivative's integral; 1 for a density.
        at_threshold: The spike at v = 0, 0 or 1.
        source: Place of the claim in the documentation.
    """

    derivative: Curve | None = None
    width: float | int | None = None
    integral: float | int | None = None
    at_threshold: float | int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.derivative is not None and not callable(self.derivative):
            raise ValueError(
                f"Claim.derivative: got {self.derivative!r}, expected a function of an array. "
                f'For instance snn_tools.conformance.Form("superspike", beta=10).'
            )


class Outcome(NamedTuple):
    """Outcome of a check.

    Attributes:
        check: The check's name.
        status: ``"passed"``, ``"failed"`` or ``"skipped"``.
        message: What failed, got and expected; or the reason to skip the check.
        at: The potential of the failure.
        dtype: The precision of the failure.
    """

    check: str
    status: str
    message: str = ""
    at: float = 0.5
    dtype: str = "float32"


class Failure(Exception):
    """Failure of a check: message, potential and precision."""

    def __init__(self, message: str, at: float = 0.5, dtype: str = "float32") -> None:
        super().__init__(message)
        self.at, self.dtype = float(at), dtype


class Skipped(Exception):
    """Reason why a check does not apply."""


@dataclass(frozen=True)
class Subject:
    """Spike function as the checks use it.

    Attributes:
        name: Name in reports.
        box: The function.
        claim: Claims about the function; none by default.
        call: Python expression for the function, for reproductions.
        imports: Modules for ``call``; by default the part of ``call`` before its last dot.
    """

    name: str
    box: BlackBox
    claim: Claim = field(default_factory=Claim)
    call: str = ""
    imports: str = ""

    @cached_property
    def precisions(self) -> dict[str, str]:
        """Return the error message for each precision, empty if the function runs."""
        messages = {}
        for dtype in PRECISIONS:
            try:
                self.box.gradient(padded([-1.0, 0.5]), dtype)
                messages[dtype] = ""
            except NotOffered as error:
                messages[dtype] = str(error)
            except Exception as error:  # whatever a library raises
                messages[dtype] = f"{type(error).__name__}: {first_line(error)}"
        return messages

    @cached_property
    def offered(self) -> list[str]:
        """Return the precisions that the function supports, the finest first."""
        return [dtype for dtype, refusal in self.precisions.items() if not refusal]

    @cached_property
    def finest(self) -> str:
        """Return the finest precision that the derivative preserves."""
        for dtype in self.offered:
            if self.box.gradient(padded(0.5), dtype).dtype == dtype:
                return dtype
        return "float32"

    def spikes(self, v: np.ndarray, dtype: str = "") -> np.ndarray:
        """Return spikes at up to `SIZE` potentials, by default in the finest precision."""
        return self.box.spikes(padded(v), dtype or self.finest).values[: len(v)]

    def gradient(self, v: np.ndarray, dtype: str = "") -> np.ndarray:
        """Return the derivative at up to `SIZE` potentials, by default in the finest precision."""
        return self.box.gradient(padded(v), dtype or self.finest).values[: len(v)]

    @cached_property
    def measured(self) -> Measured:
        """Measure peak, width and integral."""
        return measure(self.gradient)

    @cached_property
    def claimed(self) -> Measured | None:
        """Measure the claimed derivative in the same way."""
        return measure(self.claim.derivative) if self.claim.derivative else None

    def reproduction(self, outcome: Outcome) -> str:
        """Return a line of Python that shows a failure."""
        if not self.call:
            return f"# {self.name} at v = {outcome.at:.4g} in {outcome.dtype}"
        imports = self.imports or self.call.partition("(")[0].rpartition(".")[0]
        call = f"({self.call})" if self.call.startswith("lambda") else self.call
        at, order = float(f"{outcome.at:.4g}"), 1 + (outcome.check == "second_order")
        imports = f", {imports}" if imports else ""
        return self.box.reproduction(imports, call, at, outcome.dtype, order)

    @property
    def scale(self) -> float:
        """Return the scale of the derivative in potential: half its width, or 1 without a width."""
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
