r"""Gradients of the loss of the mean output, from trials with weights by independent trials.

For a quadratic loss F, the gradient of :math:`F(E[S])` is :math:`\nabla F(E[S]) \cdot \nabla E[S]`.
A product of two means needs independent trials. Trial k is weighed by the loss's derivative at the
mean output of all *other* trials, which is held constant:

.. math::
    \hat g = \frac1K \sum_k \hat\nabla \big[ w_k \cdot S_k \big], \qquad
    w_k = \nabla F \Big( \frac{1}{K - 1} \sum_{j \ne k} S_j \Big) .

The derivative of a quadratic loss is affine, so that :math:`w_k` has the mean
:math:`\nabla F(E[S])`. With an unbiased :math:`\hat\nabla` the estimate is unbiased; with a
surrogate gradient it has the surrogate's bias and no other. The cost is that of any estimate with K
trials, since the outputs come from the same trials.

If the weight of a trial depended on the trial itself, the estimate would contain a share of 1/K of
the gradient of the expected loss.

Reference: docs/estimators/cross_fitted.md.
"""

from typing import Any, final

import jax
from jax import Array

from snn import losses
from snn.estimators.base import Estimator, n_trials
from snn.program import Program
from snn.spikes import Spike, sample
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object

QUADRATIC = (losses.Squared, losses.VanRossum)


@final
@value_object
class CrossFitted(Estimator):
    """Gradient of the loss of the mean output, by an estimator of linear losses.

    Attributes:
        estimator: the estimator that differentiates each trial's weighted sum of output spikes.
    """

    estimator: Estimator

    @property
    def needs_key(self) -> bool:
        """True if the estimator makes random choices of its own."""
        return self.estimator.needs_key

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """Raise TypeError: an estimate needs several trials.

        Raises:
            TypeError: always.
        """
        raise TypeError("CrossFitted: got a single trial, expected two or more at once.")

    def __call__(
        self, program: Any, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Return the estimate from all trials.

        Args:
            program: a network, its input and a quadratic loss.
            params: its parameters.
            noise: noise of two trials or more.
            key: a JAX random key, if the estimator needs one.

        Returns:
            The gradient, and the loss of the mean output of all trials.

        Raises:
            ValueError: for a single trial.
            TypeError: for a loss that is not quadratic: the estimate would be biased.
        """
        n = n_trials(noise)
        if n < 2:
            raise ValueError("CrossFitted: got one trial, expected two or more.")
        if not isinstance(program.loss, QUADRATIC):
            names = " or ".join(loss.__name__ for loss in QUADRATIC)
            raise TypeError(f"CrossFitted: got the loss {program.loss!r}, expected {names}.")
        # Without the barrier XLA draws the noise once for the outputs, and once for the gradients.
        noise = jax.lax.optimization_barrier(noise)
        spike = Spike(sample)
        outputs = jax.vmap(lambda xi: program(params, xi, spike).output)(noise)
        others = (outputs.sum(axis=0, keepdims=True) - outputs) / (n - 1)
        weights = jax.vmap(jax.grad(program.loss))(others)

        def trial(weight: Array, xi: Noise, own: Array) -> Estimate:
            weighted = Program(program.network, program.x, losses.Linear(weight))
            return self.estimator.single(weighted, params, xi, own)

        keys = jax.random.split(jax.random.key(0) if key is None else key, n)
        each = jax.vmap(trial)(weights, noise, keys)
        mean = jax.tree.map(lambda leaf: leaf.mean(axis=0), each)
        return mean._replace(loss=program.loss(outputs.mean(axis=0)))
