r"""Path sample-analytic estimator, which propagates the effects of flips on probabilities.

Let :math:`p_j(s_i{:=}1)` be the firing probability of neuron j of the next layer, if neuron i fires
and the other inputs have their sampled spikes. Then

.. math::
    q^L_j = L(s_j{:=}1) - L(s_j{:=}0), \qquad
    q^l_i = \sum_j [p_j(s_i{:=}1) - p_j(s_i{:=}0)]\, q^{l+1}_j, \qquad
    g = \sum_{l,i} q^l_i \nabla_\theta p^l_i |_{\text{spikes fixed}} .

The effect of a flip on each neuron above is exact; the joint effect on several neurons is
linearised. The expectation is therefore exact in the last layer. In the layer below it is exact if
the last layer has one neuron, or if the loss is a sum over its neurons. In deeper layers, terms of
second order give a bias. The surrogate gradient also linearises the difference of probabilities.

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
from snn.estimators.fixed_spikes import fixed_pullback
from snn.networks import MLP
from snn.program import Program
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object


def effect_of_flips(escape: EscapeNoise, v: Array, s: Array, w: Array) -> Array:
    """Return p_j(s_i := 1) - p_j(s_i := 0) for all neurons i of a layer and j of the next.

    Args:
        escape: escape noise of the layer above.
        v: potentials minus threshold of the layer above, for the spikes ``s``, ``(above,)``.
        s: spikes of the layer below, ``(below,)``.
        w: weights from below, ``(below, above)``.

    Returns:
        The differences, ``(below, above)``.
    """
    # The potential without the neuron's own spike; with it, w is added.
    silent = v[None, :] - s[:, None] * w
    return escape.prob(silent + w) - escape.prob(silent)


def loss_differences(program: Program, s: Array) -> Array:
    """Return L(s_j := 1) - L(s_j := 0) for all outputs j, ``(output,)``."""

    def difference(one: Array) -> Array:
        rest = s * (1 - one)
        return program.loss(rest + one) - program.loss(rest)

    return jax.vmap(difference)(jnp.eye(s.size, dtype=s.dtype))


@final
@value_object
class PathSampleAnalytic(Estimator):
    """Path sample-analytic estimator, with one forward pass and two probabilities per weight."""

    @property
    def depends_only_on_spikes(self) -> bool:
        """True, since effects of flips are functions of potentials and spikes."""
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
        run, pullback = fixed_pullback(program, params, noise)
        q = [loss_differences(program, run.trace[-1].s)]
        for below, above, weights in zip(
            run.trace[-2::-1], run.trace[:0:-1], params[:0:-1], strict=True
        ):
            q.append(effect_of_flips(above.escape, above.v, below.s, weights["w"]) @ q[-1])
        # The weight of a potential is q p'(v). The loss of an MLP has no direct term.
        weights = [
            jax.vjp(layer.escape.prob, layer.v)[1](effect)[0]
            for layer, effect in zip(run.trace, q[::-1], strict=True)
        ]
        return Estimate(pullback(weights), run.loss, 1)
