r"""Two layers of LIF neurons for training: a forward pass and three derivatives.

Time advances in steps, but a spike has its own time within a step, and enters the currents at that
time. With noise the intensity is constant within a step, and a spike occurs where the integrated
intensity reaches an exponential random number; without noise the potential is interpolated.
Synapses are currents and the reset subtracts the threshold, so that a spike may pass from one step
into the next without a jump. A neuron spikes at most once a step: a second spike comes in the next
step. If this is frequent, in high noise and long steps, spike times jump, and gradients that move
times are biased.

- `Backward.TIMES`: the number of spikes is fixed and their times move. Without noise this is
  EventProp in steps, with noise the pathwise gradient. Its boundary term is zero: a spike at the
  end of a trial costs nothing in the losses of this chapter.
- `Backward.SURROGATE`: times are fixed, and a spike's derivative is that of its probability in a
  step, at a slope of choice. The reset is detached.
- `Backward.SCORE`: the score function, with the loss as a number.

References:
    beyond/docs/event_gradients.md.
"""

from enum import Enum
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

TAU_M, TAU_S, THETA = 10.0, 5.0, 1.0
SLOW, FAST = 1 / TAU_M, 1 / TAU_S


class Backward(Enum):
    """How a forward pass is differentiated."""

    TIMES = "times"
    SURROGATE = "surrogate"
    SCORE = "score"


class Layer(NamedTuple):
    """State of a layer, each entry ``(neuron,)``.

    Attributes:
        v: Potential.
        i: Current.
        wait: Integrated intensity that remains until the next spike.
    """

    v: Array
    i: Array
    wait: Array


class Spikes(NamedTuple):
    """Spikes of a layer in a step.

    Attributes:
        fired: 1 where a neuron spiked, else 0; differentiable for `Backward.SURROGATE`.
        part: Time of the spike since the start of the step, ms; the step's length without a spike.
        log_density: Log-likelihood of what the layer did in the step.
    """

    fired: Array
    part: Array
    log_density: Array


class StepSettings(NamedTuple):
    """Settings that do not change during training.

    Attributes:
        dt: Step, ms.
        beta: Slope of the noise; infinity for none.
        backward: How the pass is differentiated.
        surrogate_beta: Slope of the surrogate derivative.
    """

    dt: float
    beta: float
    backward: Backward
    surrogate_beta: float = 0.0


def response(lag: Array) -> Array:
    """Return the potential, a lag in ms after a spike of weight 1."""
    return jnp.exp(-lag * SLOW) - jnp.exp(-lag * FAST)


@partial(jax.custom_jvp, nondiff_argnums=(2, 3))
def surrogate_spike(fired: Array, v: Array, beta: float, dt: float) -> Array:
    """Return the spikes; their derivative is that of the probability of a spike in a step."""
    return fired


@surrogate_spike.defjvp
def _surrogate_jvp(beta: float, dt: float, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    fired, v = primals
    rate = jnp.exp(jnp.minimum(beta * v, 50.0))
    return fired, beta * rate * dt * jnp.exp(-rate * dt) * tangents[1]


def _rate(settings: StepSettings, v: Array) -> Array:
    return jnp.exp(jnp.minimum(settings.beta * v, 50.0))


def fire(
    settings: StepSettings, layer: Layer, ahead: Array, fresh: Array
) -> tuple[Spikes, Array, Array]:
    """Return a layer's spikes in a step, what remains for the next, and what the reset takes.

    Args:
        settings: Noise and derivative.
        layer: State at the start of the step.
        ahead: Potential at its end without a spike.
        fresh: New exponential random numbers.
    """
    dt, v = settings.dt, layer.v - THETA
    if settings.beta == float("inf"):
        fired = jax.lax.stop_gradient((ahead >= THETA) & (layer.v < THETA))
        rise = jnp.where(fired, ahead - layer.v, 1.0)
        part = jnp.where(fired, -v / rise * dt, dt)
        wait, density = layer.wait, jnp.zeros_like(v)
    else:
        rate = _rate(settings, v)
        fired = jax.lax.stop_gradient(layer.wait <= rate * dt)
        part = jnp.where(fired, layer.wait / rate, dt)
        if settings.backward is not Backward.TIMES:
            part = jax.lax.stop_gradient(part)
        after = _rate(settings, v - THETA)
        wait = jnp.where(fired, fresh - after * (dt - part), layer.wait - rate * dt)
        silent = -rate * part - jnp.where(fired, after * (dt - part), 0.0)
        density = silent + jnp.where(fired, settings.beta * v, 0.0)
    one = fired.astype(v.dtype)
    taken = one * THETA * jnp.exp(-(dt - part) * SLOW)
    if settings.backward is Backward.SURROGATE:
        one = surrogate_spike(one, v, settings.surrogate_beta, dt)
    return Spikes(one, part, density), wait, taken


def step(
    settings: StepSettings, layer: Layer, arrived: tuple[Array, Array], fresh: Array
) -> tuple[Layer, Spikes, tuple[Array, Array]]:
    """Advance a layer by a step.

    Args:
        settings: Noise and derivative.
        layer: State at the start of the step.
        arrived: Effects at the end of the step of what arrived in it: potential and current.
        fresh: New exponential random numbers.

    Returns:
        State, spikes, and what a weight of 1 adds to the potential and the current of a receiver.
    """
    dt = settings.dt
    ahead = jnp.exp(-dt * SLOW) * layer.v + response(jnp.array(dt)) * layer.i + arrived[0]
    spikes, wait, taken = fire(settings, layer, ahead, fresh)
    rest = dt - spikes.part
    sent = spikes.fired * response(rest), spikes.fired * jnp.exp(-rest * FAST)
    return Layer(ahead - taken, jnp.exp(-dt * FAST) * layer.i + arrived[1], wait), spikes, sent


class Filter(NamedTuple):
    """Spike trains filtered by `response`.

    Attributes:
        v: Filtered trains.
        i: Trains filtered by the synapse alone.
    """

    v: Array
    i: Array

    def after(self, dt: float, sent: tuple[Array, Array]) -> "Filter":
        """Return the state a step later, given what arrived by its end."""
        v = jnp.exp(-dt * SLOW) * self.v + response(jnp.array(dt)) * self.i + sent[0]
        return Filter(v, jnp.exp(-dt * FAST) * self.i + sent[1])


class Trial(NamedTuple):
    """Result of a trial.

    Attributes:
        trace: Output spikes, filtered by `response`, ``(step, output)``.
        hidden_trace: The same of hidden spikes, ``(step, hidden)``.
        hidden: Hidden spikes of each step, with entries ``(step, hidden)``.
        outputs: Output spikes of each step, with entries ``(step, output)``.
        log_density: Log-likelihood of all spikes.
    """

    trace: Array
    hidden_trace: Array
    hidden: Spikes
    outputs: Spikes
    log_density: Array


def run(
    settings: StepSettings, params: dict[str, Array], inputs: tuple[Array, Array], noise: Array
) -> Trial:
    """Run one trial.

    Args:
        settings: Noise and derivative.
        params: Weights "hidden" ``(hidden, channel)`` and "output" ``(output, hidden)``.
        inputs: What input spikes add to potential and current at the end of each step, each
            ``(step, channel)``.
        noise: Exponential random numbers, ``(step + 1, hidden + output)``.
    """
    n_hidden, n_outputs = len(params["hidden"]), len(params["output"])
    zero = jnp.zeros(n_hidden), jnp.zeros(n_outputs)
    first = [Layer(z, z, e) for z, e in zip(zero, _split(noise[0], n_hidden), strict=True)]
    filters = Filter(zero[0], zero[0]), Filter(zero[1], zero[1])
    start = (*first, *filters)
    dt = settings.dt

    def advance(state: tuple, now: tuple) -> tuple[tuple, tuple]:
        hidden, output, within, outside = state
        (on_v, on_i), fresh = now
        own, others = _split(fresh, n_hidden)
        arrived = params["hidden"] @ on_v, params["hidden"] @ on_i
        hidden, spikes, sent = step(settings, hidden, arrived, own)
        within = within.after(dt, sent)
        arrived = params["output"] @ sent[0], params["output"] @ sent[1]
        output, outs, sent = step(settings, output, arrived, others)
        outside = outside.after(dt, sent)
        density = jnp.sum(spikes.log_density) + jnp.sum(outs.log_density)
        return (hidden, output, within, outside), (outside.v, within.v, spikes, outs, density)

    _, records = jax.lax.scan(advance, start, (inputs, noise[1:]))
    trace, hidden_trace, hidden, outputs, density = records
    return Trial(trace, hidden_trace, hidden, outputs, density.sum())


def _split(values: Array, n: int) -> tuple[Array, Array]:
    return values[:n], values[n:]


def arrivals(times: Array, dt: float, n_steps: int) -> tuple[Array, Array]:
    """Return what input spikes add to potential and current at the end of each step.

    Args:
        times: Times of input spikes, ms, ``(channel, spike)``; later ones than the end are ignored.
        dt: Step, ms.
        n_steps: Number of steps.
    """
    ends = dt * jnp.arange(1, n_steps + 1)[:, None, None]
    lag = ends - times[None]
    within = (lag > 0) & (lag <= dt)
    lag = jnp.where(within, lag, 0.0)
    on_v = jnp.where(within, response(lag), 0.0).sum(axis=-1)
    return on_v, jnp.where(within, jnp.exp(-lag * FAST), 0.0).sum(axis=-1)
