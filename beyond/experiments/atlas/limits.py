"""Limits of estimators: programs that they accept, and numbers of trials needed at once."""

LAYERS_ONLY = frozenset({"path_sample_analytic", "disarm"})
"""Estimators that need layers without time."""


def least_trials(name: str) -> int:
    """Return how many trials an estimator needs at once; a leave-one-out baseline needs two."""
    return 2 if name == "score_function" else 1
