"""What a matched surrogate gradient is in one neuron, and where that ends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.noise import FIRE, SILENT, Uniforms
from snn.stats import flatten, flatten_trials
from snn.surrogate import Zero
from tests.snn.problems import last_spike

X = jnp.array([1.0, -0.5, 0.8])
PARAMS = [{"w": jnp.array([[0.3], [-0.4], [0.1]]), "b": jnp.array([-0.7])}]
SIGMOID = snn.escape.Sigmoid(3.0)


def neuron(noise, loss):
    return snn.Program(snn.MLP((3, 1), noise), X, loss)


def prob(noise, params):
    return noise.prob(X @ params[0]["w"] + params[0]["b"])[0]


def per_trial(estimator, program, params, n_trials=50):
    noise = snn.draw_noise(program, params, jax.random.key(0), n_trials)
    estimate = estimator.per_trial(program, params, noise)
    assert len(np.unique(estimate.loss)) > 1  # both outcomes are among the trials
    return np.asarray(flatten_trials(estimate.grad))


@pytest.mark.parametrize("noise", [SIGMOID, snn.escape.Exponential(0.8)], ids=repr)
def test_perceptron_every_sample_is_the_derivative_of_the_firing_probability(noise):
    program = neuron(noise, snn.losses.Linear())
    dp = flatten(jax.grad(lambda params: prob(noise, params))(PARAMS))
    samples = per_trial(snn.Surrogate(), program, PARAMS)
    np.testing.assert_allclose(samples, np.broadcast_to(dp, samples.shape), rtol=1e-12)
    np.testing.assert_allclose(flatten(snn.ExactEnumeration()(program, PARAMS).grad), dp, rtol=1e-9)
    mismatched = per_trial(snn.Surrogate(snn.surrogate.SuperSpike(3.0)), program, PARAMS)
    assert np.abs(mismatched / np.asarray(dp) - 1).min() > 0.1


def test_a_nonlinear_loss_of_one_neuron_breaks_the_equality():
    """(S - z)^2: the surrogate gradient is 2 (p - z) p' on average, the exact one (1 - 2 z) p'."""
    z = 0.2
    program = neuron(SIGMOID, jax.tree_util.Partial(lambda output: (output[0] - z) ** 2))
    p = prob(SIGMOID, PARAMS)
    dp = flatten(jax.grad(lambda params: prob(SIGMOID, params))(PARAMS))
    surrogate = flatten(snn.Expected(snn.Surrogate())(program, PARAMS).grad)
    exact = flatten(snn.ExactEnumeration()(program, PARAMS).grad)
    np.testing.assert_allclose(surrogate, 2 * (p - z) * dp, rtol=1e-10)
    np.testing.assert_allclose(exact, (1 - 2 * z) * dp, rtol=1e-10)
    assert np.abs(surrogate / exact - 1).min() > 0.1


def given_own_past(program, params, noise):
    """Derivative of P(S[T] = 1 | own past), the earlier spikes being held to what they were."""

    def one(noise):
        s = program(params, noise, snn.Spike()).trace[0].s
        forced = Uniforms((jnp.where(s > 0.5, FIRE, SILENT),))
        fixed = snn.Spike(snn.sample, Zero())
        return flatten(jax.grad(lambda p: program(p, forced, fixed).trace[0].p[-1, 0])(params))

    return np.asarray(jax.jit(jax.vmap(one))(noise))


@pytest.mark.parametrize("reset_input", [False, True])
def test_lif_every_sample_is_the_derivative_given_the_own_past(reset_input):
    program, params = last_spike(8, reset_input=reset_input), [{"w": jnp.array([[1.0]])}]
    noise = snn.draw_noise(program, params, jax.random.key(0), 50)
    expected = given_own_past(program, params, noise)
    assert len(np.unique(np.round(expected, 9))) > 1  # pasts differ
    samples = per_trial(snn.Surrogate(reset=snn.detached), program, params)
    np.testing.assert_allclose(samples, expected, rtol=1e-10, atol=1e-14)
    wrong = snn.ignored if reset_input else snn.through
    other = per_trial(snn.Surrogate(reset=wrong), program, params)
    assert np.abs(other - expected).max() > 0.05


@pytest.mark.parametrize(
    ("reset_input", "exact", "detached", "through"),
    [
        (False, -1.8173286719, 0.4687345822, -0.1960105840),
        (True, -1.8609375515, 0.4463451790, -0.3407748485),
    ],
)
def test_lif_marginalised_over_its_past_is_biased_even_in_sign(
    reset_input, exact, detached, through
):
    """More weight makes the neuron fire, and reset, earlier: it spikes less at the last step."""
    program, params = last_spike(8, reset_input=reset_input), [{"w": jnp.array([[1.0]])}]

    def derivative(estimator):
        return float(flatten(estimator(program, params).grad)[0])

    assert derivative(snn.ExactEnumeration()) == pytest.approx(exact, rel=1e-9)
    assert derivative(snn.Expected(snn.Surrogate())) == pytest.approx(detached, rel=1e-9)
    with_reset = snn.Expected(snn.Surrogate(reset=snn.through))
    assert derivative(with_reset) == pytest.approx(through, rel=1e-9)
