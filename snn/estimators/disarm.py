r"""DisARM, an estimator from antithetic pairs of trials.

The uniform numbers :math:`\xi` of a layer have the same distribution as :math:`1 - \xi`. A layer
with the spikes s is mirrored: its neurons see :math:`1 - \xi` and have the spikes
:math:`\tilde s`, layers below keep their spikes, and layers above run again with the same noise.
With the losses :math:`L, \tilde L` of the two trials,

.. math::
    g = \sum_i \frac{p'(v_i)}{2 \min(p_i, 1 - p_i)}\, (s_i - \tilde s_i)\,(L - \tilde L)\,
        \nabla_\theta v_i |_{\text{spikes fixed}} + \nabla_\theta L |_{\text{spikes fixed}} .

Unbiased for layered networks without time, at one replay per layer.

Reference: Dong, Mnih, Tucker, NeurIPS 2020; the same estimator is the U2G of Yin, Ho, Yan, Qian,
Zhou, 2020. Both improve on ARM, Yin and Zhou, ICLR 2019.
"""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.estimators.base import Estimator, refuse_fixed_derivatives
from snn.estimators.fixed_spikes import fixed_pullback
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, LayerTrace, Noise, Params
from snn.value_object import value_object


@value_object
class Mirrored:
    """Noise of a trial with each number xi of one layer replaced by 1 - xi.

    Attributes:
        noise: the noise of the trial.
        layer: index of the mirrored layer.
    """

    noise: Noise
    layer: Any

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the numbers of the wrapped noise, mirrored in the layer."""
        xi = self.noise.draw(layer, t, shape)
        return jnp.where(self.layer == layer, 1 - xi, xi)


def half_slope_over_rarer(layer: LayerTrace) -> Array:
    r"""Return half the slope over the smaller probability, :math:`p'/(2\min(p, 1-p))`."""
    over_prob = layer.escape.slope_over_prob(layer.v)
    over_silence = layer.escape.slope_over_silence(layer.v)
    return jnp.where(layer.p < 0.5, over_prob, over_silence) / 2


@final
@value_object
class DisARM(Estimator):
    """DisARM estimator, with a forward and a reverse pass, and a replay per layer.

    The loss differences are rounded like the losses; use float64 where losses are large.
    """

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the estimate from one trial and a mirrored trial per layer.

        Raises:
            ValueError: if the network has time, since the neurons of a layer must be independent.
        """
        refuse_fixed_derivatives(type(self).__name__, program, params)
        run, pullback = fixed_pullback(program, params, noise)
        shapes = [layer.v.shape for layer in run.trace]
        if any(len(shape) != 1 for shape in shapes):
            raise ValueError(
                f"DisARM: got spike sites of shape {shapes} in its layers, expected (neuron,), "
                f"without time, neurons that are independent given the layer below. Use "
                f"StochasticAD or ScoreFunction instead."
            )

        def mirrored(layer: Array) -> tuple[Array, tuple[Array, ...]]:
            again = program(params, Mirrored(noise, layer), FIXED)
            return again.loss, tuple(one.s for one in again.trace)

        losses, spikes = jax.vmap(mirrored)(jnp.arange(len(shapes)))
        # A neuron whose spike is the same in both trials has the weight 0.
        weights = [
            half_slope_over_rarer(layer) * (layer.s - mirror[i]) * (run.loss - losses[i])
            for i, (layer, mirror) in enumerate(zip(run.trace, spikes, strict=True))
        ]
        return Estimate(pullback(weights), run.loss, 1 + len(shapes))
