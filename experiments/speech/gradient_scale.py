"""Scale of the surrogate: gradients at initialisation, against slope and depth."""

from functools import partial
from typing import Annotated, Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

import snn
from experiments.engine.experiment import (
    Count,
    Data,
    OneOf,
    Positive,
    Quantity,
    Several,
    array,
    at,
    band,
    listed,
    param,
)
from experiments.engine.progress import track
from experiments.merge_estimators import merge_estimators
from experiments.speech.batches import Batches, mean
from experiments.speech.learner import Learner
from experiments.speech.network import SpeechNetwork
from snn.shapes import SHAPES
from snn.surrogate import SurrogateDerivative
from snn.types import Params


class GradientScale(SpeechNetwork):
    """Norms of the surrogate gradient by layer, in networks of one to all layers."""

    surrogates: Several[Annotated[str, OneOf(SHAPES)]] = param(
        ["SuperSpike", "Sigmoid", "ScaledSigmoid"], "shapes of the surrogate"
    )
    slopes: Several[Positive] = param(
        [1, 3, 10, 30, 100], "slopes of the surrogates", unit="1/theta"
    )
    n_utterances: Count = param(64, "utterances over which a gradient is averaged")

    ARRAYS = {
        "norm": array(
            "seed, shape, slope, depth, layer", "norm of the gradient for a hidden layer's weights"
        ),
        "norm_mean": array("shape, slope, depth, layer", "geometric mean over seeds"),
        "shapes": array("first seed, shape", "names of the surrogates"),
        "slopes": array("first seed, slope", "slopes of the surrogates", unit="1/potential"),
    }

    def compute(self, seed: int) -> Data:
        """Return the norms in one random network per depth."""
        data = self.open()
        batches = Batches(data.train, self)
        indices = np.arange(min(self.n_utterances, len(data.train)))
        init, noise = jax.random.split(jax.random.key(seed))
        depths = len(self.filters)
        norm = np.full((len(self.surrogates), len(self.slopes), depths, depths), np.nan)
        cells = list(np.ndindex(norm.shape[:2]))
        estimators = [
            snn.Surrogate(SHAPES[self.surrogates[i]].of_slope(self.slopes[j])) for i, j in cells
        ]
        derivatives = [one.derivative for one in merge_estimators(estimators, "derivative")]
        for depth in range(depths):
            learner = Learner(self, depth + 1)
            params = learner.init(init)
            tracked = track(cells, f"gradients at depth {depth + 1}")
            for (i, j), derivative in zip(tracked, derivatives, strict=True):
                gradient = partial(_gradient, learner, derivative, params)
                grad = mean(list(batches.each(indices, noise, gradient)))
                norms = [np.linalg.norm(ravel_pytree(layer)[0]) for layer in grad[:-1]]
                norm[i, j, depth, : depth + 1] = norms
        return {"norm": norm, "shapes": np.array(self.surrogates), "slopes": np.array(self.slopes)}

    def pooled(self, data: Data) -> Data:
        """Return geometric means over seeds, ``norm_mean (shape, slope, depth, layer)``."""
        return {"norm_mean": np.exp(np.log(data["norm"]).mean(axis=0))}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the first layer's gradient with a matched surrogate over that with SuperSpike."""
        norms = np.exp(np.log(data["norm"][:, :, :, -1, 0]).mean(axis=0))
        by_name = dict(zip(listed(data, "shapes"), norms, strict=True))
        if not {"Sigmoid", "SuperSpike"} <= by_name.keys():
            return {}
        why = "a matched surrogate's area is 1, that of SuperSpike 2 over its slope"
        return {
            at("matched_over_superspike", slope): band(ratio, 1.2, 1e12, why)
            for slope, ratio in zip(
                self.slopes, by_name["Sigmoid"] / by_name["SuperSpike"], strict=True
            )
        }


def _gradient(
    learner: Learner, derivative: SurrogateDerivative, params: Params, *batch: Any
) -> Params:
    return learner.single_gradient(derivative, params, [], *batch)[0]
