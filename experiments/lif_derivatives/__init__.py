"""Derivatives of a leaky integrate-and-fire neuron's spikes: given its past, and not."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, exact, param, seeds_param, statistical
from experiments.engine.errors import UserError
from experiments.late_spike import LateSpike


@dataclass
class LIFDerivatives(LateSpike):
    """What a surrogate gradient of a spiking neuron is the derivative of, and what not.

    Given the neuron's own past spikes it is the exact derivative of the firing probability, along
    any path, of the stochastic and of the deterministic neuron. Averaged over pasts it is not the
    derivative of the average, and can have the wrong sign.
    """

    n_inputs: int = param(20, "number of Poisson inputs of the path", low=1)
    rate: float = param(50.0, "their rate", unit="Hz", above=0)
    mean_u: float = param(0.6, "mean of the path's potential without resets", unit="theta")
    sigma_u: float = param(0.5, "its standard deviation, about", unit="theta", above=0)
    n_steps: int = param(120, "steps of the path", low=4)
    difference_step: float = param(1e-3, "step in w of the finite differences", above=0)
    horizon: int = param(12, "steps of the neuron with one input", low=3, high=14)
    n_trials: int = param(4000, "trials of the unbiased estimates", low=2)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """The late spike is one of the horizon; a step has room for at most one input spike."""
        if self.late_step >= self.horizon:
            raise UserError(
                f"{path}.late_step is beyond the horizon",
                f"late_step={self.late_step}, horizon={self.horizon}",
                "late_step < horizon",
                f"{path}.horizon={self.late_step + 1}",
            )
        if self.rate * self.dt > 1:
            raise UserError(
                f"{path}.rate: more than one input spike per step",
                f"rate={self.rate}, dt={self.dt}",
                "rate * dt <= 1",
                f"{path}.rate={1 / self.dt:g}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """The identity given the past, and its failure without."""

        def deviation(name: str) -> Quantity:
            return exact(data[name].max(), rtol=0, atol=1e-8)

        def at_late_step(name: str) -> Quantity:
            means, errors = data[f"{name}_mean"][:, late], data[f"{name}_se"][:, late]
            return statistical(means.mean(), np.sqrt(np.sum(errors**2)) / means.size)

        late = self.late_step
        return {
            "sg_minus_conditional_max": deviation("stochastic_error"),
            "sg_deterministic_minus_conditional_max": deviation("deterministic_error"),
            "spm_minus_conditional_max": deviation("spm_error"),
            "marginal_probability": exact(data["averaged_spike"][0, late]),
            "marginal_exact": exact(data["averaged_exact"][0, late]),
            "marginal_sg": exact(data["averaged_surrogate"][0, late]),
            "marginal_sg_reset_through": exact(data["averaged_through"][0, late]),
            "marginal_stochastic_ad": at_late_step("stochastic_ad"),
            "marginal_score_function": at_late_step("score_function"),
        }
