"""Why the scale of the surrogate matters: gradients at initialisation, against slope and depth."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, band, param
from experiments.speech_network import SURROGATES, SpeechNetwork


@dataclass
class GradientScale(SpeechNetwork):
    """Norms of the surrogate gradient of every layer, in networks of one to three layers."""

    OF_FIRST_SEED = frozenset({"shapes", "slopes"})

    surrogates: list[str] = param(
        ["SuperSpike", "Sigmoid", "ScaledSigmoid"], "shapes", choices=SURROGATES[:-1]
    )
    slopes: list[float] = param([1, 3, 10, 30, 100], "of the surrogates", unit="1/theta", above=0)
    n_utterances: int = param(64, "that a gradient averages", low=1)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """How much larger the first layer's gradient is than the last hidden one's."""
        last = len(self.filters) - 1
        norms = np.exp(np.log(data["norm"][:, :, :, last]).mean(axis=0))
        why = "gradients of one random network per seed, on few utterances"
        return {
            f"first_over_last_{name}_{slope:g}": band(
                norms[i, j, 0] / norms[i, j, last], 0, 1e20, why
            )
            for i, name in enumerate(self.surrogates)
            for j, slope in enumerate(self.slopes)
        }
