"""What figure 8 chooses, per regime and budget, from planted numbers of four estimators."""

import numpy as np
import pytest

from beyond.experiments.atlas import choice
from beyond.experiments.atlas.samples import least_trials, mean_cosine
from beyond.scripts.which_gradient import share
from experiments.estimators import estimator

NAMES = ["surrogate", "disarm", "score_function", "stochastic_ad"]
RUNS = np.array([1.0, 3.0, 1.0, 10.0])
BUDGETS = np.array([1, 10, 100, 1_000, 10_000])


def panel(variance=(1.0, 3.0, 5.0, 2.0), cosine=0.9, sites=12, spread=0.0):
    """One seed, one cell and 12 networks, in which the estimators cost 1, 3, 1 and 10 runs.

    The mean cosine is that of the formula, times one plus the spread in every other network.
    """
    shape = (1, len(NAMES), 1, 12)
    unknown = np.full(shape, np.nan)
    biased = np.arange(len(NAMES))[None, :, None, None] == 0
    data = {
        "estimators": np.array([NAMES]),
        "budgets": BUDGETS[None],
        "cells": np.array([[[2.0, 5.0, 4.0, 1.0]]]),
        "sites": np.array([[sites]]),
        "evaluations": RUNS.reshape(1, -1, 1),
        "cosine": np.where(biased, cosine, unknown),
        "scale": np.where(biased, 2.0, unknown),
        "bias": np.where(biased, 0.5, unknown),
        "variance": np.broadcast_to(np.reshape(variance, (1, -1, 1, 1)), shape),
        "effective": np.full(shape, 100.0),
        "projection": np.where(biased, unknown, np.linspace(0.9, 1.1, 12)),
        "projection_se": np.where(biased, unknown, 0.05),
    }
    each = formula(data)
    each[0, :, ::2] *= 1 + spread
    return data | {"aligned": np.where(np.isfinite(each), each, np.nan)[None]}


def formula(data):
    r"""Root mean square that stands for the mean cosine; -inf where no trial is bought.

    With the mean m, the variance V of one trial and K = budget / cost trials, the best multiple of
    the estimate misses the gradient g by :math:`|g|^2 (1 - a^2)` in the mean square, where
    :math:`a = \cos(m, g) / \sqrt{1 + V / (K |m|^2)}`.
    """
    # An unbiased mean is the gradient.
    cosine, scale = (np.nan_to_num(data[key][0], nan=1.0) for key in ("cosine", "scale"))
    trials = np.floor(BUDGETS / RUNS[:, None])[:, None, None]
    least = np.reshape([least_trials(estimator(name, beta=1.0)) for name in NAMES], (-1, 1, 1, 1))
    ratio = (data["variance"][0] / scale**2)[..., None] / np.maximum(trials, 1)
    return np.where(trials >= least, cosine[..., None] / np.sqrt(1 + ratio), -np.inf)


def test_a_mean_cosine_is_over_estimates():
    """Each counts by its direction alone; one that is zero points nowhere."""
    estimates = np.array([[9.0, 0.0], [0.06, 0.08], [0.0, 0.0]])
    assert mean_cosine(estimates, np.array([2.0, 0.0])) == pytest.approx((1 + 0.6 + 0) / 3)


def test_there_is_one_10th_percentile():
    """Cosines of a mean and of what a budget buys have one: the third lowest of 30."""
    ordered = np.random.default_rng(0).permutation(30.0 + np.arange(30))
    assert choice.low(ordered, axis=0) == 32.0 != np.quantile(ordered, 0.1)
    data = panel(variance=(0.0, 3.0, 5.0, 2.0))
    data["cosine"][0, 0, 0] = data["aligned"][0, 0, 0, :, 0] = np.linspace(0, 1, 12)
    pooled = choice.pooled(data)
    assert pooled["p10_cosine"][0, 0] == pooled["p10_alignment"][0, 0, 0]


def repeated(n):
    """A panel of so many equal cells."""
    one_cell, of_estimators = panel(sites=30), ("estimators", "budgets")
    axes = dict.fromkeys(one_cell, 2) | {"cells": 1, "sites": 1}
    return {
        name: array if name in of_estimators else np.repeat(array, n, axis=axes[name])
        for name, array in one_cell.items()
    }


def test_a_network_at_three_slopes_counts_once():
    """Two draws are wrong, one of them at every slope: 2 of 12, and not 4 of 36."""
    cosines = np.full((3, 12), 0.5)
    cosines[:, 0] = cosines[1, 5] = -0.1
    data = repeated(3)
    data["cells"][0, :, 2], data["cosine"][0, 0] = 4.0 ** np.arange(3), cosines
    pooled = choice.pooled(data)
    assert pooled["n_draws"] == 12
    assert pooled["against"][0].tolist() == [1, 2, 1] and pooled["against_any"][0] == 2
    assert np.isnan(pooled["against"][1:]).all()
    assert share(pooled, "against_any", 0) == "2 [2, 48 %]"
    assert share(pooled, "against_any", 1) == ""


def test_a_variance_that_few_trials_carry_is_not_taken_for_small():
    """In half of the networks no trial had a rare spike: their variance is not the least."""
    data = panel()
    data["variance"] = data["variance"].copy()
    data["variance"][0, 2, 0, :5], data["effective"][0, 2, 0, :5] = 0.0, 3.0
    data["projection"][0, 2, 0, :5] = 0.0
    pooled = choice.pooled(data)
    assert pooled["few_carry"][:, 0].tolist() == [0, 0, 5, 0]
    assert pooled["typical_variance"][2, 0] == 5.0
    # A z-score of 20 is not one; what is judged is the rest.
    assert pooled["max_abs_z"][2, 0] == pytest.approx(2.0)
    data["effective"][0, 2, 0, :7] = 3.0
    assert np.isinf(choice.pooled(data)["typical_variance"][2, 0])


def test_intervals_of_medians_hold_the_median_as_often_as_they_say():
    rng = np.random.default_rng(0)
    low, high = choice.median_interval(rng.exponential(size=(4_000, 30)))
    median = np.log(2)
    # 95.7 % by the binomial distribution; the next narrower interval has 90.1 %.
    assert np.mean((low <= median) & (median <= high)) == pytest.approx(0.957, abs=0.012)
    assert np.isnan(choice.median_interval(np.zeros((2, 5)))).all()


def chosen(scope, key="best", **kwargs):
    best = choice.pooled(panel(**kwargs))[key][scope, 0]
    return ["all paths" if i == choice.ALL_PATHS else NAMES[i] for i in best]


ANYWHERE, LAYERS = 0, 1


def test_bias_wins_at_small_budgets_and_loses_at_large_ones():
    assert chosen(ANYWHERE)[0] == "surrogate"
    assert chosen(ANYWHERE)[2] == "score_function"
    assert chosen(ANYWHERE)[4] == "all paths"  # 2^12 paths
    assert chosen(ANYWHERE, sites=30)[4] == "score_function"


def test_rivals_are_those_that_pairs_of_networks_do_not_tell_apart():
    noise = np.resize([0.01, -0.01], 12)
    data = panel(variance=(1.0, 3.0, 5.0, 50.0))
    score, disarm = (data["aligned"][0, NAMES.index(n), 0] for n in ("score_function", "disarm"))
    disarm[:, 2] = score[:, 2] - 0.001 + noise
    pooled = choice.pooled(data)
    assert NAMES[pooled["best"][LAYERS, 0, 2]] == "score_function"
    rivals = pooled["rivals"][:, :, 0, 2]
    assert [NAMES[i] for i in np.flatnonzero(rivals[LAYERS])] == ["disarm"]
    assert not rivals[ANYWHERE].any()


def test_advice_is_what_fails_least_where_it_fails_most():
    """At one slope and two depths: the surrogate is ahead in one cell, and fails in the other."""
    data = repeated(2)
    data["aligned"][0, 0, 0], data["aligned"][0, 0, 1] = 0.99, 0.1
    pooled = choice.pooled(data)
    budget = list(BUDGETS).index(1_000)
    assert NAMES[pooled["best"][ANYWHERE, 0, budget]] == "score_function"
    assert NAMES[pooled["best"][ANYWHERE, 0, 1]] == "surrogate"
    assert NAMES[pooled["advised"][ANYWHERE, 0, 1]] == "score_function"
    assert pooled["betas"].tolist() == [4.0]
    # Enumeration does the first cell: only the second counts.
    data["sites"][0] = 3, 30
    data["aligned"][0, 0, 0], data["aligned"][0, 0, 1] = 0.1, 0.99
    pooled = choice.pooled(data)
    assert NAMES[pooled["advised"][ANYWHERE, 0, 1]] == "surrogate"
    # By low networks it is another.
    data["aligned"][0, 0, 1, :2] = -0.5
    pooled = choice.pooled(data)
    assert NAMES[pooled["advised"][ANYWHERE, 0, 1]] == "surrogate"
    assert NAMES[pooled["advised_low"][ANYWHERE, 0, 1]] == "score_function"
