"""What follows from the atlas of all seeds: which gradient to use at which budget."""

import numpy as np

from experiments.estimators import CATALOGUE

Panel = dict[str, np.ndarray]

BUDGETS = (1, 10, 100, 1_000, 10_000, 100_000)
"""Runs of the network that one gradient may cost."""

ALL_PATHS = -1
"""Stands for enumeration where the budget is enough for every path."""


def pooled(panel: Panel) -> Panel:
    """Numbers that stand for all networks of all seeds, and the best estimators.

    Args:
        panel: The atlas, with a leading axis of seeds.

    Returns:
        ``mean_cosine`` with its ``mean_cosine_se``, ``median_bias``, ``typical_variance`` (the
        geometric mean) and ``runs`` of the network per trial, all ``(estimator, cell)``;
        ``any_program``, whether an estimator takes any program, ``(estimator,)``. For the
        ``budgets``, ``(budget,)``, the ``alignment``, ``(estimator, cell, budget)``, and the
        ``best`` estimator for any program and for layers without time, ``(2, cell, budget)``:
        its place among the estimators, or `ALL_PATHS`.
    """
    cosine = networks(panel, "cosine")
    return {
        "mean_cosine": cosine.mean(axis=-1),
        "mean_cosine_se": cosine.std(axis=-1, ddof=1) / cosine.shape[-1] ** 0.5,
        "median_bias": np.median(networks(panel, "bias"), axis=-1),
        "typical_variance": _geometric_mean(networks(panel, "variance")),
        "runs": cost(panel),
        "any_program": _any_program(panel),
        "budgets": np.array(BUDGETS),
        "alignment": np.stack([alignment(panel, budget) for budget in BUDGETS], axis=-1),
        "best": np.stack([best(panel, anywhere) for anywhere in (True, False)]),
    }


def names(panel: Panel) -> list[str]:
    """The panel's estimators."""
    return [str(name) for name in panel["estimators"][0]]


def networks(panel: Panel, key: str) -> np.ndarray:
    """An array with the networks of all seeds side by side, ``(estimator, cell, network)``.

    Unbiased estimators have the cosine and the scale 1, and the bias 0: that is proven, and
    tested by their projections onto the gradient.
    """
    values = np.concatenate(list(panel[key]), axis=-1)
    proven = {"cosine": 1.0, "scale": 1.0, "bias": 0.0}
    return np.where(np.isnan(values), proven[key], values) if key in proven else values


def _any_program(panel: Panel) -> np.ndarray:
    """Whether an estimator takes any program, ``(estimator,)``."""
    return np.array([not CATALOGUE[name].layers_only for name in names(panel)])


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.exp(np.log(values).mean(axis=-1))


def cost(panel: Panel) -> np.ndarray:
    """Runs of the network per trial, ``(estimator, cell)``."""
    return panel["evaluations"].mean(axis=0)


def alignment(panel: Panel, budget: float) -> np.ndarray:
    r"""Alignment with the gradient of what a budget buys, ``(estimator, cell)``.

    With the mean m, the variance V of one trial and K = budget / cost trials, the best multiple of
    the estimate misses the gradient g by :math:`|g|^2 (1 - a^2)` in the mean square, where
    :math:`a = \cos(m, g) / \sqrt{1 + V / (K |m|^2)}`: a scale-free measure of bias and noise
    together. Median over networks: in a saturated one, trials may miss the rare spikes that make
    up the gradient. -inf where the budget does not buy one trial.
    """
    runs = cost(panel)
    scale = networks(panel, "scale")
    noise = networks(panel, "variance") * (runs / budget)[..., None]
    # A mean of zero points nowhere.
    ratio = np.divide(noise, scale**2, out=np.full_like(noise, np.inf), where=scale > 0)
    each = networks(panel, "cosine") / np.sqrt(1 + ratio)
    needed = runs * np.array([[CATALOGUE[name].least_trials] for name in names(panel)])
    return np.where(needed <= budget, np.median(each, axis=-1), -np.inf)


def best(panel: Panel, anywhere: bool) -> np.ndarray:
    """The best estimator for each cell and each of `BUDGETS`, ``(cell, budget)``.

    Args:
        panel: the cells.
        anywhere: whether to leave out estimators that ask for layers without time.
    """
    allowed = _any_program(panel) | (not anywhere)
    columns = []
    for budget in BUDGETS:
        score = np.where(allowed[:, None], alignment(panel, budget), -np.inf)
        enough = 2.0 ** panel["sites"][0] <= budget
        columns.append(np.where(enough, ALL_PATHS, score.argmax(axis=0)))
    return np.stack(columns, axis=-1)
