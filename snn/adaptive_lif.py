r"""LIF neuron with an adaptive threshold and a refractory period.

With :math:`\alpha_a = e^{-dt/\tau_a}`, the spikes S of u, and the threshold :math:`\theta + a`,

.. math::
    a[t+1] = \alpha_a a[t] + \mathrm{rise} \cdot S[t]
"""

from typing import NamedTuple, final

import jax.numpy as jnp
from jax import Array

from snn.arguments import Real
from snn.neurons import LIF, LIFState
from snn.spikes import Spike
from snn.value_object import value_object


class AdaptiveState(NamedTuple):
    """State of a layer: LIF state, rise ``a`` of the threshold, and remaining silent steps."""

    lif: LIFState
    a: Array
    pause: Array


@final
@value_object
class AdaptiveLIF:
    """LIF neuron with an adaptive threshold and a refractory period.

    Attributes:
        lif: membrane and synapse of the neuron.
        tau_adapt: time constant of the threshold, s.
        rise: increase of the threshold at each spike, in units of the potential.
        refractory: number of silent steps after a spike.
    """

    lif: LIF = LIF()
    tau_adapt: Real = 50e-3
    rise: Real = 0.5
    refractory: Real = 2

    def initial_state(self, shape: int | tuple[int, ...]) -> AdaptiveState:
        """Return the state of a layer at rest.

        Args:
            shape: number of neurons, or ``(*batch, neuron)``.
        """
        lif = self.lif.initial_state(shape)
        return AdaptiveState(lif, jnp.zeros_like(lif.u), jnp.zeros_like(lif.u))

    def v(self, state: AdaptiveState) -> Array:
        """Potential minus the raised threshold; -inf in the refractory period."""
        return jnp.where(state.pause > 0, -jnp.inf, self.lif.v(state.lif) - state.a)

    def step(self, state: AdaptiveState, inputs: Array, s: Array, spike: Spike) -> AdaptiveState:
        """Return the state at t + 1.

        The rise of the threshold is differentiated like the spike that causes it.
        """
        a = jnp.exp(-self.lif.dt / self.tau_adapt) * state.a + self.rise * s
        pause = jnp.where(s > 0.5, self.refractory, jnp.maximum(state.pause - 1, 0))
        return AdaptiveState(self.lif.step(state.lif, inputs, s, spike), a, pause)

    def psp_energy(self, discrete: bool = False) -> Array:
        """Return that of the LIF neuron, since nothing adapts without spikes."""
        return self.lif.psp_energy(discrete)
