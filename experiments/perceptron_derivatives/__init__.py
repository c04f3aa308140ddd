"""The derivative of a perceptron's firing probability, by every estimator."""

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


@dataclass
class PerceptronDerivatives(Experiment):
    """Derivative of a perceptron's mean spike, and of its mean squared error, by one weight.

    The inputs are Poisson spike counts. The membrane potential u is swept by the bias.
    """

    n_inputs: int = param(5, "number of inputs", low=1)
    rate: float = param(50.0, "rate of the Poisson inputs", unit="Hz", above=0)
    window: float = param(0.02, "time over which input spikes are counted", unit="s", above=0)
    beta: float = param(5.0, "steepness of escape noise and surrogate", unit="1/potential", above=0)
    theta: float = param(1.0, "firing threshold", unit="potential")
    half_width: float = param(1.0, "u is shown this far around theta", unit="potential", above=0)
    n_points: int = param(25, "membrane potentials with sampled estimates", low=2)
    n_trials: int = param(400, "trials for each sampled estimate", low=2)
    target: float = param(0.25, "target z of the loss (S - z)^2", low=0, high=1)
    reference_p: float = param(
        0.1, "firing probability at which the loss is summarised", above=0, below=1
    )
    seeds: list[int] = seeds_param()

    def summary(self, data: Data) -> dict[str, Quantity]:
        """The identity in every sample, unbiased estimates over exact ones, the loss that fails."""

        def over_exact(name: str) -> Quantity:
            total = data["exact_sampled"].sum()
            error = np.sqrt(np.sum(data[f"{name}_se"] ** 2))
            return statistical(data[f"{name}_mean"].sum() / total, error / total)

        def deviation(name: str) -> Quantity:
            return exact(data[name].max(), rtol=0, atol=1e-12)

        return {
            "sg_minus_exact_max": deviation("surrogate_error"),
            "sg_deterministic_minus_exact_max": deviation("surrogate_deterministic_error"),
            "spm_minus_exact_max": deviation("spm_error"),
            "stochastic_ad_over_exact": over_exact("stochastic_ad"),
            "score_function_over_exact": over_exact("score_function"),
            "squared_loss_sg_over_slope": exact(data["reference_surrogate"][0]),
            "squared_loss_exact_over_slope": exact(data["reference_exact"][0]),
        }
