"""Surrogate and smoothed stochastic derivatives on every path through a stochastic network."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.deep_networks.stochastic_mlp import StochasticMLP, build
from experiments.engine.experiment import Data, Quantity, Seed, array, at, exact, param
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.exact_enumeration import pattern_probability
from snn.noise import all_patterns
from snn.program import site_shapes
from snn.spikes import FIXED
from snn.stats import flatten_trials
from snn.types import Params, Run

COUPLINGS = {
    "straight_through": StraightThrough(),
    "right": Right(),
    "left": Left(),
    "two_sided": TwoSided(),
}
MAX_SITES = 10


class PathByPath(StochasticMLP):
    """All spike patterns of a network, with their probabilities and derivatives.

    Nothing is sampled: a trial is one of these patterns, so that an identity that holds for each
    pattern holds for every sample.
    """

    path_seed: Seed = param(0, "seed of the one trial whose path is highlighted")

    ARRAYS = {
        "sizes": array("layer", "inputs, then neurons per layer"),
        "states": array("path, neuron", "spikes of all neurons, input side first"),
        "probability": array("path", "probability of each path"),
        "sampled": array("", "index of the path that one trial took"),
        "surrogate": array("path, parameter", "surrogate gradient on each path"),
        "smoothed": array("coupling, path, parameter", "smoothed stochastic derivative"),
        "relative_difference": array(
            "coupling", "root mean square of the difference of both derivatives, relative"
        ),
        "largest_difference": array("coupling", "largest absolute difference of both derivatives"),
    }

    def check(self) -> None:
        """Refuse networks with too many paths to draw.

        Raises:
            ValueError: For networks with too many paths to draw.
        """
        super().check()
        if self.n_sites > MAX_SITES:
            expected = f"{self.given('sizes')}; expected at most {MAX_SITES} neurons"
            raise ValueError(f"2^{self.n_sites} paths are too many to draw: {expected}")

    def compute(self, seed: None) -> Data:
        """Run the network once for every spike pattern."""
        program, params = build(self)
        arrays = _paths(program, params, jax.random.key(self.path_seed))
        paths, probability, sampled, sg, *smoothed = map(np.asarray, arrays)
        smoothed = np.stack(smoothed)

        def mean_square(gradients: np.ndarray) -> np.ndarray:
            """Return relative differences; paths are weighted by their probability."""
            return np.sum(gradients**2, axis=-1) @ probability

        return {
            "sizes": np.array(self.sizes),
            "states": paths.astype(np.int8),
            "probability": probability,
            "sampled": sampled,
            "surrogate": sg,
            "smoothed": smoothed,
            "relative_difference": np.sqrt(mean_square(smoothed - sg) / mean_square(sg)),
            "largest_difference": np.abs(smoothed - sg).max(axis=(1, 2)),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return distances of the surrogate gradient from each smoothed derivative."""
        largest = dict(zip(COUPLINGS, data["largest_difference"], strict=True))
        relative = dict(zip(COUPLINGS, data["relative_difference"], strict=True))
        same = "straight_through"
        quantities = {
            "n_paths": exact(len(data["probability"])),
            "total_probability": exact(data["probability"].sum()),
            at("sg_minus_smoothed_max", same): exact(largest[same], atol=1e-12),
        }
        for name in ("right", "left", "two_sided"):
            quantities[at("sg_minus_smoothed_relative", name)] = exact(relative[name])
        return quantities


@jax.jit
def _paths(program: snn.Program, params: Params, key: Array) -> list[Array]:
    """Return all patterns with probabilities and derivatives, and the pattern of one trial.

    Args:
        program: the network.
        params: its weights.
        key: a JAX random key for the one trial.
    """
    patterns = all_patterns(site_shapes(program, params), MAX_SITES)
    one = snn.draw_noise(program, params, key, 1)

    def states(run: Run) -> Array:
        return jnp.concatenate([layer.s for layer in run.trace])

    runs = jax.vmap(lambda noise: program(params, noise, FIXED))(patterns)
    paths = jax.vmap(states)(runs)
    path = states(program(params, jax.tree.map(lambda xi: xi[0], one), FIXED))
    taken = jnp.argmax(jnp.all(paths == path, axis=1))
    estimators = snn.Surrogate(), *map(snn.SmoothedStochasticAD, COUPLINGS.values())
    patterns = [
        flatten_trials(estimator.per_trial(program, params, patterns).grad)
        for estimator in estimators
    ]
    return [paths, jax.vmap(pattern_probability)(runs), taken, *patterns]
