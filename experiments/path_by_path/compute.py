"""Per-path derivatives, by forcing each spike pattern in turn."""

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.path_by_path import COUPLINGS, PathByPath
from experiments.stochastic_mlp.network import build
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
        surrogate: surrogate gradient of each path, ``(path, parameter)``.
        smoothed: smoothed stochastic derivative for each of `COUPLINGS`, ``(coupling, path,
            parameter)``.
        relative_difference: root mean square over trials of the difference of the two, over that
            of the surrogate gradient; all parameters are one vector, ``(coupling,)``.
        largest_difference: largest absolute difference over all paths and parameters,
            ``(coupling,)``.
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
    sg, *smoothed = [
        np.asarray(flatten_trials(estimator.per_trial(program, params, patterns).grad))
        for estimator in (snn.Surrogate(), *smoothed)
    ]
    smoothed = np.stack(smoothed)
    probability = np.asarray(jax.vmap(pattern_probability)(runs))

    def mean_square(gradients: np.ndarray) -> np.ndarray:
        """Over trials: each path counts as often as it occurs."""
        return np.sum(gradients**2, axis=-1) @ probability

    return {
        "sizes": np.array(config.sizes),
        "states": np.asarray(paths).astype(np.int8),
        "probability": probability,
        "sampled": np.asarray(jnp.argmax(jnp.all(paths == path, axis=1))),
        "surrogate": sg,
        "smoothed": smoothed,
        "relative_difference": np.sqrt(mean_square(smoothed - sg) / mean_square(sg)),
        "largest_difference": np.abs(smoothed - sg).max(axis=(1, 2)),
    }
