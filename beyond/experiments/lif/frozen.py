"""Frozen trainings, whose loss no longer changes.

Rule: a training is *frozen* if the relative standard deviation of its last six observed losses
(`LAST`) is below 1e-3 (`FROZEN`). Test noise is the same at every observation, so that a loss can
only stay the same if hardly a spike of the test trials changes.
"""

import numpy as np

FROZEN = 1e-3
LAST = 6


def frozen(loss: np.ndarray) -> np.ndarray:
    """Return which trainings are frozen, from losses ``(..., observation)``."""
    last = loss[..., -LAST:].astype(float)
    return last.std(axis=-1, ddof=1) < FROZEN * np.abs(last.mean(axis=-1))
