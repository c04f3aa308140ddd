"""Per-path derivatives, by forcing each spike pattern in turn."""

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.path_by_path import COUPLINGS, PathByPath
from experiments.stochastic_mlp.network import build, layer_of_parameter
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.exact_enumeration import pattern_probability
from snn.noise import all_patterns, site_shapes
from snn.stats import flatten_trials
from snn.types import Run

COUPLING = {
    "straight_through": StraightThrough(),
    "right": Right(),
    "left": Left(),
    "two_sided": TwoSided(),
}


def compute(config: PathByPath, seed: None) -> dict[str, np.ndarray]:
    """Runs the network once for every spike pattern.

    Args:
        config: the network.
        seed: not used; nothing is random but the highlighted path, which has its own seed.

    Returns:
        sizes: number of inputs, then of neurons per layer.
        states: spikes of all neurons, input side first, ``(path, neuron)``.
        probability: probability of each path, ``(path,)``.
        sampled: index of the path that one trial took.
        layer: layer of each parameter, ``(parameter,)``.
        surrogate: surrogate gradient of each path, ``(path, parameter)``.
        smoothed: smoothed stochastic derivative for each of `COUPLINGS`, ``(coupling, path,
            parameter)``.
    """
    program, params = build(config)
    patterns = all_patterns(site_shapes(program, params), config.n_sites)
    spike = snn.Spike(snn.sample, snn.surrogate.Zero())

    def states(run: Run) -> jax.Array:
        return jnp.concatenate([layer.s for layer in run.trace])

    runs = jax.jit(jax.vmap(lambda noise: program(params, noise, spike)))(patterns)
    paths = jax.vmap(states)(runs)
    one = snn.draw_noise(program, params, jax.random.key(config.path_seed), 1)
    path = states(program(params, jax.tree.map(lambda xi: xi[0], one), spike))
    smoothed = [snn.SmoothedStochasticAD(COUPLING[name]) for name in COUPLINGS]
    surrogate, *smoothed = [
        np.asarray(flatten_trials(estimator.per_trial(program, params, patterns).grad))
        for estimator in (snn.Surrogate(), *smoothed)
    ]
    return {
        "sizes": np.array(config.sizes),
        "states": np.asarray(paths).astype(np.int8),
        "probability": np.asarray(jax.vmap(pattern_probability)(runs)),
        "sampled": np.asarray(jnp.argmax(jnp.all(paths == path, axis=1))),
        "layer": layer_of_parameter(params),
        "surrogate": surrogate,
        "smoothed": np.stack(smoothed),
    }
