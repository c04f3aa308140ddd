"""Signs are falsely said to be known in one report of twenty, whatever the number of parameters."""

import numpy as np
import pytest

from snn_tools.jax.direction import FALSE_SIGNS, signs_of, standard_errors
from snn_tools.jax.problem import Batches, Problem

OLD = 4.0
"""Standard errors, whatever the numbers of batches and parameters: the wrong variant."""


def z_scores(rng, shape):
    """z-scores of means of 8 batches of noise, batches first."""
    batches = rng.normal(size=(8, *shape))
    return np.abs(batches.mean(axis=0)) / (batches.std(axis=0, ddof=1) / 8**0.5)


def test_of_51_536_weights_of_noise_no_sign_is_known():
    """At most 6 of 40 reports have one; two or fewer are expected. Four errors find 270 in each."""
    rng = np.random.default_rng(0)
    largest, old = [], []
    for _ in range(40):
        z = z_scores(rng, (51_536,))
        largest.append(z.max())
        old.append((z > OLD).sum())
    assert np.sum(np.array(largest) > standard_errors(8, 51_536)) <= 6
    assert 240 < np.mean(old) < 300


@pytest.mark.parametrize("n_means", [1, 10, 100])
def test_the_probability_of_a_false_sign_is_the_one_that_is_stated(n_means):
    z = z_scores(np.random.default_rng(1), (4000, n_means)).max(axis=1)
    false = np.mean(z > standard_errors(8, n_means))
    assert FALSE_SIGNS == 0.05
    assert abs(false - FALSE_SIGNS) < 4 * (FALSE_SIGNS / 4000) ** 0.5


def test_signs_are_counted_where_both_are_known():
    """One right, one wrong, one lost in noise, beside an exact true gradient."""
    noise = np.random.default_rng(2).normal(size=(8, 3))
    yours = Batches(np.array([1.0, 1.0, 0.0]) + 0.01 * noise, 64, 1.0)
    true = Batches(np.array([[1.0, -1.0, 1.0]]), 1, 1.0)
    problem = Problem(None, {"w": np.zeros(3)})
    assert signs_of(problem, yours, true, set()) == (1, 2)
    assert signs_of(problem, yours, true, {"w"}) == (0, 0)
