r"""Closed forms of surrogate derivatives, as functions of the potential minus threshold.

A form is a shape f of peak 1, in units of its width, times a peak:

.. math::
    g(v) = \mathrm{peak} \cdot f(\beta v)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "superspike": lambda x: (1 + np.abs(x)) ** -2.0,
    "sigmoid": lambda x: 4 * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,  # 4 p (1 - p)
    "arctan": lambda x: 1 / (1 + x**2),
    "triangle": lambda x: np.maximum(0.0, 1 - np.abs(x)),
    "box": lambda x: (np.abs(x) < 1) * 1.0,
    "gaussian": lambda x: np.exp(-(x**2) / 2),
    "exponential": lambda x: np.exp(-np.abs(x)),
    "constant": lambda x: np.ones_like(x),
}
"""Shapes of peak 1; a shape with an edge has the edge at 1."""


@dataclass(frozen=True)
class Form:
    """A derivative in closed form.

    Attributes:
        shape: name in `FORMS`.
        beta: slope, 1/potential.
        peak: largest value, in 1/potential.
    """

    shape: str
    beta: float | int = 1.0
    peak: float | int = 1.0

    def __post_init__(self) -> None:
        """Refuse a shape that has no closed form here."""
        if self.shape not in FORMS:
            raise ValueError(
                f"form: got {self.shape!r}, expected one of {', '.join(FORMS)}. Another shape "
                "needs a line in tools/snn_tools/conformance/forms.py."
            )

    def __call__(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative at ``v``."""
        with np.errstate(all="ignore"):
            return np.asarray(self.peak * FORMS[self.shape](np.asarray(self.beta * v, float)))
