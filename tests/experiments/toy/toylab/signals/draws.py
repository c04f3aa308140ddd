from dataclasses import dataclass

import jax
import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, param, seeds_param, statistical
from experiments.engine.progress import track


@dataclass
class Draws(Experiment):
    """Random numbers by JAX."""

    n_trials: int = param(16, "number of draws", low=2)
    scale: float = param(1.0, "standard deviation", above=0)
    seeds: list[int] = seeds_param()

    def summary(self, data: Data) -> dict[str, Quantity]:
        x = data["x"].ravel()
        return {"mean": statistical(x.mean(), x.std(ddof=1) / np.sqrt(x.size))}


def compute(config: Draws, seed: int | None) -> dict[str, np.ndarray]:
    keys = jax.random.split(jax.random.key(seed), config.n_trials)
    draws = [jax.random.normal(key) for key in track(keys, "drawing", config.n_trials)]
    return {"x": config.scale * np.array(draws)}
