r"""Evolution strategies: gradient of the expected loss, smoothed over the parameters.

.. math::
    g = \frac{1}{m}\sum_{j=1}^{m}
        \frac{L(\theta + \sigma\epsilon_j) - L(\theta - \sigma\epsilon_j)}{2\sigma}\,\epsilon_j,
    \qquad \epsilon_j \sim N(0, 1)^P

Both losses of a pair use the noise of the trial. With the expected loss F, the estimate is unbiased
for :math:`\nabla_\theta E_\epsilon[F(\theta + \sigma\epsilon)]`. As an estimate of
:math:`\nabla F` its bias is of order :math:`\sigma^2`. The program needs no derivative.

Reference: Salimans, Ho, Chen, Sidor, Sutskever, arXiv 1703.03864, 2017.
"""

from __future__ import annotations

from typing import final

import jax
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.arguments import Key, Real
from snn.draws import draw_numbers
from snn.estimators.base import Estimator
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@final
@value_object
class EvolutionStrategies(Estimator):
    """Antithetic evolution strategies, with two forward passes per perturbation.

    Attributes:
        sigma: standard deviation of the perturbation of every parameter.
        n_perturbations: number of perturbations per trial, with two forward passes each.
    """

    sigma: Real = 0.1
    n_perturbations: int = static(default=1)

    @property
    def needs_key(self) -> bool:
        """True, because perturbations are drawn at random."""
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
        # NaN parameters give NaN potentials, hence no spikes and finite losses: keep the NaN.
        gradient = gradients.mean(axis=0) + 0 * theta
        return Estimate(unflatten(gradient), losses.mean(), 2 * self.n_perturbations)
