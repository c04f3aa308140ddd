"""Intervals over tasks, against scipy."""

import numpy as np
from scipy import stats

from experiments.true_gradient.intervals import (
    mean_interval,
    paired_p_values,
    paired_ratios,
    quartiles,
)


def test_a_mean_has_students_interval():
    values = np.random.default_rng(0).normal(size=(8, 3))
    values[2:4, 1] = np.nan
    for i, found in enumerate(mean_interval(values)):
        known = values[np.isfinite(values[:, i]), i]
        low, high = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
        np.testing.assert_allclose(found, [known.mean(), low, high])


def test_of_one_value_or_none_there_is_no_interval():
    one, none = mean_interval(np.array([[2.0, np.nan], [np.nan, np.nan]]))
    assert one[0] == 2.0 and np.isnan(one[1:]).all() and np.isnan(none).all()


def test_ratios_are_those_of_pairs():
    values = np.exp(np.random.default_rng(1).normal(size=(7, 2)))
    mean, low, high = paired_ratios(values)[0, 1]
    test = stats.ttest_rel(*np.log(values.T)).confidence_interval()
    np.testing.assert_allclose([low, high], np.exp([test.low, test.high]))
    np.testing.assert_allclose(mean, stats.gmean(values[:, 0] / values[:, 1]))
    p = paired_p_values(values)
    np.testing.assert_allclose([p[0, 1], p[1, 0]], stats.ttest_rel(*np.log(values.T)).pvalue)
    assert np.isnan(p[0, 0]) and np.isnan(paired_p_values(values[:1])).all()


def test_quartiles_of_nothing_are_unknown():
    assert np.isnan(quartiles(np.zeros((0, 4, 5)))).all()
    assert quartiles(np.zeros((3, 4, 5))).shape == (4, 3, 5)
