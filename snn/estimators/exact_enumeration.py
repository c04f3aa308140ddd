r"""Exact gradient of the expected loss, by enumeration of all spike patterns.

.. math::
    E[L] = \sum_{s \in \{0,1\}^n} \prod_i P(s_i | v_i(s_{<i}))\, L(s),
    \qquad g = \nabla_\theta E[L] .

This is the smoothed probabilistic model with all hidden states marginalised. It is exact for any
program, at a cost exponential in the number of spike sites.
"""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp
from jax import Array

from snn.estimators.base import Oracle, map_batched, refuse_fixed_derivatives
from snn.noise import all_patterns, n_sites
from snn.program import Program, site_shapes
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params, Run
from snn.value_object import static, value_object


def pattern_probability(run: Run) -> Array:
    """Return the probability of a trial's spike pattern, from a sum of logarithms over sites.

    A product of p and 1 - p has no digits where p rounds to 1.
    """
    logs = [jnp.sum(layer.log_prob) for layer in run.trace]
    return jnp.exp(jnp.sum(jnp.stack(logs)))


@final
@value_object
class ExactEnumeration(Oracle):
    """Exact gradient, at 2^n forward passes for n spike sites.

    Attributes:
        max_sites: largest number of spike sites.
    """

    max_sites: int = static(default=16)

    def expected_loss(self, program: Program, params: Params) -> Array:
        """Return the expected loss, differentiable with respect to the parameters.

        Raises:
            ValueError: if the program has more than ``max_sites`` spike sites, or if it calls
                `snn.spike`.
        """
        refuse_fixed_derivatives(type(self).__name__, program, params)
        patterns = all_patterns(site_shapes(program, params), self.max_sites)

        def term(pattern: Noise) -> Array:
            # The pattern is forced: its probability and its loss are smooth functions of the
            # parameters, and their product can be differentiated.
            run = program(params, pattern, FIXED)
            return pattern_probability(run) * run.loss

        return jnp.sum(map_batched(term, patterns, self.batch_size))

    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the exact expected loss and its gradient."""
        loss, grad = jax.value_and_grad(lambda p: self.expected_loss(program, p))(params)
        return Estimate(grad, loss, 2 ** n_sites(site_shapes(program, params)))
