r"""Closed forms of surrogate derivatives in numpy, as functions of the potential minus threshold.

A form is a shape of peak 1, in units of the shape's width, times a peak:

.. math::
    g(v) = \mathrm{peak} \cdot f(\beta v)

The conventions of all libraries become a shape, a slope :math:`\beta` in 1/potential and a peak.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "superspike": lambda x: (1 + np.abs(x)) ** -2.0,
    "inverse": lambda x: 1 / (1 + np.abs(x)),  # SuperSpike's without the square
    "sigmoid": lambda x: 4 * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,  # 4 p (1 - p)
    "arctan": lambda x: 1 / (1 + x**2),
    "triangle": lambda x: np.maximum(0.0, 1 - np.abs(x)),
    "box": lambda x: (np.abs(x) < 1) * 1.0,
    "gaussian": lambda x: np.exp(-(x**2) / 2),
    "exponential": lambda x: np.exp(-np.abs(x)),
    "constant": lambda x: np.ones_like(x),
    "circle": lambda x: (1 + x**2) ** -1.5,  # slope of x / sqrt(1 + x^2)
    "clipped": lambda x: 1 / np.maximum(1, np.abs(x)),
    "cosine": np.cos,
    "cosines": lambda x: (np.cos(x) + np.cos(3 * x)) / 2,
    "relu": lambda x: (x > 0) * 1.0,
    "early": lambda x: (x > -1) * 1.0,  # from below the threshold on
    "leaky": lambda x: np.where(x < 0, 0.1, 1.0),
    "log_tail": lambda x: (x > 0) / np.maximum(1, x),
    "s2nn": lambda x: np.where(x < 0, FORMS["sigmoid"](4 * x), 1 / (1 + np.maximum(x, 0))),
    "multigaussian": lambda x: _multigaussian(x) / _multigaussian(np.zeros(())),
    "sign": lambda x: np.where(x < 0, 1.0, -1.0),
}
"""Shapes of peak 1; a shape with an edge has the edge at 1 or -1."""


def _multigaussian(x: np.ndarray) -> np.ndarray:
    """Yin, Corradi, Bohte, Nature Machine Intelligence 3, 2021: with h = 0.15 and s = 6."""
    side = np.exp(-((x - 1) ** 2) / 72) + np.exp(-((x + 1) ** 2) / 72)
    return np.asarray(1.15 * np.exp(-(x**2) / 2) - 0.15 / 6 * side)


@dataclass(frozen=True)
class Form:
    """A derivative in closed form.

    Attributes:
        shape: A name in `FORMS`.
        beta: Slope, 1/potential.
        peak: The largest value, in 1/potential.
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
            x = np.asarray(self.beta * np.asarray(v, np.float64))
            return np.asarray(self.peak * FORMS[self.shape](x))

    def __str__(self) -> str:
        return f"{self.peak:.6g} * {self.shape}({self.beta:.6g} v)"
