r"""Exact mean of an estimator in layered binary networks of any depth.

`snn.Expected` visits all 2^n patterns. If each layer depends only on the layer below, less work
suffices: the transfer matrix :math:`P_l` gives the mean cotangent of a layer, for each state of the
layer, from the mean cotangent of the layer above. With the derivative d of a surrogate or coupling,

.. math::
    \bar h_l(s_{l-1}) = \sum_{s_l} P_l(s_l | s_{l-1})\, d(v_l, s_l) \odot \bar C_l(s_l), \qquad
    \bar C_{l-1}(s_{l-1}) = W_l\, \bar h_l(s_{l-1}), \qquad
    E[g_{W_l}] = \sum_{s_{l-1}} \pi_{l-1}(s_{l-1})\, s_{l-1} \bar h_l(s_{l-1})^T ,

starting from :math:`\bar C_L = \nabla L`. The path sample-analytic estimator replaces d and W by
differences of probabilities, and :math:`\nabla L` by differences of losses.
"""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp
from jax import Array

from snn.estimators.base import Oracle
from snn.estimators.path_sample_analytic import (
    PathSampleAnalytic,
    effect_of_flips,
    loss_differences,
)
from snn.estimators.smoothed import CouplingDerivative, SmoothedStochasticAD
from snn.estimators.surrogate import Surrogate
from snn.estimators.transfer_matrix import Transition, transitions
from snn.program import Program
from snn.spikes import sample
from snn.surrogate import SurrogateDerivative
from snn.types import Estimate, Params
from snn.value_object import static, value_object


@final
@value_object
class LayeredMean(Oracle):
    """Exact mean of an estimator in an `MLP` program.

    Attributes:
        estimator: a `Surrogate` (forward `snn.sample`), a `SmoothedStochasticAD` or a
            `PathSampleAnalytic`.
        max_width: largest number of neurons in a layer.
    """

    estimator: Surrogate | SmoothedStochasticAD | PathSampleAnalytic = Surrogate()
    max_width: int = static(default=10)

    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the expected loss, and the expectation of the estimator.

        ``n_evaluations`` is the number of matrix entries.

        Raises:
            ValueError: if the estimator has no such mean, the network is not an `MLP`, or a layer
                has more than ``max_width`` neurons.
        """
        layers = transitions(program, params, self.max_width)
        pi = [jnp.ones(1, program.x.dtype)]
        for layer in layers:
            pi.append(pi[-1] @ layer.probability)
        derivative = self._derivative()
        if derivative is None:
            cotangent = jax.vmap(lambda s: loss_differences(program, s))(layers[-1].states)
        else:
            cotangent = jax.vmap(jax.grad(program.loss))(layers[-1].states)
        grad, by_flips = [], jax.vmap(effect_of_flips, (None, 0, 0, None))
        for layer, weights, before in zip(layers[::-1], params[::-1], pi[-2::-1], strict=True):
            if derivative is None:
                effect = layer.probability @ cotangent
                mean = layer.escape.slope(layer.v) * effect
                below = by_flips(layer.escape, layer.v, layer.below, weights["w"])
                cotangent = jax.vmap(jnp.matmul)(below, effect)
            else:
                mean = _mean_product(derivative, layer, cotangent)
                cotangent = mean @ weights["w"].T
            weighted = before[:, None] * mean
            bias = {"b": weighted.sum(axis=0)} if "b" in weights else {}
            grad.append({"w": layer.below.T @ weighted} | bias)
        entries = sum(layer.probability.size for layer in layers)
        return Estimate(grad[::-1], pi[-1] @ jax.vmap(program.loss)(layers[-1].states), entries)

    def _derivative(self) -> SurrogateDerivative | None:
        """Return the derivative used for ds/dv, or None for differences of probabilities."""
        if isinstance(self.estimator, PathSampleAnalytic):
            return None
        if isinstance(self.estimator, SmoothedStochasticAD):
            return CouplingDerivative(self.estimator.coupling)
        if isinstance(self.estimator, Surrogate) and self.estimator.forward is sample:
            return self.estimator.derivative
        raise ValueError(
            f"LayeredMean: got {self.estimator}, expected a Surrogate with sampled spikes, a "
            f"SmoothedStochasticAD or a PathSampleAnalytic. Use Expected, or average samples."
        )


def _mean_product(derivative: SurrogateDerivative, layer: Transition, cotangent: Array) -> Array:
    """Return probability times spike derivative times cotangent, summed over states."""
    # The derivative depends on the spikes only through that of the same neuron.
    at_0, at_1 = (derivative(layer.v, jnp.full_like(layer.v, s), layer.escape) for s in (0, 1))
    # Not as a difference from the sum over all states: rare silence would lose its digits.
    silent = layer.probability @ ((1 - layer.states) * cotangent)
    return at_0 * silent + at_1 * (layer.probability @ (layer.states * cotangent))
