from typing import Annotated

import jax
import numpy as np
from pydantic import Field

from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Positive,
    Quantity,
    Seed,
    array,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.progress import track


class Draws(Experiment):
    """Random numbers by JAX."""

    ARRAYS = {"x": array("seed, trial", "draws")}

    n_trials: Annotated[int, Field(ge=2)] = param(16, "number of draws")
    scale: Positive = param(1.0, "standard deviation")
    seeds: Distinct[Seed] = seeds_param()

    def summary(self, data: Data) -> dict[str, Quantity]:
        x = data["x"].ravel()
        return {"mean": statistical(x.mean(), x.std(ddof=1) / np.sqrt(x.size))}

    def compute(self, seed: int) -> Data:
        keys = jax.random.split(jax.random.key(seed), self.n_trials)
        draws = [jax.random.normal(key) for key in track(keys, "drawing")]
        return {"x": self.scale * np.array(draws)}
