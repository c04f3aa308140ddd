"""One estimate out of several seeds' independent ones."""

import numpy as np

from experiments.engine.base import Data


def pooled_mean(mean: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over seeds, and its standard error.

    Args:
        mean: Estimates of independent seeds, of equally many trials each, ``(seed, ...)``.
        se: Their standard errors, same shape.
    """
    return np.mean(mean, axis=0), np.sqrt(np.sum(np.square(se), axis=0)) / len(se)


def pooled_rms(errors: np.ndarray) -> np.ndarray:
    """Return the root mean square over seeds, of errors ``(seed, ...)``."""
    return np.sqrt(np.mean(np.square(errors), axis=0))


def listed(data: Data, axis: str) -> list[str]:
    """Return the names along an axis, such as "estimators", that lie beside the numbers.

    Not those that an experiment would compute today: numbers may be older than its list.
    """
    return [str(name) for name in data[axis][0]]
