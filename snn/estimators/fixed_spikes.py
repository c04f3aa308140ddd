r"""Trials at fixed spikes: the forward and reverse pass that unbiased estimators share.

With the spikes held fixed, potentials and loss are smooth functions of the parameters. An estimator
that finds a weight :math:`c_i` for each spike site returns

.. math::
    g = \sum_i c_i \nabla_\theta v_i |_{\text{spikes fixed}}
        + \nabla_\theta L |_{\text{spikes fixed}} .
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax import Array

from snn.program import Program
from snn.spikes import FIXED
from snn.types import Noise, Params, Run

Pullback = Callable[[Sequence[Array]], Params]
"""Function from one weight per spike site, an array per layer, to the gradient g."""


def fixed_pullback(program: Program, params: Params, noise: Noise) -> tuple[Run, Pullback]:
    """Run a trial, and return it with the pullback at fixed spikes.

    Args:
        program: network, input and loss.
        params: the parameters to differentiate with respect to.
        noise: noise of one trial.

    Returns:
        The trial, and the function from the weights of its spike sites to the gradient. The
        gradient contains the direct term, the derivative of the loss at fixed spikes.
    """

    def potentials_and_loss(p: Params) -> tuple[tuple[list[Array], Array], Run]:
        run = program(p, noise, FIXED)
        return ([layer.v for layer in run.trace], run.loss), run

    (_, loss), backward, run = jax.vjp(potentials_and_loss, params, has_aux=True)

    def pullback(weights: Sequence[Array]) -> Params:
        (grad,) = backward((list(weights), jnp.ones_like(loss)))
        return grad

    return run, pullback
