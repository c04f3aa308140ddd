r"""Mean field: forward pass with firing probabilities in place of spikes.

.. math::
    \bar s_l = p(\bar s_{l-1} W_l + b_l - \theta), \qquad g = \nabla_\theta L(\bar s_L)

This is the exact gradient of the smoothed network. For one layer and a linear loss it equals the
exact gradient of the stochastic network; otherwise it is biased.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import jax
from jax import Array

from snn.estimators.base import Oracle, refuse_fixed_derivatives
from snn.noise import Constant
from snn.program import Program
from snn.spikes import Spike, mean, through
from snn.surrogate import Matched
from snn.types import Estimate, Params
from snn.value_object import static, value_object


@final
@value_object
class MeanField(Oracle):
    """Gradient of the smoothed network, at one forward pass.

    Attributes:
        reset: `snn.through`, `snn.detached` or `snn.ignored`.
    """

    reset: Callable[..., Array] = static(default=through)

    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the smoothed network's loss and gradient."""
        refuse_fixed_derivatives(type(self).__name__, program, params)
        spike = Spike(mean, Matched(), self.reset)
        loss, grad = jax.value_and_grad(lambda p: program(p, Constant(), spike).loss)(params)
        return Estimate(grad, loss, 1)
