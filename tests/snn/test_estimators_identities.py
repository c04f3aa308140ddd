"""Identities between estimators, sample by sample, and the pairs for which they do not hold."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from snn.coupling import Left, StraightThrough, TwoSided
from snn.estimators.score_function import NoBaseline
from snn.stats import flatten, flatten_trials
from tests.snn.problems import BATCH, PROBLEMS, exact, mlp, moments, perceptron, recurrent_lif

CONSTANT = Partial(jnp.full_like, fill_value=0.7)


def per_trial(estimator, program, params, n_trials=64):
    """Gradients of single trials, ``(trial, parameter)``, under the same noise for all."""
    noise = snn.draw_noise(program, params, jax.random.key(0), n_trials)
    return np.asarray(flatten_trials(estimator.per_trial(program, params, noise).grad))


def gradient(estimator, program, params):
    return np.asarray(flatten(estimator(program, params).grad))


@pytest.mark.parametrize(
    ("name", "reset"),
    [
        ("mlp", snn.detached),
        ("lif", snn.through),
        ("lif, input reset", snn.detached),
        ("lif, subtractive reset", snn.through),
    ],
)
def test_matched_surrogate_is_smoothed_straight_through(name, reset):
    surrogate = per_trial(snn.Surrogate(reset=reset), *PROBLEMS[name])
    smoothed = per_trial(snn.SmoothedStochasticAD(StraightThrough(), reset), *PROBLEMS[name])
    np.testing.assert_allclose(smoothed, surrogate, atol=1e-13)
    assert np.abs(surrogate).max() > 0.1


def test_matched_surrogate_is_no_other_coupling_and_an_unmatched_one_is_none():
    smoothed = per_trial(snn.SmoothedStochasticAD(StraightThrough()), *mlp())
    for other in (snn.SmoothedStochasticAD(Left()), snn.Surrogate(snn.surrogate.SuperSpike(2.0))):
        assert np.abs(per_trial(other, *mlp()) - smoothed).max() > 0.01 * np.abs(smoothed).max()


def exponential_network(theta, delta_u=0.8):
    """Two layers of exponential escape noise; the higher theta, the further from the clip."""
    network = snn.MLP((2, 3, 1), snn.escape.Exponential(delta_u), theta=theta)
    params = mlp().params[:1] + [{"w": jnp.array([[0.3], [0.2], [-0.4]]), "b": jnp.zeros(1)}]
    return snn.Program(network, mlp().program.x, snn.losses.Linear()), params


def test_multilayer_spiker_is_the_left_coupling_of_exponential_noise_below_the_clip():
    spiker = snn.Surrogate(snn.surrogate.MultilayerSpiker(0.8))
    left = snn.SmoothedStochasticAD(Left())
    below = exponential_network(theta=1.0)
    np.testing.assert_allclose(per_trial(spiker, *below), per_trial(left, *below), atol=1e-14)
    assert np.abs(per_trial(spiker, *below)).max() > 0.1
    clipped = exponential_network(theta=0.0)
    assert np.abs(per_trial(spiker, *clipped) - per_trial(left, *clipped)).max() > 0.1


def quadratic(output):
    """A quadratic form that mixes the spikes of a layer."""
    matrix = jnp.array([[1.0, 0.7, -0.4], [0.7, -0.5, 0.9], [-0.4, 0.9, 0.3]])
    return output @ matrix @ output + output @ jnp.array([0.2, -0.6, 0.1])


def cubic(output):
    return jnp.sum(output) ** 3


def test_smoothed_two_sided_is_exact_for_a_quadratic_loss_of_one_layer():
    def error(coupling, loss):
        network = snn.MLP((2, 3), snn.escape.Sigmoid(2.0))
        program = snn.Program(network, mlp().program.x, jax.tree_util.Partial(loss))
        params = mlp().params[:1]
        truth = exact((program, params))
        smoothed = gradient(snn.Expected(snn.SmoothedStochasticAD(coupling)), program, params)
        return np.abs(smoothed - truth).max()

    assert error(TwoSided(), quadratic) < 1e-12
    assert error(StraightThrough(), quadratic) > 0.01
    assert error(Left(), quadratic) > 0.01
    assert error(TwoSided(), cubic) > 0.01


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        ("mlp", NoBaseline()),
        ("lif", CONSTANT),
        ("lif, input reset", CONSTANT),
    ],
    ids=["mlp", "lif", "lif, input reset"],
)
def test_the_expected_score_function_is_exact(name, baseline):
    truth = exact(PROBLEMS[name])
    actual = gradient(snn.Expected(snn.ScoreFunction(baseline)), *PROBLEMS[name])
    np.testing.assert_allclose(actual, truth, atol=1e-12)
    assert np.abs(1.05 * actual - truth).max() > 1e-3


@pytest.mark.parametrize(
    "estimator",
    [snn.Surrogate(snn.surrogate.SuperSpike(5.0)), snn.SmoothedStochasticAD(Left())],
    ids=["superspike", "left"],
)
def test_expected_is_the_mean_of_samples(estimator):
    loss = snn.ExactEnumeration()(*recurrent_lif()).loss
    assert snn.Expected(estimator)(*recurrent_lif()).loss == pytest.approx(float(loss), rel=1e-12)
    expected = gradient(snn.Expected(estimator), *recurrent_lif())
    sampled = moments(estimator, recurrent_lif(), 20 * BATCH)
    assert np.abs(snn.stats.z_score(sampled, expected)).max() < 5
    assert np.abs(snn.stats.z_score(sampled, 1.05 * expected)).max() > 5


def test_one_neuron_stochastic_ad_is_exact_in_every_sample():
    truth = exact(perceptron())
    samples = per_trial(snn.StochasticAD(StraightThrough()), *perceptron())
    np.testing.assert_allclose(samples, np.broadcast_to(truth, samples.shape), rtol=1e-12)


@pytest.mark.parametrize("name", ["mlp", "lif"])
def test_steep_escape_noise_gives_the_deterministic_surrogate_gradient(name):
    """At a fixed surrogate slope, the stochastic network tends to the deterministic one."""
    problem = PROBLEMS[name]
    surrogate = snn.surrogate.SuperSpike(5.0)
    deterministic = per_trial(snn.Surrogate(surrogate, snn.threshold), *problem)
    distance = []
    for beta in (3.0, 30.0, 1e5):
        network = type(problem.program.network)(
            **(vars(problem.program.network) | {"escape": snn.escape.Sigmoid(beta)})
        )
        program = snn.Program(network, problem.program.x, problem.program.loss)
        sampled = per_trial(snn.Surrogate(surrogate), program, problem.params)
        distance.append(np.linalg.norm(sampled - deterministic) / np.linalg.norm(deterministic))
    assert distance[0] > 0.1
    assert distance[0] > distance[1] > distance[2]
    assert distance[2] < 1e-12
