"""Confidence intervals of accuracies."""

import numpy as np
from scipy.stats import binomtest, t


def confidence_interval(accuracy: np.ndarray, n_samples: int) -> tuple[float, float]:
    """The 95 % confidence interval of a mean accuracy.

    Over several seeds Student's, which includes how networks differ; of one network Wilson's, of
    the binomial with `n_samples` answers.

    Args:
        accuracy: One number for each seed.
        n_samples: Samples that each was measured on.
    """
    accuracy = np.asarray(accuracy, float)
    if len(accuracy) == 1:
        right = round(accuracy[0] * n_samples)
        interval = binomtest(right, n_samples).proportion_ci(method="wilson")
        return interval.low, interval.high
    mean, se = accuracy.mean(), accuracy.std(ddof=1) / len(accuracy) ** 0.5
    half = t.ppf(0.975, len(accuracy) - 1) * se
    return mean - half, mean + half
