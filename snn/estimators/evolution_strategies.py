r"""Evolution strategies: the gradient of the expected loss smoothed over the parameters.

.. math::
    g = \frac{1}{m}\sum_{j=1}^{m}
        \frac{L(\theta + \sigma\epsilon_j) - L(\theta - \sigma\epsilon_j)}{2\sigma}\,\epsilon_j,
    \qquad \epsilon_j \sim N(0, 1)^P

Both losses of a pair see the noise of the trial. Unbiased for
:math:`\nabla_\theta E_\epsilon[F(\theta + \sigma\epsilon)]`, F the expected loss; as an estimate of
:math:`\nabla F` it is biased by order :math:`\sigma^2`. It needs no derivative of the program.

Reference: Salimans, Ho, Chen, Sidor, Sutskever, arXiv 1703.03864, 2017.
"""

from __future__ import annotations

from typing import final

import jax
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.arguments import Key, Real
from snn.draws import draw_numbers
from snn.escape import check_positive
from snn.estimators.base import Estimator
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@final
@value_object
class EvolutionStrategies(Estimator):
    """Antithetic evolution strategies: two evaluations per perturbation, no reverse pass.

    Attributes:
        sigma: standard deviation of the perturbation of every parameter.
        n_perturbations: perturbations per trial, each of them a pair of evaluations.
    """

    sigma: Real = 0.1
    n_perturbations: int = static(default=1)

    def __post_init__(self) -> None:
        check_positive(self, sigma=self.sigma, n_perturbations=self.n_perturbations)

    @property
    def needs_key(self) -> bool:
        """Always true: perturbations are drawn."""
        return True

    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the estimate from the perturbations of one trial."""
        theta, unflatten = ravel_pytree(params)

        def loss(theta: Array) -> Array:
            return program(unflatten(theta), noise, FIXED).loss

        def pair(epsilon: Array) -> tuple[Array, Array]:
            up, down = loss(theta + self.sigma * epsilon), loss(theta - self.sigma * epsilon)
            return (up - down) / (2 * self.sigma) * epsilon, (up + down) / 2

        epsilon = draw_numbers(
            jax.random.normal, key, (self.n_perturbations, theta.size), theta.dtype
        )
        gradients, losses = jax.vmap(pair)(epsilon)
        # A potential that is NaN is below every threshold, and the losses are finite.
        gradient = gradients.mean(axis=0) + 0 * theta
        return Estimate(unflatten(gradient), losses.mean(), 2 * self.n_perturbations)
