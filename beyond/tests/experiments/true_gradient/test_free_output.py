"""An output averaged out keeps the expected loss and its gradient, and has less variance."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.true_gradient.free_output import ExpectedVanRossum, FreeOutput
from snn.stats import flatten, z_score
from tests.snn.problems import Problem, moments

STEPS = 6
TARGET = jnp.array([[0.0, 0, 1, 0, 1, 1]]).T
DISTANCE = snn.losses.VanRossum(TARGET, tau_mem=4e-3, tau_syn=2e-3)


def problem(averaged, loss, recurrent=False):
    """One hidden and one output neuron: 12 sites, or 6."""
    neuron = snn.LIF(tau_mem=4e-3, tau_syn=2e-3)
    lif = snn.LIFNetwork((2, 1, 1), snn.escape.Sigmoid(3.0), neuron, recurrent=recurrent)
    x = jnp.ones((STEPS, 2)).at[1::2, 1].set(0.0)
    params = [{"w": jnp.array([[2.5], [1.8]])}, {"w": jnp.array([[4.0]])}]
    if recurrent:
        params = [layer | {"rec": jnp.array([[1.5]])} for layer in params]
    return Problem(snn.Program(FreeOutput(lif, averaged), x, loss), params)


@pytest.mark.parametrize("recurrent", [False, True])
def test_expected_loss_and_gradient_stay(recurrent):
    sampled = snn.ExactEnumeration()(*problem(False, DISTANCE, recurrent))
    averaged = snn.ExactEnumeration()(*problem(True, ExpectedVanRossum(DISTANCE), recurrent))
    assert float(averaged.loss) == pytest.approx(float(sampled.loss), rel=1e-12)
    np.testing.assert_allclose(flatten(averaged.grad), flatten(sampled.grad), atol=1e-13)


@pytest.mark.parametrize("recurrent", [False, True])
def test_hidden_layers_are_those_of_the_network(recurrent):
    program, params = problem(False, DISTANCE, recurrent)
    noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(program, params, jax.random.key(0), 1))
    hidden = program(params, noise, snn.Spike()).trace[0]
    _, trace = program.network.network(params, program.x, noise, snn.Spike())
    np.testing.assert_array_equal(hidden.s, trace[0].s)
    np.testing.assert_array_equal(hidden.v, trace[0].v)
    assert 0 < hidden.s.mean() < 1


def test_a_network_without_a_hidden_layer_keeps_its_expected_loss():
    lif = snn.LIFNetwork((2, 1), snn.escape.Sigmoid(3.0), snn.LIF(tau_mem=4e-3, tau_syn=2e-3))
    x, params = jnp.ones((STEPS, 2)), [{"w": jnp.array([[2.5], [1.8]])}]
    sampled = snn.ExactEnumeration()(snn.Program(FreeOutput(lif), x, DISTANCE), params)
    averaged = snn.Program(FreeOutput(lif, averaged=True), x, ExpectedVanRossum(DISTANCE))
    run = averaged(params, snn.noise.Uniforms(()), snn.Spike())
    assert run.trace == ()
    assert float(run.loss) == pytest.approx(float(sampled.loss), rel=1e-12)


def test_the_loss_of_the_probabilities_alone_does_not():
    sampled = snn.ExactEnumeration()(*problem(False, DISTANCE))
    wrong = snn.ExactEnumeration()(*problem(True, DISTANCE))
    assert float(wrong.loss) < 0.9 * float(sampled.loss)
    assert snn.stats.relative_error(wrong.grad, sampled.grad) > 0.05


@pytest.mark.parametrize("estimator", [snn.StochasticAD(n_flips=3), snn.ScoreFunction()], ids=repr)
def test_unbiased_estimates_stay_so_and_vary_less(estimator):
    truth = np.asarray(flatten(snn.ExactEnumeration()(*problem(False, DISTANCE)).grad))
    averaged = moments(estimator, problem(True, ExpectedVanRossum(DISTANCE)), 20_000)
    assert np.abs(z_score(averaged, truth)).max() < 5
    assert np.abs(z_score(averaged, 1.1 * truth)).max() > 5
    sampled = moments(estimator, problem(False, DISTANCE), 20_000)
    # The score function's variance is mostly that of the hidden neuron, which is still sampled.
    assert jnp.linalg.norm(averaged.se) < 0.9 * jnp.linalg.norm(sampled.se)
    assert averaged.se[-1] < 0.5 * sampled.se[-1]


def test_sampled_under_counter_noise_too():
    noise = snn.noise.Counter.sample(jax.random.key(0), 4000)
    program, params = problem(False, DISTANCE)
    runs = jax.vmap(lambda xi: program(params, xi, snn.Spike()))(noise)
    exact = snn.ExactEnumeration()(program, params).loss
    assert abs(z_score(snn.stats.mean_and_se(runs.loss), exact)) < 5
