import jax
import numpy as np

from experiments.engine.progress import track
from toylab.draws import Draws


def compute(config: Draws, seed: int | None) -> dict[str, np.ndarray]:
    keys = jax.random.split(jax.random.key(seed), config.n_trials)
    draws = [jax.random.normal(key) for key in track(keys, "drawing", config.n_trials)]
    return {"x": config.scale * np.array(draws)}
