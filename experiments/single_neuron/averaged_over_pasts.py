"""Derivatives of a LIF neuron's mean spikes over all pasts, enumerated and sampled."""

import jax
import jax.numpy as jnp
from jax import Array

import snn
from experiments.estimators import estimator
from experiments.single_neuron.late_spike import spike_at
from snn.estimators.base import Estimator
from snn.types import Noise, Params

UNBIASED = ("stochastic_ad", "score_function_no_baseline")
ENUMERATED = {
    "exact": estimator("exact_enumeration"),
    **{name: snn.Expected(estimator(name)) for name in ("surrogate", "surrogate_through")},
}


@jax.jit
def averaged(program: snn.Program, params: Params, noise: Noise) -> dict[str, Array]:
    """Return dE[S[t]]/dw of every spike, by enumeration and by sampling.

    Args:
        program: One neuron under constant drive.
        params: Its weight.
        noise: Noise of all trials.
    """
    steps = jnp.arange(program.x.shape[0])
    arrays = {"averaged_surrogate_deterministic": without_noise(program, params, noise)}
    for name, oracle in ENUMERATED.items():
        estimate = jax.vmap(lambda t, f=oracle: f(spike_at(program, t), params))(steps)
        arrays[f"averaged_{name}"] = estimate.grad[0]["w"][:, 0, 0]
        arrays["averaged_spike"] = estimate.loss
    for name in UNBIASED:
        sampled_estimator = estimator(name)

        def moments(t: Array, sampled: Estimator = sampled_estimator) -> snn.stats.Mean:
            trials = sampled.per_trial(spike_at(program, t), params, noise)
            return snn.stats.mean_and_se(trials.grad[0]["w"][:, 0, 0])

        arrays[f"{name}_mean"], arrays[f"{name}_se"] = jax.lax.map(moments, steps)
    return arrays


def without_noise(program: snn.Program, params: Params, noise: Noise) -> Array:
    """Return the surrogate gradient of every spike of the deterministic neuron, ``(time,)``."""
    surrogate = estimator("surrogate_deterministic")
    # Without noise all trials are the same.
    first = jax.tree.map(lambda xi: xi[:1], noise)

    def of_spike(t: Array) -> Array:
        return surrogate(spike_at(program, t), params, first).grad[0]["w"][0, 0]

    return jax.vmap(of_spike)(jnp.arange(program.x.shape[0]))
