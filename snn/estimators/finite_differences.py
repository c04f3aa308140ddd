r"""Central finite differences of the sampled loss with common noise.

.. math::
    g_k = \frac{L(\theta + \epsilon e_k, \xi) - L(\theta - \epsilon e_k, \xi)}{2\epsilon}

Both losses use the noise of the trial. The mean is the central difference of the expected loss,
with a bias of order :math:`\epsilon^2`. The variance grows like :math:`1/\epsilon`, since the
spikes of the two forward passes differ with a probability of order :math:`\epsilon`.

Reference: Glasserman, "Monte Carlo Methods in Financial Engineering" (2003), section 7.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.arguments import Key, Real
from snn.estimators.base import Estimator, map_batched
from snn.program import Program
from snn.spikes import Spike, sample
from snn.surrogate import Zero
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@final
@value_object
class FiniteDifferences(Estimator):
    """Central finite differences, with two forward passes per parameter.

    Attributes:
        epsilon: change of a parameter in either direction, in units of the parameters.
        forward: `snn.sample`, `snn.threshold` or `snn.mean`. With `snn.threshold` the loss is
            constant almost everywhere, and the estimate nearly always zero.
        replay_batch: number of parameters that are varied at once, which bounds the memory.
    """

    epsilon: Real = 0.1
    forward: Callable[..., Array] = static(default=sample)
    replay_batch: int = static(default=256)

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the difference quotients of one trial."""
        theta, unflatten = ravel_pytree(params)
        spike = Spike(self.forward, Zero())

        def quotient(k: Array) -> tuple[Array, Array]:
            step = jnp.where(jnp.arange(theta.size) == k, self.epsilon, 0.0).astype(theta.dtype)
            up = program(unflatten(theta + step), noise, spike).loss
            down = program(unflatten(theta - step), noise, spike).loss
            return (up - down) / (2 * self.epsilon), (up + down) / 2

        quotients, losses = map_batched(quotient, jnp.arange(theta.size), self.replay_batch)
        # NaN parameters give NaN potentials, hence no spikes and finite losses: keep the NaN.
        return Estimate(unflatten(quotients + 0 * theta), losses.mean(), 2 * theta.size)
