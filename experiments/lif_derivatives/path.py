"""The derivative of each spike's probability given the past, along one path."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.late_spike.program import spike_at
from snn.noise import FIRE, SILENT, Uniforms
from snn.surrogate import Zero

# The central difference quotient of fourth order: where to evaluate, in steps, and its weights.
OFFSETS = np.array([-2.0, -1.0, 1.0, 2.0])
WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12


@jax.jit
def along_path(
    program: snn.Program, params: snn.types.Params, noise: Uniforms, h: float
) -> dict[str, Array]:
    """Derivative of P(S[t] = 1 | input, own past) by a weight, along one path of either neuron.

    Args:
        program: a neuron and its input.
        params: its weights.
        noise: the noise of one trial.
        h: step of the finite differences.

    Returns:
        Of the stochastic and the deterministic neuron ``_potential`` and ``_spikes`` ``(time,)``,
        the ``_conditional`` derivative by finite differences of the probability, and the
        ``_surrogate`` gradient of the spike, for the weight with the largest derivative. An
        ``_error`` is the largest deviation of the two, over time and all weights; ``spm_error``
        is that of the probability's derivative by autodiff.
    """
    modes = {"stochastic": snn.sample, "deterministic": snn.threshold}
    arrays = {}
    for name, forward in modes.items():
        layer = program(params, noise, snn.Spike(forward)).trace[0]
        exact = _conditional(program, params, layer.s, h)
        estimate = _surrogate(program, params, noise, forward)
        if name == "stochastic":
            shown = jnp.argmax(jnp.abs(exact).max(axis=0))
            spm = jax.jacobian(lambda w, s=layer.s: _probability(program, w, s))(params[0]["w"])
            arrays["spm_error"] = jnp.abs(spm[..., 0] - exact).max()
        arrays |= {
            f"{name}_potential": layer.v[:, 0] + program.network.neuron.theta,
            f"{name}_spikes": layer.s[:, 0],
            f"{name}_conditional": exact[:, shown],
            f"{name}_surrogate": estimate[:, shown],
            f"{name}_error": jnp.abs(estimate - exact).max(),
        }
    return arrays


def _surrogate(
    program: snn.Program, params: snn.types.Params, noise: Uniforms, forward: Callable
) -> Array:
    """Surrogate gradient of each spike of the path, ``(time, weight)``."""
    estimator = snn.Surrogate(forward=forward)

    def of_spike(step: Array) -> Array:
        return estimator.single(spike_at(program, step), params, noise).grad[0]["w"][:, 0]

    return jax.vmap(of_spike)(jnp.arange(program.x.shape[0]))


def _probability(program: snn.Program, w: Array, spikes: Array) -> Array:
    """Probability of each spike given the past ones, which are forced, ``(time,)``."""
    forced = Uniforms((jnp.where(spikes > 0.5, FIRE, SILENT),))
    return program([{"w": w}], forced, snn.Spike(snn.sample, Zero())).trace[0].p[:, 0]


def _conditional(program: snn.Program, params: snn.types.Params, spikes: Array, h: float) -> Array:
    """Its derivative by finite differences, ``(time, weight)``."""
    w = params[0]["w"]

    def along_weight(direction: Array) -> Array:
        steps = OFFSETS * h
        moved = jax.vmap(lambda d: _probability(program, w + d * direction[:, None], spikes))(steps)
        return WEIGHTS @ moved / h

    return jax.vmap(along_weight)(jnp.eye(w.shape[0])).T
