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
        """How much larger the first layer's gradient is with a matched surrogate, at each slope."""
        norms = np.exp(np.log(data["norm"][:, :, :, -1, 0]).mean(axis=0))
        by_name = dict(zip(self.surrogates, norms, strict=True))
        if not {"Sigmoid", "SuperSpike"} <= by_name.keys():
            return {}
        why = "a matched surrogate's area is 1, that of SuperSpike 2 over its slope"
        return {
            f"matched_over_superspike_{slope:g}": band(ratio, 1.2, 1e12, why)
            for slope, ratio in zip(
                self.slopes, by_name["Sigmoid"] / by_name["SuperSpike"], strict=True
            )
        }
