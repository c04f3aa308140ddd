"""The term on firing rates: it acts on quiet neurons alone, and brings silent neurons back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times import learning, learning_tasks
from beyond.experiments.spike_times.first_spikes import FIRST, draw
from beyond.experiments.spike_times.learning import Learning
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT, responses
from beyond.experiments.spike_times.stepped import Backward, StepSettings, run
from beyond.experiments.spike_times.training import ARMS, judge, term_gradient, train

QUIET = StepSettings(0.5, float("inf"), Backward.TIMES)


@pytest.fixture(autouse=True)
def small_and_in_single_precision(monkeypatch):
    monkeypatch.setattr(learning, "WIDTH", 4)
    with jax.enable_x64(False):
        yield


def gradient(task, wanted, strength=1.0):
    pair = jnp.array([strength, wanted])
    return term_gradient(task.params, QUIET, task, jax.random.key(0), pair)


def counts(params, task):
    noise = jnp.ones((len(task.inputs[0]) + 1, len(params["hidden"]) + len(params["output"])))
    return np.asarray(run(QUIET, params, task.inputs, noise).hidden.fired.sum(axis=0))


def test_neurons_that_spike_often_enough_have_no_term():
    task = learning_tasks.draw("active", jax.random.key(1), 0.5)
    spikes, term = counts(task.params, task), np.asarray(gradient(task, 1.0)["hidden"])
    assert (spikes >= 1).any() and np.all(term[spikes >= 1] == 0)


def test_a_silent_neuron_is_pushed_along_the_response_at_its_largest_potential():
    task = learning_tasks.draw(SILENT, jax.random.key(1), 0.5)
    assert counts(task.params, task).sum() == 0
    response = np.asarray(responses(task.inputs, 0.5))
    highest = np.argmax(response @ np.asarray(task.params["hidden"]).T, axis=0)
    term = np.asarray(gradient(task, 3.0, strength=0.1)["hidden"])
    assert np.allclose(term, 0.1 * (0 - 3) * response[highest], rtol=1e-4)


def test_training_with_the_term_brings_silent_neurons_back_and_without_does_not():
    draws = [learning_tasks.draw(SILENT, jax.random.key(i), 0.5) for i in range(2)]
    tasks = jax.tree.map(lambda *xs: jnp.stack(xs), *draws)
    keys = jnp.stack([jax.random.key(5)] * 2)
    for term, awake in ((None, False), (jnp.array([1.0, 3.0]), True)):
        weights = train(QUIET, (1, 40, 1), jnp.float32(0.03), tasks, keys, term)
        end = jax.tree.map(lambda w: w[0, -1], weights)
        assert (counts(end, draws[0]).sum() > 0) == awake


def test_options_are_rates_for_arms_without_the_term():
    config = Learning(
        arms=["event_based", "event_based_term"], n_updates=10, tuning_seeds=[1, 2], seeds=[3]
    )
    (row,) = config.compute_many([3])
    tried = np.isfinite(row["tuning"]).all(axis=(2, 3)).sum(axis=1)
    assert list(tried) == [5, 30] and ARMS["event_based_term"].term


@pytest.mark.parametrize(("task", "n_trials"), [(ACTIVE, 2), (FIRST, 1)])
def test_a_seed_alone_and_among_others_has_the_same_bits(task, n_trials):
    """Training amplifies rounding, which depends on the width of a vectorised program."""
    settings = {"arms": ["event_based_term", "broad"], "n_updates": 10, "tuning_seeds": [1, 2]}
    settings |= {"rates": [0.01, 0.1], "strengths": [1.0], "wanted": [3.0]}
    config = Learning(task=task, n_trials=n_trials, seeds=[4], **settings)
    among, (alone,) = config.compute_many([3, 4, 5, 6, 7, 8]), config.compute_many([4])
    for name, values in alone.items():
        np.testing.assert_array_equal(values, among[1][name], strict=True)
    assert np.any(among[1]["loss"] != among[2]["loss"])


def test_a_neuron_is_dead_if_it_is_silent_in_every_judging_trial_of_every_sample():
    key = jax.random.key(1)
    for draws in (learning_tasks.draw(SILENT, key, 0.5), draw(key, 0.5)):
        still = jax.tree.map(jnp.zeros_like, draws.params)
        one_awake = still | {"hidden": still["hidden"].at[3].set(draws.params["hidden"][3] * 50)}
        for params, n in ((still, 0), (one_awake, 1)):
            weights, tasks = (
                jax.tree.map(lambda x: jnp.stack([x, x])[None], params),
                jax.tree.map(lambda x: x[None], draws),
            )
            size = len(params["hidden"]) + len(params["output"])
            *_, share = judge(QUIET, weights, tasks, jax.random.key(0)[None])
            assert np.isclose(share[0, -1], 1 - n / size)
