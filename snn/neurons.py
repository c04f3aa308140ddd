r"""The leaky integrate-and-fire neuron with synaptic current, in discrete time.

With :math:`\alpha_m = e^{-dt/\tau_{mem}}` and :math:`\alpha_s = e^{-dt/\tau_{syn}}`, the spike of a
step is read from u[t] first, and then

.. math::
    u[t+1] = \alpha_m u[t] + (1-\alpha_m) I[t], \qquad I[t+1] = \alpha_s I[t] + input[t]

with a reset, multiplicative or subtractive. An input reaches the potential two steps later.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, final, runtime_checkable

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.arguments import Real
from snn.escape import check_positive
from snn.spikes import Spike
from snn.value_object import static, value_object


@runtime_checkable
class Neuron(Protocol):
    """Interface of a neuron. Implementations are value objects, such as `LIF`.

    The state is any pytree of arrays. Networks and estimators do not look inside it.
    """

    def initial_state(self, shape: int | tuple[int, ...], /) -> Any:
        """Return the state of a layer at rest.

        Args:
            shape: number of neurons, or ``(*batch, neuron)``.
        """
        ...

    def v(self, state: Any, /) -> Array:
        """Return the potential minus the (adaptive) threshold; -inf in a refractory period."""
        ...

    def step(self, state: Any, inputs: Array, s: Array, spike: Spike, /) -> Any:
        """Return the state at t + 1.

        Resets call ``spike.reset``, so that the caller chooses their derivative.

        Args:
            state: state at t.
            inputs: weighted input spikes at t, ``(*batch, neuron)``.
            s: the neurons' own spikes at t, ``(*batch, neuron)``.
            spike: decides how the reset is differentiated.
        """
        ...

    def psp_energy(self, discrete: bool = False) -> Array:
        """Return the energy of the postsynaptic potential of a unit weight, in s.

        Networks scale their initial weights by it.

        Args:
            discrete: False for the integral in continuous time, True for the sum over time steps.
        """
        ...


class LIFState(NamedTuple):
    """State of a layer: potential ``u`` and synaptic current ``i``, ``(neuron,)`` or batched."""

    u: Array
    i: Array


RESETS = ("multiply", "subtract")


@final
@value_object
class LIF:
    """Leaky integrate-and-fire neuron with dimensionless potentials.

    Attributes:
        tau_mem: membrane time constant, s.
        tau_syn: synaptic time constant, s.
        dt: time step, s.
        theta: firing threshold.
        reset_input: False resets only the decayed potential, u = alpha_m u (1-S) + (1-alpha_m) I
            (spike-matching networks); True also resets the input,
            u = (alpha_m u + (1-alpha_m) I)(1-S) (classification networks).
        reset: "multiply", as above; or "subtract" the threshold,
            u = alpha_m u + (1-alpha_m) I - theta S, for which `reset_input` must be False.
    """

    tau_mem: Real = 10e-3
    tau_syn: Real = 5e-3
    dt: Real = 1e-3
    theta: Real = 1.0
    reset_input: bool = static(default=False)
    reset: str = static(default="multiply")

    def __post_init__(self) -> None:
        check_positive(self, tau_mem=self.tau_mem, tau_syn=self.tau_syn, dt=self.dt)
        if self.reset not in RESETS:
            raise ValueError(f"LIF.reset: got {self.reset!r}, expected one of {', '.join(RESETS)}.")
        if self.reset == "subtract" and self.reset_input:
            raise ValueError(
                "LIF.reset_input: got True with reset='subtract', which is the same before and "
                "after the input; expected False."
            )

    @property
    def alpha_mem(self) -> Array:
        """Decay of the potential over one step."""
        return jnp.exp(-self.dt / self.tau_mem)

    @property
    def alpha_syn(self) -> Array:
        """Decay of the synaptic current over one step."""
        return jnp.exp(-self.dt / self.tau_syn)

    def initial_state(self, shape: int | tuple[int, ...]) -> LIFState:
        """Return the state of a layer at rest, of shape ``shape``."""
        zeros = jnp.zeros(shape, jnp.result_type(float))
        return LIFState(zeros, zeros)

    def v(self, state: LIFState) -> Float[Array, "*batch neuron"]:
        """Return the potential minus the threshold."""
        return state.u - self.theta

    def step(
        self,
        state: LIFState,
        inputs: Float[Array, "*batch neuron"],
        s: Float[Array, "*batch neuron"],
        spike: Spike,
    ) -> LIFState:
        """Return the state at t + 1.

        Args:
            state: potentials and currents at t.
            inputs: weighted input spikes at t.
            s: the neurons' own spikes at t.
            spike: decides how the reset is differentiated.

        Returns:
            Potentials and currents at t + 1.
        """
        # The spike of this step was read from state.u, so its reset acts on the next potential.
        decayed = self.alpha_mem * state.u
        drive = (1 - self.alpha_mem) * state.i
        if self.reset == "subtract":
            # A spike subtracts theta - reset(theta, s), with the derivative of the chosen reset.
            theta = jnp.asarray(self.theta, decayed.dtype)
            u = decayed + drive - (theta - spike.reset(theta, s))
        elif self.reset_input:
            u = spike.reset(decayed + drive, s)
        else:
            u = spike.reset(decayed, s) + drive
        return LIFState(u, self.alpha_syn * state.i + inputs)

    def psp_energy(self, discrete: bool = False) -> Array:
        r"""Return the energy of the postsynaptic potential, in s, which scales initial weights.

        In continuous time the integral
        :math:`\int \epsilon(t)^2 dt = \tau_{syn}^2 / (2 (\tau_{syn} + \tau_{mem}))`. In discrete
        time :math:`\Delta t \sum_d \epsilon_d^2`, where
        :math:`\epsilon_d = (1-\alpha_m)(\alpha_m^d - \alpha_s^d)/(\alpha_m - \alpha_s)` is the
        potential d steps after a unit input reached the current. The sum tends to the integral as
        dt -> 0, and describes the simulated potential exactly. The published work scales initial
        weights by the integral in one task and by the sum in another: see docs/neurons.md.

        Args:
            discrete: False for the integral, True for the sum.
        """
        if not discrete:
            return jnp.asarray(self.tau_syn**2 / (2 * (self.tau_syn + self.tau_mem)))
        mem, syn = self.alpha_mem, self.alpha_syn
        # Sum of three geometric series, without the difference of the decays in a denominator:
        # that of equal time constants is 0.
        poles = (1 - mem * syn) * (1 - mem**2) * (1 - syn**2)
        return (1 - mem) ** 2 * (1 + mem * syn) / poles * self.dt


@final
@value_object
class LeakyReadout:
    """Leaky integrators without spikes, whose potentials are the output of a network.

    Attributes:
        tau_mem: membrane time constant, s.
        tau_syn: synaptic time constant, s.
        dt: time step, s.
        start: potential before the first step.
    """

    tau_mem: Real = 0.7
    tau_syn: Real = 10e-3
    dt: Real = 2e-3
    start: Real = -1e-3

    def __post_init__(self) -> None:
        check_positive(self, tau_mem=self.tau_mem, tau_syn=self.tau_syn, dt=self.dt)

    def __call__(
        self, inputs: Float[Array, "time *batch unit"]
    ) -> Float[Array, "time *batch unit"]:
        """Return the potentials after each step, dimensionless.

        Args:
            inputs: weighted input spikes, ``(time, *batch, unit)``.
        """
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
    r"""Filter spikes with the double exponential :math:`e^{-t/\tau_{mem}} - e^{-t/\tau_{syn}}`.

    Args:
        spikes: spike trains.
        tau_mem: slow time constant, s.
        tau_syn: fast time constant, s.
        dt: time step, s.

    Returns:
        The filtered trains, dimensionless. The effect of a spike is 0 in its own step, then rises
        and decays.
    """
    decay = jnp.stack([jnp.exp(-dt / jnp.asarray(tau)) for tau in (tau_mem, tau_syn)])

    def step(traces: Array, s: Array) -> tuple[Array, Array]:
        traces = decay[:, None] * traces + s[None, :]
        return traces, traces[0] - traces[1]

    start = jnp.zeros((2, spikes.shape[1]), spikes.dtype)
    return jax.lax.scan(step, start, spikes)[1]
