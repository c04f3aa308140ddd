"""Replays that stop early: unbiased if at random and weighed, biased if not, and cheaper."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.estimators.block_replays import BlockReplays
from snn.estimators.suffix_replays import SuffixReplays
from snn.estimators.truncated_replays import TruncatedReplays
from snn.stats import flatten_trials, mean_and_se, z_score
from snn.value_object import value_object
from tests.snn.problems import BATCH, assert_unbiased, largest_z
from tests.snn.test_suffix_replays import and_exact, exact, trials


def assert_same(one, other):
    np.testing.assert_allclose(flatten_trials(one.grad), flatten_trials(other.grad), atol=1e-13)
    np.testing.assert_allclose(one.n_evaluations, other.n_evaluations, rtol=1e-14)


@pytest.mark.parametrize("settings", [{"survival": 1.0}, {"survival": 0.0, "horizon": 2}], ids=str)
def test_replays_that_never_stop_are_suffix_replays(settings):
    whole = trials(SuffixReplays, "layers")
    assert np.std(flatten_trials(whole.grad), axis=0).max() > 0.001
    assert_same(trials(TruncatedReplays, "layers", **settings), whole)


@pytest.mark.parametrize(
    "name, survival, horizon", [("recurrent", 0.7, 0), ("layers", 0.7, 0), ("layers", 0.7, 1)]
)
def test_unbiased_if_stopped_at_random(name, survival, horizon):
    each = trials(TruncatedReplays, name, survival=survival, horizon=horizon)
    assert_unbiased(*and_exact(each, name))


def test_batches_change_nothing():
    """Replays of a trial stop when they should, whichever trials and flips run at once."""
    stopped = {"survival": 0.7, "horizon": 0}
    at_once = trials(TruncatedReplays, "recurrent", **stopped)
    first = jax.tree.map(lambda leaf: leaf[: 5 * BATCH], at_once)
    other = {"n_trials": 5 * BATCH, "batch_size": 5 * BATCH, "replay_batch": 1}
    assert_same(trials(TruncatedReplays, "recurrent", **stopped, **other), first)


@value_object
class Unweighted(BlockReplays):
    """The wrong variant: later differences that are not divided by their probability."""

    horizon: Any = 0
    survival: Any = 0.5
    differences = TruncatedReplays.differences

    def _reach(self, j):
        return jnp.ones_like(j, float)


def test_weights_of_one_bias():
    assert largest_z(*and_exact(trials(Unweighted, "recurrent", 10 * BATCH), "recurrent")) > 20


def test_truncation_alone_biases_the_less_the_longer_the_horizon():
    actual = [
        trials(TruncatedReplays, "layers", survival=0.0, horizon=horizon) for horizon in range(3)
    ]
    assert largest_z(*and_exact(actual[0], "layers")) > 20
    means = (np.mean(flatten_trials(each.grad), axis=0) for each in actual)
    truth = exact("layers")
    errors = [np.linalg.norm(mean - truth) / np.linalg.norm(truth) for mean in means]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.05 > 5 * errors[-1]


def test_cost_counts_the_steps_that_run():
    """Three blocks of three, two and one that could run, and four flips in each."""
    for horizon, blocks in ((0, 1 + 1 + 1), (1, 2 + 2 + 1)):
        each = trials(TruncatedReplays, "layers", survival=0.0, horizon=horizon)
        np.testing.assert_allclose(each.n_evaluations, 1 + 4 * blocks / 3, rtol=1e-14)
        estimator = TruncatedReplays(n_blocks=3, survival=0.0, horizon=horizon)
        assert 3 * 4 * float(estimator.runs_per_flip()) == pytest.approx(4 * blocks / 3)


def test_cost_at_random_is_as_expected():
    each = trials(TruncatedReplays, "layers", survival=0.7, horizon=0)
    cost = mean_and_se(each.n_evaluations)
    # Of the first block a mean of 1 + 0.7 + 0.49 blocks of three, and so on; four flips in each.
    assert abs(z_score(cost, 1 + 4 * (2.19 + 1.7 + 1) / 3)) < 5
    per_flip = float(TruncatedReplays(n_blocks=3, survival=0.7).runs_per_flip())
    assert per_flip == pytest.approx((2.19 + 1.7 + 1) / 9)
    assert abs(z_score(cost, 1 + 1.05 * 12 * per_flip)) > 5


def test_numbers_do_not_recompile():
    structures = {
        jax.tree.structure(TruncatedReplays(horizon=horizon, survival=survival))
        for horizon, survival in ((0, 0.5), (1, 0.0))
    }
    assert len(structures) == 1
