"""Surrogate gradients of untrained networks."""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from experiments.engine.progress import track
from experiments.gradient_scale import GradientScale
from experiments.speech_network.batches import Batches, mean
from experiments.speech_network.learner import Learner, surrogate
from snn.surrogate import SurrogateDerivative
from snn.types import Params


def compute(config: GradientScale, seed: int) -> dict[str, np.ndarray]:
    """One random network per depth.

    Returns:
        ``norm (shape, slope, depth, layer)``: Euclidean norm of the gradient of the mean loss over
        the utterances with respect to a hidden layer's weights, NaN where there is no such layer;
        ``shapes`` and ``slopes``.
    """
    data = config.open()
    batches = Batches(data.train, config)
    indices = np.arange(min(config.n_utterances, len(data.train)))
    init, noise = jax.random.split(jax.random.key(seed))
    depths = len(config.filters)
    norm = np.full((len(config.surrogates), len(config.slopes), depths, depths), np.nan)
    for depth in range(depths):
        learner = Learner(config, depth + 1)
        params = learner.init(init)
        cells = list(np.ndindex(norm.shape[:2]))
        for i, j in track(cells, f"gradients at depth {depth + 1}"):
            derivative = surrogate(config.surrogates[i], config.slopes[j])
            gradient = partial(_gradient, learner, derivative, params)
            grad = mean(list(batches.each(indices, noise, gradient)))
            norms = [np.linalg.norm(ravel_pytree(layer)[0]) for layer in grad[:-1]]
            norm[i, j, depth, : depth + 1] = norms
    return {"norm": norm, "shapes": np.array(config.surrogates), "slopes": np.array(config.slopes)}


def _gradient(
    learner: Learner, derivative: SurrogateDerivative, params: Params, *batch: Any
) -> Params:
    return learner.gradient(derivative, params, [], *batch)[0]
