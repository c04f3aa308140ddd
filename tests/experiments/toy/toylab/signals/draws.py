from dataclasses import dataclass

import jax
import numpy as np

from experiments.engine.compute.progress import track
from experiments.engine.declare.experiment import (
    Data,
    Experiment,
    Quantity,
    array,
    param,
    seeds_param,
    statistical,
)


@dataclass
class Draws(Experiment):
    """Random numbers by JAX."""

    ARRAYS = {"x": array("seed, trial", "draws")}

    n_trials: int = param(16, "number of draws", low=2)
    scale: float = param(1.0, "standard deviation", above=0)
    seeds: list[int] = seeds_param()

    def summary(self, data: Data) -> dict[str, Quantity]:
        x = data["x"].ravel()
        return {"mean": statistical(x.mean(), x.std(ddof=1) / np.sqrt(x.size))}

    def compute(self, seed: int) -> Data:
        keys = jax.random.split(jax.random.key(seed), self.n_trials)
        draws = [jax.random.normal(key) for key in track(keys, "drawing")]
        return {"x": self.scale * np.array(draws)}
