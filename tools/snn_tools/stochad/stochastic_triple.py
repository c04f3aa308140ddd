"""The stochastic triple: a value, its infinitesimal change, and a finite alternative."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from snn.value_object import value_object


@value_object
class StochasticTriple:
    r"""What a random quantity X becomes when its parameter grows by an infinitesimal step h.

    It changes by :math:`\delta h`, and with probability :math:`|w| h` it jumps to Y instead:

    .. math::
        \frac{d}{d\theta} E[f(X)] = E[f'(X)\,\delta + w\,(f(Y) - f(X))]

    for every differentiable f. A negative weight stands for a jump when the parameter shrinks.
    Values are pytrees of arrays; the parts of one pytree jump together.

    Attributes:
        value: X, the primal run.
        delta: the derivative of X at fixed outcomes of all discrete draws.
        alternative: Y, the run in which one draw had another outcome.
        weight: w, a scalar; 0 if nothing can jump.

    Reference: Arya et al., NeurIPS 2022.
    """

    value: Any
    delta: Any
    alternative: Any
    weight: Array

    @property
    def derivative(self) -> Any:
        """Unbiased estimate of the derivative of E[X]: delta + w (Y - X)."""
        return jax.tree.map(
            lambda x, dx, y: dx + _like(self.weight, x) * (y - x),
            self.value,
            self.delta,
            self.alternative,
        )


def _like(weight: Array, x: Array) -> Array:
    """Return the weight with trailing axes, so that a batch of triples works like one."""
    return jnp.reshape(weight, weight.shape + (1,) * (jnp.ndim(x) - weight.ndim))
