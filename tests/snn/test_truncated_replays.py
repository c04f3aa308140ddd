"""Replays that stop early: unbiased if at random and weighed, biased if not, and cheaper."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.estimators.block_replays import BlockReplays
from snn.estimators.suffix_replays import SuffixReplays
from snn.estimators.truncated_replays import TruncatedReplays
from snn.stats import Mean, flatten, flatten_trials, z_score
from snn.value_object import value_object
from tests.snn.problems import mlp, moments, recurrent_lif
from tests.snn.test_suffix_replays import layered_lif

PROBLEMS = {
    "recurrent": recurrent_lif(),
    "recurrent, input reset": recurrent_lif(reset_input=True, steps=4),
    "layers": layered_lif(),
}
BLOCKS = {"recurrent": 5, "recurrent, input reset": 2, "layers": 3}
each_problem = pytest.mark.parametrize("name", PROBLEMS)
KEY = jax.random.key(0)


def max_abs_z(name, n_trials=100_000, scale=1.0, of=TruncatedReplays, **settings):
    problem = PROBLEMS[name]
    truth = np.asarray(flatten(snn.ExactEnumeration()(*problem).grad))
    estimator = of(**{"n_blocks": BLOCKS[name], "flips_per_block": 4} | settings)
    estimate = moments(estimator, problem, n_trials)
    return np.abs(z_score(Mean(scale * estimate.mean, scale * estimate.se), truth)).max()


@each_problem
def test_replays_that_never_stop_are_suffix_replays(name):
    program, params = PROBLEMS[name]
    noise = snn.draw_noise(program, params, jax.random.key(0), 500)
    n = BLOCKS[name]
    whole = SuffixReplays(n_blocks=n, flips_per_block=2).per_trial(program, params, noise, KEY)
    assert np.std(flatten_trials(whole.grad), axis=0).max() > 0.001
    for settings in ({"survival": 1.0}, {"survival": 0.0, "horizon": n - 1}):
        estimator = TruncatedReplays(n_blocks=n, flips_per_block=2, **settings)
        each = estimator.per_trial(program, params, noise, KEY)
        np.testing.assert_allclose(
            flatten_trials(each.grad), flatten_trials(whole.grad), atol=1e-13
        )
        np.testing.assert_allclose(each.n_evaluations, whole.n_evaluations, rtol=1e-14)


@pytest.mark.parametrize(
    "name, horizon, survival, n_trials",
    [
        ("recurrent", 0, 0.5, 100_000),
        ("recurrent", 1, 0.7, 100_000),
        ("recurrent, input reset", 0, 0.7, 100_000),
        ("layers", 0, 0.7, 200_000),
    ],
)
def test_unbiased_if_stopped_at_random(name, horizon, survival, n_trials):
    settings = {"horizon": horizon, "survival": survival, "n_trials": n_trials}
    assert max_abs_z(name, **settings) < 5
    assert max_abs_z(name, scale=1.05, **settings) > 5


def test_batches_change_nothing():
    """Replays of a trial stop when they should, whichever trials and flips run at once."""
    problem = recurrent_lif(steps=6)
    noise = snn.draw_noise(*problem, jax.random.key(0), 20)
    at_once = TruncatedReplays(n_blocks=3).per_trial(*problem, noise, KEY)
    one_by_one = TruncatedReplays(n_blocks=3, batch_size=1, replay_batch=3)
    batched = one_by_one.per_trial(*problem, noise, KEY)
    np.testing.assert_allclose(
        flatten_trials(batched.grad), flatten_trials(at_once.grad), atol=1e-13
    )
    np.testing.assert_allclose(batched.n_evaluations, at_once.n_evaluations)


@value_object
class Unweighted(BlockReplays):
    """The wrong variant: later differences that are not divided by their probability."""

    horizon: Any = 0
    survival: Any = 0.5
    differences = TruncatedReplays.differences

    def _reach(self, j):
        return jnp.ones_like(j, float)


def test_weights_of_one_bias():
    assert max_abs_z("recurrent", of=Unweighted) > 20


def test_truncation_alone_biases():
    assert max_abs_z("recurrent", survival=0.0) > 20


def test_bias_falls_with_the_horizon():
    problem = PROBLEMS["recurrent"]
    truth = np.asarray(flatten(snn.ExactEnumeration()(*problem).grad))
    errors = []
    for horizon in range(4):
        estimator = TruncatedReplays(n_blocks=5, flips_per_block=4, horizon=horizon, survival=0.0)
        mean = moments(estimator, problem, 100_000).mean
        errors.append(np.linalg.norm(mean - truth) / np.linalg.norm(truth))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.05 > 5 * errors[-1]


@pytest.mark.parametrize(
    "horizon, survival, blocks", [(0, 0.0, 1 + 1 + 1 + 1), (1, 0.0, 2 + 2 + 2 + 1)]
)
def test_cost_counts_the_steps_that_run(horizon, survival, blocks):
    problem = recurrent_lif(steps=8)
    noise = snn.draw_noise(*problem, jax.random.key(0), 2)
    estimator = TruncatedReplays(n_blocks=4, flips_per_block=2, horizon=horizon, survival=survival)
    assert float(estimator(*problem, noise, KEY).n_evaluations) == 1 + 2 * blocks * 2 / 8
    assert 4 * 2 * float(estimator.runs_per_flip()) == 2 * blocks * 2 / 8


def test_cost_at_random_is_as_expected():
    problem, n = recurrent_lif(steps=8), 20_000
    noise = snn.draw_noise(*problem, jax.random.key(0), n)
    estimator = TruncatedReplays(n_blocks=4, flips_per_block=1, survival=0.5)
    runs = np.asarray(estimator.per_trial(*problem, noise, KEY).n_evaluations)
    se = runs.std() / n**0.5
    # Of the first block a mean of 1 + 1/2 + 1/4 + 1/8 blocks of four, and so on.
    assert abs(runs.mean() - 1 - (1.875 + 1.75 + 1.5 + 1) / 4) < 5 * se
    assert abs(runs.mean() - 1 - 4 * float(estimator.runs_per_flip())) < 5 * se


def test_numbers_do_not_recompile():
    problem = recurrent_lif()
    noise = snn.draw_noise(*problem, jax.random.key(0), 2)
    one, other = (
        TruncatedReplays.per_trial.lower(
            TruncatedReplays(n_blocks=5, horizon=horizon, survival=survival), *problem, noise, KEY
        ).as_text()
        for horizon, survival in ((0, 0.5), (2, 0.0))
    )
    assert one == other


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"survival": -0.1}, r"survival: got -0\.1, expected a probability"),
        ({"survival": 1.5}, r"survival: got 1\.5, expected a probability"),
        ({"survival": float("nan")}, "survival: got nan"),
        ({"horizon": -1}, "horizon: got -1, expected a whole number of blocks"),
        ({"horizon": 0.5}, r"horizon: got 0\.5, expected a whole number of blocks"),
    ],
)
def test_numbers_out_of_range(settings, message):
    with pytest.raises(ValueError, match=message):
        TruncatedReplays(**settings)


def test_refuses_what_it_cannot_replay():
    noise = snn.draw_noise(*mlp(), jax.random.key(0), 2)
    with pytest.raises(ValueError, match=r"TruncatedReplays: got MLP, expected a snn\.LIFNetwork"):
        TruncatedReplays()(*mlp(), noise, KEY)
    noise = snn.draw_noise(*recurrent_lif(), jax.random.key(0), 2)
    with pytest.raises(ValueError, match="got 2, expected a divisor of 5, the number of time"):
        TruncatedReplays(n_blocks=2)(*recurrent_lif(), noise, KEY)
