r"""Outputs that neither reset nor feed back, sampled or averaged out.

Given the hidden spikes, such output spikes are independent with known probabilities. A loss that is
quadratic in them has a conditional expectation in closed form,

.. math::
    E[L(S) | p] = L(p) + \frac12 \sum_i \frac{\partial^2 L}{\partial S_i^2} p_i (1 - p_i),

so that the output layer needs no samples: the program keeps its expected loss, hence its gradient,
and loses the output's share of every estimator's variance. Where outputs reset or feed back, p
depends on earlier output spikes, and there is no such form.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.losses import VanRossum
from snn.networks import LIFNetwork
from snn.spikes import Spike
from snn.types import LayerTrace, Noise, Params, Trace
from snn.value_object import static, value_object


@value_object
class FreeOutput:
    """A network of LIF layers whose last layer fires without reset and without recurrence.

    Attributes:
        network: the network; its last layer's reset and recurrent weights are left out.
        averaged: whether the output is the probability of each spike, and its sites are no more.
    """

    network: LIFNetwork
    averaged: bool = static(default=False)

    def __call__(
        self, params: Params, x: Float[Array, "time inputs"], noise: Noise, spike: Spike
    ) -> tuple[Float[Array, "time outputs"], Trace]:
        """One trial: output spikes or their probabilities over time, and the trace."""
        network, escape = self.network, self.network.escapes[-1]
        below, trace = x, ()
        if len(network.sizes) > 2:
            hidden = LIFNetwork(
                network.sizes[:-1], network.escapes[:-1], network.neuron, network.recurrent
            )
            below, trace = hidden(params[:-1], x, noise, spike)
        neuron, inputs = network.neuron, below @ params[-1]["w"]

        def step(state, current: Array) -> tuple:
            silent = jnp.zeros_like(current)
            return neuron.step(state, current, silent, spike), neuron.v(state)

        _, v = jax.lax.scan(step, neuron.initial_state(inputs.shape[1]), inputs)
        if self.averaged:
            return escape.prob(v), trace
        s = spike(escape, v, noise.draw(len(trace), None, v.shape))
        return s, (*trace, LayerTrace(v, s, escape))


@value_object
class ExpectedVanRossum:
    r"""Expected van Rossum distance of independent spikes, of their probabilities.

    The second derivative with respect to a spike is the energy of its kernel until the end.

    Attributes:
        loss: the distance of sampled spikes.
    """

    loss: VanRossum

    def __call__(self, p: Float[Array, "time neuron"]) -> Float[Array, ""]:
        impulse = jnp.zeros_like(p[:, :1]).at[0].set(1.0)
        energy = jnp.cumsum(self.loss.filtered(impulse) ** 2, axis=0)[::-1]
        return self.loss(p) + 0.5 * jnp.mean(jnp.sum(energy * p * (1 - p), axis=0))
