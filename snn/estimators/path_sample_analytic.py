r"""Path sample-analytic estimator: one sampled path, flips pushed on by their effect on p.

With :math:`p_j(s_i{:=}1)` the firing probability of neuron j of the next layer given the sampled
spikes of its inputs but for that of neuron i,

.. math::
    q^L_j = L(s_j{:=}1) - L(s_j{:=}0), \qquad
    q^l_i = \sum_j [p_j(s_i{:=}1) - p_j(s_i{:=}0)]\, q^{l+1}_j, \qquad
    g = \sum_{l,i} q^l_i \nabla_\theta p^l_i |_{\text{spikes fixed}} .

A flip's effect on each neuron above is exact; its joint effect on several of them is linearised.
Hence exact in expectation in the last layer, and below it where there is one neuron, or a loss
that adds up over them; biased by second order terms deeper down. The surrogate gradient linearises
the difference of probabilities, too.

Reference: Shekhovtsov, Yanush, Flach, "Path sample-analytic gradient estimators for stochastic
binary networks", NeurIPS 2020.
"""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.escape import EscapeNoise
from snn.estimators.base import Estimator
from snn.networks import MLP
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params, Run
from snn.value_object import value_object


def effect_of_flips(escape: EscapeNoise, v: Array, s: Array, w: Array) -> Array:
    """p_j(s_i := 1) - p_j(s_i := 0) for all neurons i below and j above, ``(below, above)``.

    Args:
        escape: escape noise of the layer above.
        v: its potentials minus threshold given the spikes ``s``, ``(above,)``.
        s: spikes of the layer below, ``(below,)``.
        w: weights from below, ``(below, above)``.
    """
    silent = v[None, :] - s[:, None] * w
    return escape.prob(silent + w) - escape.prob(silent)


def loss_differences(program: Program, s: Array) -> Array:
    """L(s_j := 1) - L(s_j := 0) for all outputs j, ``(output,)``."""

    def difference(one: Array) -> Array:
        rest = s * (1 - one)
        return program.loss(rest + one) - program.loss(rest)

    return jax.vmap(difference)(jnp.eye(s.size, dtype=s.dtype))


@final
@value_object
class PathSampleAnalytic(Estimator):
    """One forward pass, and a backward one with as many probabilities as there are weights."""

    @property
    def depends_only_on_spikes(self) -> bool:
        """Always true: effects follow from potentials and spikes."""
        return True

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the estimate from one path.

        Raises:
            ValueError: if the program's network is not an `MLP`.
        """
        if not isinstance(program.network, MLP):
            raise ValueError(
                f"PathSampleAnalytic: got a {type(program.network).__name__}, expected an MLP "
                f"(layers of binary neurons without time), whose weights say what a flip does to "
                f"the layer above. Use StochasticAD instead."
            )

        def forward(p: Params) -> tuple[list[Array], Run]:
            run = program(p, noise, FIXED)
            return [layer.p for layer in run.trace], run

        _, backward, run = jax.vjp(forward, params, has_aux=True)
        q = [loss_differences(program, run.trace[-1].s)]
        for below, above, weights in zip(
            run.trace[-2::-1], run.trace[:0:-1], params[:0:-1], strict=True
        ):
            q.append(effect_of_flips(above.escape, above.v, below.s, weights["w"]) @ q[-1])
        return Estimate(backward(q[::-1])[0], run.loss, 1)
