"""The derivative of each spike's probability averaged over the neuron's own past."""

import jax
import jax.numpy as jnp
from jax import Array

import snn
from experiments.late_spike.program import spike_at

UNBIASED = {"stochastic_ad": snn.StochasticAD(), "score_function": snn.ScoreFunction()}
ENUMERATED = {
    "exact": snn.ExactEnumeration(),
    "surrogate": snn.Expected(snn.Surrogate()),
    "through": snn.Expected(snn.Surrogate(reset=snn.through)),
}


@jax.jit
def averaged(
    program: snn.Program, params: snn.types.Params, noise: snn.types.Noise
) -> dict[str, Array]:
    """Derivative dE[S[t]]/dw of every spike, by enumeration and by sampling.

    Args:
        program: a neuron with one input.
        params: its weight.
        noise: the trials of the sampled estimators.

    Returns:
        All ``(time,)``: the mean ``averaged_spike`` E[S[t]], its derivative ``averaged_exact``, the
        expected surrogate gradients ``averaged_surrogate`` (reset detached) and
        ``averaged_through``; and the ``_mean`` and ``_se`` of the unbiased estimators.
    """
    steps = jnp.arange(program.x.shape[0])
    arrays = {}
    for name, estimator in ENUMERATED.items():
        estimate = jax.vmap(lambda t, f=estimator: f(spike_at(program, t), params))(steps)
        arrays[f"averaged_{name}"] = estimate.grad[0]["w"][:, 0, 0]
        arrays["averaged_spike"] = estimate.loss
    for name, estimator in UNBIASED.items():

        def moments(t: Array, estimator: snn.StochasticAD = estimator) -> snn.stats.Mean:
            each = estimator.per_trial(spike_at(program, t), params, noise)
            return snn.stats.mean_and_se(each.grad[0]["w"][:, 0, 0])

        arrays[f"{name}_mean"], arrays[f"{name}_se"] = jax.lax.map(moments, steps)
    return arrays
