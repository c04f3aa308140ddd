r"""The leaky integrate-and-fire neuron with synaptic current, in discrete time.

With :math:`\alpha_m = e^{-dt/\tau_{mem}}` and :math:`\alpha_s = e^{-dt/\tau_{syn}}`, the spike of a
step is read from u[t] first, and then

.. math::
    u[t+1] = \alpha_m u[t] + (1-\alpha_m) I[t], \qquad I[t+1] = \alpha_s I[t] + input[t]

with a multiplicative reset. An input reaches the potential two steps later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.escape import check_positive
from snn.spikes import Spike
from snn.value_object import static, value_object


class LIFState(NamedTuple):
    """State of a layer: membrane potential ``u`` and synaptic current ``i``, both ``(neuron,)``."""

    u: Array
    i: Array


@value_object
class LIF:
    """Parameters of the leaky integrate-and-fire neuron. Times in seconds, potentials in thetas.

    Attributes:
        tau_mem: membrane time constant, s.
        tau_syn: synaptic time constant, s.
        dt: time step, s.
        theta: firing threshold.
        reset_input: False resets only the decayed potential, u = alpha_m u (1-S) + (1-alpha_m) I
            (spike-matching networks); True resets all, u = (alpha_m u + (1-alpha_m) I)(1-S)
            (classification networks).
    """

    tau_mem: Any = 10e-3
    tau_syn: Any = 5e-3
    dt: Any = 1e-3
    theta: Any = 1.0
    reset_input: bool = static(default=False)

    def __post_init__(self) -> None:
        check_positive(self, tau_mem=self.tau_mem, tau_syn=self.tau_syn, dt=self.dt)

    @property
    def alpha_mem(self) -> Array:
        """Decay of the potential over one step."""
        return jnp.exp(-self.dt / self.tau_mem)

    @property
    def alpha_syn(self) -> Array:
        """Decay of the synaptic current over one step."""
        return jnp.exp(-self.dt / self.tau_syn)

    def initial_state(self, n_neurons: int) -> LIFState:
        """A layer at rest."""
        zeros = jnp.zeros(n_neurons, jnp.result_type(float))
        return LIFState(zeros, zeros)

    def step(
        self,
        state: LIFState,
        inputs: Float[Array, " neuron"],
        s: Float[Array, " neuron"],
        spike: Spike,
    ) -> LIFState:
        """One time step.

        Args:
            state: potentials and currents at t.
            inputs: weighted input spikes at t.
            s: the neurons' own spikes at t.
            spike: decides how the reset is differentiated.

        Returns:
            Potentials and currents at t + 1.
        """
        decayed = self.alpha_mem * state.u
        drive = (1 - self.alpha_mem) * state.i
        if self.reset_input:
            u = spike.reset(decayed + drive, s)
        else:
            u = spike.reset(decayed, s) + drive
        return LIFState(u, self.alpha_syn * state.i + inputs)

    def psp_energy(self) -> Array:
        r"""Integral of the squared postsynaptic potential, in s, for weights that set sigma_u.

        :math:`\hat\epsilon = \tau_{syn}^2 / (2 (\tau_{syn} + \tau_{mem}))`.
        """
        return jnp.asarray(self.tau_syn**2 / (2 * (self.tau_syn + self.tau_mem)))


def psp(
    spikes: Float[Array, "time neuron"],
    tau_mem: float | Array,
    tau_syn: float | Array,
    dt: float | Array,
) -> Float[Array, "time neuron"]:
    r"""Spikes filtered with the double exponential :math:`e^{-t/\tau_{mem}} - e^{-t/\tau_{syn}}`.

    Args:
        spikes: spike trains.
        tau_mem: slow time constant, s.
        tau_syn: fast time constant, s.
        dt: time step, s.

    Returns:
        The filtered trains, dimensionless: a spike has no effect in its own step, then rises and
        decays.
    """
    decay = jnp.stack([jnp.exp(-dt / jnp.asarray(tau)) for tau in (tau_mem, tau_syn)])

    def step(traces: Array, s: Array) -> tuple[Array, Array]:
        traces = decay[:, None] * traces + s[None, :]
        return traces, traces[0] - traces[1]

    start = jnp.zeros((2, spikes.shape[1]), spikes.dtype)
    return jax.lax.scan(step, start, spikes)[1]
