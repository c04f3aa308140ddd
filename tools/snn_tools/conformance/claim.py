"""What is claimed of a spike function: by its documentation, or by its author in a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
