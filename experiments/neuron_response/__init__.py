"""The surrogate gradient of the deterministic neuron is the slope of the stochastic one's mean."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import (
    Data,
    Experiment,
    Quantity,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.errors import UserError


@dataclass
class NeuronResponse(Experiment):
    """Spikes, mean response and its derivative against the membrane potential, for one neuron.

    The same neuron twice: with threshold spikes and a surrogate gradient, and with escape noise.
    The derivative of the noisy one's mean is measured on its spikes, without knowing its slope.
    """

    beta: float = param(5.0, "steepness of escape noise and surrogate", unit="1/potential", above=0)
    theta: float = param(1.0, "firing threshold")
    u_low: float = param(0.0, "lowest membrane potential shown", unit="potential")
    u_high: float = param(2.0, "highest membrane potential shown", unit="potential")
    n_raster_trials: int = param(30, "trials of the raster", low=2)
    n_raster_points: int = param(61, "membrane potentials of the raster", low=2)
    n_trials: int = param(10_000, "trials for each measured mean and derivative", low=100)
    n_points: int = param(25, "membrane potentials with a measured mean and derivative", low=2)
    half_step: float = param(0.02, "h of the difference quotient", unit="potential", above=0)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """The window must be one, and the difference quotient must be close to the derivative."""
        if self.u_high <= self.u_low:
            raise UserError(
                f"{path}.u_high: the window of membrane potentials is empty",
                f"u_low={self.u_low}, u_high={self.u_high}",
                "u_low < u_high",
                f"{path}.u_high={self.u_low + 2}",
            )
        if self.half_step * self.beta > 0.2:
            # The quotient is off by (h beta)^2 / 6 relative to the slope's scale.
            raise UserError(
                f"{path}.half_step is too coarse for a slope this steep",
                f"half_step={self.half_step}, beta={self.beta}",
                "half_step * beta <= 0.2",
                f"{path}.half_step={0.1 / self.beta:g}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """How close the surrogate and the measured derivative are to the slope."""
        u, surrogate, slope = data["u"][0], data["surrogate"][0], data["slope"][0]
        probability = data["probability"][0]
        rise = probability[-1] - probability[0]
        at_threshold = np.argmin(np.abs(data["u_measured"][0] - self.theta))
        measured = data["difference"][:, at_threshold]
        error = np.sqrt(np.sum(data["difference_se"][:, at_threshold] ** 2)) / measured.size
        # A standard error is an honest one where enough trials change their spike.
        counted = 2 * self.half_step * self.n_trials * data["slope_measured"] >= 20
        z = (data["difference"] - data["slope_measured"])[counted] / data["difference_se"][counted]
        return {
            "surrogate_minus_slope_max": exact(np.abs(surrogate - slope).max(), rtol=0, atol=1e-12),
            "surrogate_peak": exact(surrogate.max()),
            "surrogate_integral_minus_rise": exact(
                np.trapezoid(surrogate, u) - rise, rtol=0, atol=1e-6
            ),
            "measured_slope_at_threshold": statistical(measured.mean(), error),
            "measured_slope_rms_z": statistical(np.sqrt(np.mean(z**2)), 1 / np.sqrt(2 * z.size)),
        }
