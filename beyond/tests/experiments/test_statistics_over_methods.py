"""Intervals and tests against scipy and tables."""

import numpy as np
from scipy import stats

from beyond.experiments.statistics import clopper_pearson, t_test


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
