"""The numbers of figure 8, and what follows from them: which gradient to use at which budget."""

from dataclasses import dataclass

import numpy as np

Panel = dict[str, np.ndarray]

BUDGETS = (1, 10, 100, 1_000, 10_000, 100_000)
"""Runs of the network that one gradient may cost."""

EXACT = "exact_enumeration"


LAYERS_ONLY = ("path_sample_analytic", "disarm")
"""Estimators that ask for layers without time; the others take any program."""
NEEDS_TWO_TRIALS = ("score_function",)


@dataclass(frozen=True)
class Choice:
    """The best estimator of one regime at one budget.

    Attributes:
        name: the estimator.
        alignment: with the gradient, median over networks.
    """

    name: str
    alignment: float


def names(panel: Panel) -> list[str]:
    """The panel's estimators."""
    return [str(name) for name in panel["estimators"][0]]


def cells(panel: Panel) -> np.ndarray:
    """Depth, width, beta and curvature, ``(cell, 4)``."""
    return panel["cells"][0]


def pooled(panel: Panel, key: str) -> np.ndarray:
    """An array with the networks of all seeds side by side, ``(estimator, cell, network)``.

    Unbiased estimators have the cosine and the scale 1, and the bias 0: that is proven, and
    tested by their projections onto the gradient.
    """
    values = np.concatenate(list(panel[key]), axis=-1)
    proven = {"cosine": 1.0, "scale": 1.0, "bias": 0.0}
    return np.where(np.isnan(values), proven[key], values) if key in proven else values


def average(panel: Panel, key: str) -> np.ndarray:
    """What stands for all networks, ``(estimator, cell)``.

    Mean cosine, median bias, geometric mean of variances.
    """
    values = pooled(panel, key)
    if key == "bias":
        return np.median(values, axis=-1)
    if key == "variance":
        with np.errstate(divide="ignore"):
            return np.exp(np.log(values).mean(axis=-1))
    return values.mean(axis=-1)


def standard_error(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over networks, the last axis."""
    return values.std(axis=-1, ddof=1) / values.shape[-1] ** 0.5


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
    scale = pooled(panel, "scale")
    noise = pooled(panel, "variance") * (runs / budget)[..., None]
    # A mean of zero points nowhere.
    ratio = np.divide(noise, scale**2, out=np.full_like(noise, np.inf), where=scale > 0)
    each = pooled(panel, "cosine") / np.sqrt(1 + ratio)
    needed = runs * np.array([[2 if n in NEEDS_TWO_TRIALS else 1] for n in names(panel)])
    return np.where(needed <= budget, np.median(each, axis=-1), -np.inf)


def choices(panel: Panel, anywhere: bool) -> list[list[Choice]]:
    """The best estimator for each cell and each of `BUDGETS`.

    Args:
        panel: the cells.
        anywhere: whether to leave out estimators that ask for layers without time.
    """
    listed, sites = names(panel), panel["sites"][0]
    allowed = np.array([not anywhere or name not in LAYERS_ONLY for name in listed])
    table: list[list[Choice]] = [[] for _ in sites]
    for budget in BUDGETS:
        score = np.where(allowed[:, None], alignment(panel, budget), -np.inf)
        for cell, row in enumerate(table):
            best = int(np.argmax(score[:, cell]))
            paths = 2.0 ** sites[cell]
            chosen = Choice(listed[best], float(score[best, cell]))
            row.append(Choice(EXACT, 1.0) if paths <= budget else chosen)
    return table
