"""A spike function with its name and what is claimed of it, and the outcomes of checks on it."""

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
    """Claims on a spike function; what is None is measured, not judged.

    Attributes:
        derivative: The derivative in closed form, of float64 arrays, such as a `Form`.
            Peak, width, integral and symmetry then follow.
        peak: The derivative's largest value.
        width: Its full width at half maximum.
        integral: Its integral; 1 for a density.
        probability: The firing probability of a random spike, or the distribution of the
            threshold's noise: its derivative must be the spike's.
        at_threshold: The spike at v = 0, 0 or 1.
        signed: Whether negative derivatives are meant.
        source: Where the claim stands.
    """

    derivative: Curve | None = None
    peak: float | int | None = None
    width: float | int | None = None
    integral: float | int | None = None
    probability: Curve | None = None
    at_threshold: float | int | None = None
    signed: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("derivative", "probability"):
            value = getattr(self, name)
            if value is not None and not callable(value):
                raise ValueError(
                    f"Claim.{name}: got {value!r}, expected a function of an array. "
                    f'For instance snn_tools.conformance.Form("superspike", beta=10).'
                )


class Outcome(NamedTuple):
    """The outcome of one check.

    Attributes:
        check: The check's name.
        status: ``"passed"``, ``"failed"`` or ``"skipped"``.
        message: What was found: what, got, expected. Why, where nothing was checked.
        at: The potential at which it shows.
        dtype: The precision in which it shows.
    """

    check: str
    status: str
    message: str = ""
    at: float = 0.5
    dtype: str = "float32"


class Failure(Exception):
    """Raised by a check: the message, and the potential and precision at which it shows."""

    def __init__(self, message: str, at: float = 0.5, dtype: str = "float32") -> None:
        super().__init__(message)
        self.at, self.dtype = float(at), dtype


class Skipped(Exception):
    """Raised by a check that does not apply; the message says why."""


@dataclass(frozen=True)
class Subject:
    """What a check receives.

    Attributes:
        name: How reports call it.
        box: The function.
        claim: What is claimed of it; nothing by default.
        call: The expression that makes the function, for reproductions.
        imports: What it needs imported; by default what stands before the last dot of ``call``.
    """

    name: str
    box: BlackBox
    claim: Claim = field(default_factory=Claim)
    call: str = ""
    imports: str = ""

    @cached_property
    def precisions(self) -> dict[str, str]:
        """Precisions in which the function runs, and for others what it said instead."""
        found = {}
        for dtype in PRECISIONS:
            try:
                self.box.gradient(padded([-1.0, 0.5]), dtype)
                found[dtype] = ""
            except NotOffered as error:
                found[dtype] = str(error)
            except Exception as error:  # whatever a library raises
                found[dtype] = f"{type(error).__name__}: {first_line(error)}"
        return found

    @cached_property
    def offered(self) -> list[str]:
        """Precisions in which the function runs, the finest first."""
        return [dtype for dtype, refusal in self.precisions.items() if not refusal]

    @cached_property
    def finest(self) -> str:
        """The finest precision in which the derivative comes back as it went in."""
        for dtype in self.offered:
            if self.box.gradient(padded(0.5), dtype).dtype == dtype:
                return dtype
        return "float32"

    def spikes(self, v: np.ndarray, dtype: str = "") -> np.ndarray:
        """Spikes at up to `SIZE` potentials, by default in the finest precision."""
        return self.box.spikes(padded(v), dtype or self.finest).values[: len(v)]

    def gradient(self, v: np.ndarray, dtype: str = "") -> np.ndarray:
        """Return the derivative at up to `SIZE` potentials, by default in the finest precision."""
        return self.box.gradient(padded(v), dtype or self.finest).values[: len(v)]

    @cached_property
    def measured(self) -> Measured:
        """Peak, width, integral and the like."""
        return measure(self.gradient)

    @cached_property
    def claimed(self) -> Measured | None:
        """Measure the claimed derivative likewise."""
        return measure(self.claim.derivative) if self.claim.derivative else None

    def reproduction(self, outcome: Outcome) -> str:
        """One line of Python that shows a failure."""
        if not self.call:
            return f"# {self.name} at v = {outcome.at:.4g} in {outcome.dtype}"
        imports = self.imports or self.call.partition("(")[0].rpartition(".")[0]
        call = f"({self.call})" if self.call.startswith("lambda") else self.call
        at, order = float(f"{outcome.at:.4g}"), 1 + (outcome.check == "second_order")
        imports = f", {imports}" if imports else ""
        return self.box.reproduction(imports, call, at, outcome.dtype, order)

    @property
    def scale(self) -> float:
        """A potential on which the derivative varies: half its width, or 1 if it has none."""
        reference = self.claimed or self.measured
        return reference.width / 2 if 0 < reference.width < np.inf else 1.0

    @property
    def rtol(self) -> float:
        """How far rounding may take a derivative, relative to its peak."""
        return {"float64": 1e-6, "float32": 2e-4}.get(self.finest, 0.03)


def first_line(error: BaseException) -> str:
    """Return the first line of a message, shortened."""
    return str(error).strip().partition("\n")[0][:160]


def padded(v: Any) -> np.ndarray:
    """Potentials in an array of the usual size, the last one repeated: JAX compiles by shape."""
    v = np.atleast_1d(np.asarray(v, np.float64))
    return np.concatenate([v, np.full(SIZE - len(v), v[-1])])
