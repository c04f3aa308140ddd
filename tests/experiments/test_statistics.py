"""Intervals and tests against scipy, tables and simulations; a wrong unit finds too much."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import (
    accuracy_interval,
    holm,
    holm_levels,
    mean_interval,
    pooled_mean,
    pooled_rms,
    quartiles,
)

SEEDS = np.array([0.90, 0.91, 0.92, 0.93, 0.94])


def test_a_mean_has_students_interval():
    values = np.random.default_rng(0).normal(size=(8, 3))
    values[2:4, 1] = np.nan
    for i, actual in enumerate(mean_interval(values)):
        finite = values[np.isfinite(values[:, i]), i]
        low, high = stats.t.interval(0.95, len(finite) - 1, finite.mean(), stats.sem(finite))
        np.testing.assert_allclose(actual, [finite.mean(), low, high])
    np.testing.assert_array_equal(mean_interval(values.T, axis=-1), mean_interval(values))


def test_of_one_value_or_none_there_is_no_interval():
    one, none = mean_interval(np.array([[2.0, np.nan], [np.nan, np.nan]]))
    assert one[0] == 2.0 and np.isnan(one[1:]).all() and np.isnan(none).all()


def test_quartiles_of_nothing_are_unknown():
    assert np.isnan(quartiles(np.zeros((0, 4, 5)))).all()
    assert quartiles(np.zeros((3, 4, 5))).shape == (4, 3, 5)


def test_intervals_are_wilsons_for_one_seed_and_students_for_several():
    interval = accuracy_interval
    assert interval(np.array([0.9]), 50) == pytest.approx((0.7864, 0.9565), abs=5e-4)
    half = 2.776 * SEEDS.std(ddof=1) / 5**0.5
    assert interval(SEEDS, 50) == pytest.approx((0.92 - half, 0.92 + half), abs=1e-5)
    # The normal quantile would make five seeds look a third surer than they are.
    wrong = stats.norm.ppf(0.975) * SEEDS.std(ddof=1) / 5**0.5
    assert interval(SEEDS, 50)[1] - 0.92 > 1.3 * wrong


def test_holm_multiplies_the_smallest_by_all_and_the_next_by_the_rest():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, np.nan]), [0.03, 0.06, 0.06, np.nan])
    np.testing.assert_allclose(holm([0.6, 0.02]), [0.6, 0.04])
    # Uncorrected, one of 20 true hypotheses is rejected in most families.
    p = np.random.default_rng(4).uniform(size=(500, 20))
    rejected = np.mean([holm(row).min() < 0.05 for row in p])
    assert rejected < 0.08 and np.mean(p.min(axis=1) < 0.05) > 0.5


def test_holm_is_the_closure_of_bonferronis_test():
    """A comparison counts if every family that contains it has a difference by Bonferroni's rule.

    Among p-values at random are those that lie between thresholds of different ranks: a comparison
    after the first undecided one is undecided, whatever its own threshold.
    """
    by_rank_alone = []
    for p in 0.08 * np.random.default_rng(5).uniform(size=(300, 4)) ** 2:
        families = [[i for i in range(4) if n >> i & 1] for n in range(1, 16)]
        bonferroni = {tuple(f): min(1.0, len(f) * p[f].min()) for f in families}
        closed = [max(q for f, q in bonferroni.items() if i in f) for i in range(4)]
        np.testing.assert_allclose(holm(p), closed)
        decided = np.array(closed) <= 0.05
        np.testing.assert_array_equal(p <= 1 - holm_levels(p), decided)
        # All that remain undecided are shown alike.
        assert len(set(holm_levels(p)[~decided])) <= 1
        thresholds = 0.05 / (4 - np.argsort(np.argsort(p)))
        by_rank_alone.append(((p <= thresholds) == decided).all())
    assert 0.5 < np.mean(by_rank_alone) < 0.98


def test_quartiles_are_over_tasks():
    """Nine tasks, of which quartiles are the third, fifth and seventh in order."""
    values = np.random.default_rng(0).permutation(9)[:, None] * np.array([1.0, 10.0])
    np.testing.assert_allclose(quartiles(values), [[2, 4, 6], [20, 40, 60]])


def test_independent_seeds_are_pooled_by_their_variances():
    """Errors 3 and 4 of two seeds: 5 of their sum, half of it of their mean."""
    mean, se = pooled_mean(np.array([[1.0, 10.0], [3.0, 20.0]]), np.array([[3.0, 0.3], [4.0, 0.4]]))
    np.testing.assert_allclose(mean, [2, 15])
    np.testing.assert_allclose(se, [2.5, 0.25])
    # Of four seeds alike it is half of one's.
    np.testing.assert_allclose(pooled_mean(np.ones(4), np.full(4, 6.0))[1], 3)
    np.testing.assert_allclose(pooled_rms(np.array([[1.0, 0.0], [-7.0, 0.0]])), [5, 0])
