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
    """State of a layer: potential ``u`` and synaptic current ``i``, ``(neuron,)`` or batched."""

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

    def initial_state(self, shape: int | tuple[int, ...]) -> LIFState:
        """A layer at rest: a number of neurons, or ``(*batch, neuron)``."""
        zeros = jnp.zeros(shape, jnp.result_type(float))
        return LIFState(zeros, zeros)

    def step(
        self,
        state: LIFState,
        inputs: Float[Array, "*batch neuron"],
        s: Float[Array, "*batch neuron"],
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

    def psp_energy_of_steps(self) -> Array:
        r"""The same for the neuron in discrete time, :math:`\Delta t \sum_d \epsilon_d^2`, in s.

        :math:`\epsilon_d = (1-\alpha_m)(\alpha_m^d - \alpha_s^d)/(\alpha_m - \alpha_s)` is the
        potential d steps after a unit input reached the current. Tends to `psp_energy` as
        dt -> 0. Time constants must differ.
        """
        mem, syn = self.alpha_mem, self.alpha_syn
        scale = (1 - mem) / (mem - syn)
        squares = 1 / (1 - mem**2) - 2 / (1 - mem * syn) + 1 / (1 - syn**2)
        return scale**2 * squares * self.dt


@value_object
class LeakyReadout:
    """Leaky integrators that do not spike: filtered input, read as potentials.

    Attributes:
        tau_mem: membrane time constant, s.
        tau_syn: synaptic time constant, s.
        dt: time step, s.
        start: potential before the first step.
    """

    tau_mem: Any = 0.7
    tau_syn: Any = 10e-3
    dt: Any = 2e-3
    start: Any = -1e-3

    def __post_init__(self) -> None:
        check_positive(self, tau_mem=self.tau_mem, tau_syn=self.tau_syn, dt=self.dt)

    def __call__(
        self, inputs: Float[Array, "time *batch unit"]
    ) -> Float[Array, "time *batch unit"]:
        """Potentials after each step's update, dimensionless."""
        alpha_mem, alpha_syn = (jnp.exp(-self.dt / tau) for tau in (self.tau_mem, self.tau_syn))

        def step(state: LIFState, x: Array) -> tuple[LIFState, Array]:
            u = alpha_mem * state.u + (1 - alpha_mem) * state.i
            return LIFState(u, alpha_syn * state.i + x), u

        rest = jnp.zeros_like(inputs[0])
        return jax.lax.scan(step, LIFState(rest + self.start, rest), inputs)[1]


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
