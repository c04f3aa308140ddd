"""Flipped sites: drawn right on average and unbiased, found again, forced to the other outcome."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.merge_estimators import merge_estimators
from snn.coupling import Left, StraightThrough
from snn.flips import (
    Independent,
    Stratified,
    Systematic,
    _inverse,
    importance_probabilities,
)
from snn.stats import mean_and_se, z_score
from tests.snn.problems import BATCH, PROBLEMS, assert_unbiased, exact, largest_z, moments

DRAWS = (Independent(), Stratified(), Systematic())
Q = jnp.array([0.02, 0.3, 0.08, 0.25, 0.05, 0.2, 0.1])
N = 4

each_draw = pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: type(draw).__name__)


@cache
def counts(draw):
    """How often each site is drawn, ``(key, site)``."""
    keys = jax.random.split(jax.random.key(3), 40_000)
    counted = lambda key: jax.nn.one_hot(draw(key, Q, N), Q.size).sum(axis=0)  # noqa: E731
    return np.asarray(jax.jit(jax.vmap(counted))(keys))


@each_draw
def test_sites_are_drawn_as_often_as_their_probability_says(draw):
    mean = mean_and_se(counts(draw))
    assert np.abs(z_score(mean, N * Q)).max() < 5
    # Sites in proportion to something else would be noticed.
    assert np.abs(z_score(mean, N * jnp.sqrt(Q) / jnp.sqrt(Q).sum())).max() > 20


def test_dependent_draws_spread():
    """A systematic count is never more than one off its mean; independent counts are."""
    off = {type(draw).__name__: np.abs(counts(draw) - N * np.asarray(Q)).max() for draw in DRAWS}
    assert off["Systematic"] < 1 < off["Independent"]
    variance = {type(draw).__name__: (counts(draw) @ np.arange(7.0)).var() for draw in DRAWS}
    assert max(variance["Systematic"], variance["Stratified"]) < 0.5 * variance["Independent"]


def test_strata_are_drawn_independently():
    """Four strata of five sites: with one shift for all, every stratum would give the same site."""
    q = jnp.full(5 * N, 1 / (5 * N))
    keys = jax.random.split(jax.random.key(4), 40_000)

    def all_alike(draw):
        within = jax.jit(jax.vmap(lambda key: draw(key, q, N)))(keys) % 5
        return mean_and_se((within == within[:, :1]).all(axis=1).astype(float))

    by_chance = 5.0 ** -(N - 1)
    assert abs(z_score(all_alike(Stratified()), by_chance)) < 5
    assert abs(z_score(all_alike(Independent()), by_chance)) < 5
    assert all_alike(Systematic()).mean > 0.999


def test_a_site_without_probability_is_not_drawn():
    """A point on the end of a site's interval belongs to the next site."""
    np.testing.assert_array_equal(
        _inverse(jnp.array([0.0, 0.25, 0.0, 0.75]), jnp.array([0.0, 0.25])), [1, 3]
    )


def test_importance_is_nine_tenths_of_the_weights_share():
    weight = jnp.array([[3.0, -1.0], [0.0, 4.0]])
    expected = 0.9 * np.array([3, 1, 0, 4]) / 8 + 0.1 / 4
    np.testing.assert_allclose(importance_probabilities(weight), expected, rtol=1e-15)
    np.testing.assert_allclose(importance_probabilities(jnp.zeros((2, 2))), 0.25, rtol=1e-15)


@each_draw
def test_rounding_never_leads_out_of_the_sites(draw):
    q = jnp.full(999, 1 / 999, jnp.float32)
    sites = draw(jax.random.key(0), q, 500)
    assert sites.shape == (500,) and sites.min() >= 0 and sites.max() < 999


@cache
def estimate(name, draw, coupling):
    """Moments of a gradient, for the tests that look at them, and the exact one."""
    several = [snn.StochasticAD(coupling, n_flips=4, draw=each) for each in DRAWS]
    estimator = merge_estimators(several, "draw")[DRAWS.index(draw)]  # compiled once for all
    problem = PROBLEMS[name]
    return moments(estimator, problem, 100 * BATCH), exact(problem)


@each_draw
@pytest.mark.parametrize(
    "name, coupling", [("mlp", Left()), ("lif", StraightThrough())], ids=["mlp", "lif"]
)
def test_stochastic_ad_stays_unbiased(name, draw, coupling):
    assert_unbiased(*estimate(name, draw, coupling))


class Lazy(Systematic):
    """The wrong variant: equidistant points that are never shifted."""

    def __call__(self, key, q, n):
        return super().__call__(jax.random.key(0), q, n)


def test_points_that_are_not_shifted_bias():
    jax.tree_util.register_static(Lazy)
    estimate = moments(snn.StochasticAD(n_flips=4, draw=Lazy()), PROBLEMS["lif"], 20 * BATCH)
    assert largest_z(estimate, exact(PROBLEMS["lif"])) > 20


def test_systematic_draws_have_less_variance_in_time_stepped_networks():
    se = {
        type(draw).__name__: jnp.linalg.norm(estimate("lif", draw, StraightThrough())[0].se)
        for draw in DRAWS
    }
    assert se["Systematic"] < 0.9 * se["Independent"]
    assert se["Stratified"] < 0.95 * se["Independent"]
