r"""Intensities: the rate of spikes as a function of the potential.

The probability of a spike in a short time dt is :math:`\rho(u)\,dt`. The intensity approaches a
threshold as the slope :math:`\beta` grows. The surrogate derivative that matches an intensity is
its own slope, :math:`\rho'(u)`.

The exponential intensity grows without limit. Its exponent is capped at `LARGEST`: a neuron with
:math:`e^{50}` spikes per unit of time spikes at once, and no number overflows.

Reference: Gerstner, Kistler, Naud & Paninski, "Neuronal Dynamics", 2014, chapter 9.
"""

from dataclasses import dataclass

import numpy as np

LARGEST = 50.0
"""Largest exponent of an intensity."""


@dataclass(frozen=True)
class Exponential:
    r"""Exponential intensity, :math:`\rho_0 e^{\beta v}`.

    Attributes:
        beta: Slope of the noise, 1/potential.
        rho0: Intensity at the threshold, 1/ms.
    """

    beta: float
    rho0: float = 1.0

    def rate(self, v: np.ndarray) -> np.ndarray:
        """Return spikes per ms at a potential minus the threshold, of any shape."""
        return self.rho0 * np.exp(np.minimum(self.beta * v, LARGEST))

    def slope(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative of `rate`: 0 where the exponent is capped."""
        return np.where(self.beta * v < LARGEST, self.beta * self.rate(v), 0.0)
