"""Networks that can be enumerated: exact gradients agree with oracles, samples with their means."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.lif.enumerable import Sizes, draw_task, mean_response
from beyond.experiments.lif.enumerated_training import (
    ARMS,
    FLOOR,
    EnumeratedTraining,
    observe,
    scaled,
)

SIZES = Sizes(2, 3, 4, 2, 1)
BETA = 2.0


@pytest.fixture(scope="module")
def task():
    return draw_task(SIZES, jax.random.key(3))


@pytest.fixture(scope="module")
def program(task):
    return jax.tree.map(lambda leaf: leaf[0], task.programs(BETA))


def test_mean_response_is_the_sum_of_derivatives_of_probabilities(task, program):
    weight = jnp.array([[1.0], [-2.0], [0.5]])
    linear = snn.Program(program.network, program.x, snn.losses.Linear(weight))
    exact = snn.ExactEnumeration()(linear, task.params).grad
    ours = jax.grad(lambda p: jnp.sum(weight * mean_response(program, p)))(task.params)
    for name in exact:
        np.testing.assert_allclose(ours[name], exact[name], rtol=1e-4, atol=1e-6)


def test_both_losses_before_training():
    """The expected loss is that of enumeration, the other one is lower by half the variance."""
    one = EnumeratedTraining(seeds=[5], n_tasks=2, n_tuning=1, patterns=2, beta=BETA)
    tasks, _ = one.tasks(5)
    losses, _ = jax.vmap(lambda task: observe(task, BETA))(tasks)
    expected, of_response = losses.T
    first = jax.tree.map(lambda leaf: leaf[0], tasks)
    each = [
        snn.ExactEnumeration()(
            jax.tree.map(lambda x, i=i: x[i], first.programs(BETA)), first.params
        )
        for i in range(2)
    ]
    np.testing.assert_allclose(expected[0], np.mean([e.loss for e in each]), rtol=1e-5)
    assert (of_response < expected).all()


@pytest.mark.parametrize(
    ("sampled", "mean", "wrong"),
    [
        ("stochastic_ad", "exact_of_expected", "mean_of_broad"),
        ("stochastic_ad_of_response", "exact_of_response", "exact_of_expected"),
        ("broad", "mean_of_broad", "exact_of_expected"),
        ("matched", "mean_of_matched", "mean_of_broad"),
    ],
)
def test_samples_have_the_mean_of_their_arm(sampled, mean, wrong, task, program):
    keys = jax.random.split(jax.random.key(1), 4000)

    def gradient(arm, key):
        return ARMS[arm](program, task.params, key, BETA, 8)

    each = snn.stats.flatten_trials(jax.jit(jax.vmap(lambda k: gradient(sampled, k)))(keys))
    estimate = snn.stats.mean_and_se(each)
    z = lambda arm: np.abs(  # noqa: E731
        snn.stats.z_score(estimate, snn.stats.flatten(gradient(arm, keys[0])))
    ).max()
    assert z(mean) < 5
    assert z(wrong) > 5


def test_training_lowers_the_loss_and_an_option_is_a_scale_and_a_rate():
    one = EnumeratedTraining(
        seeds=[5],
        n_tasks=2,
        n_tuning=2,
        arms=["exact_of_expected"],
        scales=[1.0, 2.0],
        rates=[0.03, 0.1],
        n_updates=60,
    )
    data = one.compute(5)
    judged, _ = one.tasks(5)
    log_loss = data["log_loss"][0, 0]
    first, _ = jax.vmap(lambda task: observe(task, one.beta))(judged)
    assert (np.exp(np.nanmin(log_loss, axis=(0, 1))) < first[:, 0]).all()
    losses, _ = one.trained("exact_of_expected", 2, judged)
    again, _ = one.trained("exact_of_expected", 0, scaled(judged, 2.0))
    np.testing.assert_allclose(losses, again, rtol=1e-4)
    assert (log_loss[~np.isnan(log_loss)] >= np.log(np.float32(FLOOR))).all()


def test_too_many_patterns_are_refused():
    with pytest.raises(ValueError, match="up to 12"):
        EnumeratedTraining(steps=4, n_hidden=3)
    with pytest.raises(ValueError, match="more flips than sites"):
        EnumeratedTraining(steps=2, passes=8)
