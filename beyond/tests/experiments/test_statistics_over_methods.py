"""Intervals and tests against scipy, tables and simulations; a wrong unit finds too much."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from beyond.experiments.statistics import (
    clopper_pearson,
    rank_correlations,
    rank_test,
    t_test,
)
from experiments.statistics import mean_interval


def test_p_values_are_those_of_students_test_in_pairs():
    first, second = np.random.default_rng(1).normal(size=(2, 7))
    np.testing.assert_allclose(t_test(first - second), stats.ttest_rel(first, second).pvalue)
    assert np.isnan(t_test(first[:1]))


def test_clopper_and_pearson():
    """Tabulated: none, 9 and all of 90."""
    low, high = clopper_pearson(np.array([0.0, 9.0, 90.0]), 90)
    np.testing.assert_allclose(low, [0, 0.0468, 0.9598], atol=1e-4)
    np.testing.assert_allclose(high, [0.0402, 0.1814, 1], atol=1e-4)
    # The normal interval of 9 begins below.
    assert 0.1 - 1.96 * (0.1 * 0.9 / 90) ** 0.5 < low[1] - 0.005


@pytest.mark.parametrize("seed", range(3))
def test_rank_correlation_is_spearmans_also_with_ties(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 4, (2, 9)).astype(float)
    np.testing.assert_allclose(rank_correlations(x, y), stats.spearmanr(x, y).statistic)
    x[0] = np.nan
    np.testing.assert_allclose(rank_correlations(x, y), stats.spearmanr(x[1:], y[1:]).statistic)


def test_p_is_that_of_all_permutations_of_methods():
    x, y = np.random.default_rng(1).normal(size=(2, 3, 5))

    def size(order):
        pairs = zip(x, y[:, order.astype(int)], strict=True)
        return abs(np.mean([stats.spearmanr(*pair).statistic for pair in pairs]))

    exact = stats.permutation_test(
        (np.arange(5),), size, permutation_type="pairings", alternative="greater", n_resamples=120
    )
    result = rank_test(x, y)
    np.testing.assert_allclose([result.p, abs(result.correlation)], [exact.pvalue, exact.statistic])
    # One left out, and a method that is unknown takes no part.
    left_out = [rank_test(*(np.delete(v, i, axis=1) for v in (x, y))).correlation for i in range(5)]
    np.testing.assert_allclose([result.low, result.high], [min(left_out), max(left_out)])
    x[:, 2] = np.nan
    np.testing.assert_allclose(rank_test(x, y).correlation, left_out[2])
    assert rank_test(x, y).p >= 1 / 24
    # No method at all, as where none is biased.
    assert np.isnan(rank_test(np.full((3, 5), np.nan), y)[:4]).all()


@pytest.mark.parametrize("missing", ["x", "y"])
def test_permutations_are_ranked_anew_if_a_task_has_no_value_of_a_method(missing):
    values = dict(zip("xy", np.random.default_rng(1).normal(size=(2, 3, 5)), strict=True))
    values[missing][1, 3] = np.nan
    x, y = values["x"], values["y"]
    permuted = (rank_correlations(x, y[:, order]) for order in permutations(range(5)))
    sizes = np.abs([each.mean() for each in permuted]).round(9)
    assert rank_test(x, y).p == np.mean(sizes >= sizes[0])


def made(rng, slope, n_tasks=8, n_methods=6):
    """Alignment and learning of methods that differ, in tasks that differ little.

    What a method is like is the same in all tasks: so is any chance agreement of the two.
    """
    alignment, learning = rng.normal(size=(2, 1, n_methods))
    learning = slope * alignment + learning * (1 - slope**2) ** 0.5
    noise = 0.5 * rng.normal(size=(2, n_tasks, n_methods))
    return alignment + noise[0], learning + noise[1]


def rates(slope, n=200):
    """How often permutations of methods, and the interval over tasks, find a relation."""
    rng = np.random.default_rng(3)
    tests = [rank_test(*made(rng, slope)) for _ in range(n)]
    intervals = [mean_interval(test.each) for test in tests]
    return (
        np.mean([test.p < 0.05 for test in tests]),
        np.mean([low > 0 or high < 0 for _, low, high in intervals]),
    )


def test_where_methods_are_exchangeable_an_interval_over_tasks_finds_too_much():
    over_methods, over_tasks = rates(slope=0.0)
    # 10 of 200 are expected to fall below 0.05, more than 20 once in 500.
    assert over_methods <= 0.1
    # The wrong unit: the same six methods in eight tasks are not 48 methods.
    assert over_tasks > 0.3


def test_where_alignment_predicts_learning_it_is_found():
    over_methods, _ = rates(slope=0.98)
    assert over_methods > 0.7
