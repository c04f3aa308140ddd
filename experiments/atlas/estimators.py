"""The estimators of the atlas, made for an escape noise of given slope."""

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array

import snn
from snn.coupling import Left, Right
from snn.estimators.base import Estimator
from snn.estimators.disarm import DisARM
from snn.estimators.evolution_strategies import EvolutionStrategies
from snn.estimators.finite_differences import FiniteDifferences
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.estimators.score_function import LeaveOneOut
from snn.value_object import value_object

MISMATCHES = {"quarter": 0.25, "half": 0.5, "double": 2.0, "quadruple": 4.0}
"""Slope of the surrogate over that of the escape noise."""

# Full widths at half maximum, times the slope parameter.
SIGMOID_WIDTH = 4 * math.log(1 + math.sqrt(2))
SUPERSPIKE_WIDTH = 2 * (math.sqrt(2) - 1)
# Full width at half maximum of a normal density, over its standard deviation.
NORMAL_WIDTH = 2 * math.sqrt(2 * math.log(2))


@value_object
class Gaussian:
    """Surrogate derivative with the shape of a normal density, integral 1.

    Attributes:
        sigma: standard deviation, potential.
    """

    sigma: Any

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        return snn.escape.Gaussian(self.sigma).slope(v)


@value_object
class Box:
    """Surrogate derivative that is constant near threshold and 0 elsewhere, integral 1.

    Attributes:
        width: where it is not 0, potential.
    """

    width: Any

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        return jnp.where(jnp.abs(v) < self.width / 2, 1 / self.width, 0.0)


@value_object
class Mixture:
    """Coupling with fixed shares of right and left: one compilation for all of them.

    Attributes:
        right: share of `snn.coupling.Right`.
        left: share of `snn.coupling.Left`.
    """

    right: Any
    left: Any

    def weighted_slope(self, v: Array, s: Array, escape: snn.escape.EscapeNoise) -> Array:
        """The mixture of the two weights, times the slope."""
        right = Right().weighted_slope(v, s, escape)
        return self.right * right + self.left * Left().weighted_slope(v, s, escape)


Make = Callable[[Any, Any], Estimator]
"""From the settings of the atlas and the slope of the escape noise."""

# Means without error bar: these depend on the spikes alone, or on no noise at all.
BIASED: dict[str, Make] = {
    "surrogate": lambda config, beta: snn.Surrogate(snn.surrogate.Sigmoid(beta)),
    **{
        f"surrogate_{name}": lambda config, beta, ratio=ratio: snn.Surrogate(
            snn.surrogate.Sigmoid(ratio * beta)
        )
        for name, ratio in MISMATCHES.items()
    },
    # Other shapes at the width of the matched one.
    "surrogate_superspike": lambda config, beta: snn.Surrogate(
        snn.surrogate.SuperSpike(beta * SUPERSPIKE_WIDTH / SIGMOID_WIDTH)
    ),
    "surrogate_gaussian": lambda config, beta: snn.Surrogate(
        Gaussian(SIGMOID_WIDTH / NORMAL_WIDTH / beta)
    ),
    "surrogate_box": lambda config, beta: snn.Surrogate(Box(SIGMOID_WIDTH / beta)),
    "surrogate_deterministic": lambda config, beta: snn.Surrogate(
        snn.surrogate.Sigmoid(beta), snn.threshold
    ),
    "mean_field": lambda config, beta: snn.MeanField(),
    "smoothed_right": lambda config, beta: snn.SmoothedStochasticAD(Mixture(1.0, 0.0)),
    "smoothed_left": lambda config, beta: snn.SmoothedStochasticAD(Mixture(0.0, 1.0)),
    "smoothed_two_sided": lambda config, beta: snn.SmoothedStochasticAD(Mixture(0.5, 0.5)),
    "path_sample_analytic": lambda config, beta: PathSampleAnalytic(),
    "finite_differences": lambda config, beta: FiniteDifferences(config.epsilon),
    "evolution_strategies": lambda config, beta: EvolutionStrategies(config.sigma),
}
UNBIASED: dict[str, Make] = {
    "stochastic_ad": lambda config, beta: snn.StochasticAD(),
    "stochastic_ad_few_flips": lambda config, beta: snn.StochasticAD(n_flips=config.n_flips),
    "disarm": lambda config, beta: DisARM(),
    "score_function": lambda config, beta: snn.ScoreFunction(LeaveOneOut()),
    "score_function_no_baseline": lambda config, beta: snn.ScoreFunction(),
}
MAKE = BIASED | UNBIASED
