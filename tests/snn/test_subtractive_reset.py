"""A reset that subtracts the threshold, under the estimators of LIF networks."""

import jax
import numpy as np
import pytest

import snn
from snn.coupling import Right
from snn.program import Program
from snn.spikes import FIXED
from snn.stats import flatten, flatten_trials, z_score
from tests.snn.problems import BATCH, moments, recurrent_lif
from tests.snn.test_neurons import AM, AS, BETA, BY_HAND, LIF, STEPS, WEIGHT, gradient, problem

W, THETA = BY_HAND["subtractive"]["w"], BY_HAND["subtractive"]["theta"]
PAIR = recurrent_lif(reset="subtract", theta=0.6)


def test_a_potential_is_the_free_one_less_the_decayed_resets():
    """In every sample, and so is its derivative given the past that without any reset."""
    program, params = problem("subtractive")
    noise = snn.draw_noise(program, params, jax.random.key(0), 200)

    def of(program, xi):
        run = program(params, xi, FIXED)
        return run.trace[0].v[:, 0] + program.network.neuron.theta, run.trace[0].s[:, 0]

    free_neuron = snn.LIF(**LIF, theta=1e9)
    free = Program(snn.LIFNetwork((1, 1), neuron=free_neuron), program.x, program.loss)
    t = np.arange(STEPS)
    decay = np.where(t[:, None] > t, AM ** (t[:, None] - t - 1.0), 0)
    u, s = map(np.asarray, jax.vmap(lambda xi: of(program, xi))(noise))
    assert 0.1 < s.mean() < 0.9
    without = np.asarray(of(free, jax.tree.map(lambda xi: xi[0], noise))[0])
    np.testing.assert_allclose(u, without - THETA * s @ decay.T, atol=1e-6)
    by_input = without / W  # linear in the weight, without a reset
    p = 1 / (1 + np.exp(-BETA * (u - THETA)))
    given_past = (BETA * p * (1 - p) * by_input) @ WEIGHT
    for reset in (snn.through, snn.detached, snn.ignored):
        each = snn.Surrogate(reset=reset).per_trial(program, params, noise).grad[0]["w"][:, 0, 0]
        error = np.abs(each - given_past).max()
        assert error > 0.1 if reset is snn.through else error < 1e-6


def test_the_mean_field_runs_on_probabilities():
    def loss(w):
        u = i = total = 0.0
        for weight in WEIGHT:
            p = 1 / (1 + np.exp(-BETA * (u - THETA)))
            total += weight * p
            u, i = AM * u + (1 - AM) * i - THETA * p, AS * i + w
        return total

    assert float(snn.MeanField()(*problem("subtractive")).loss) == pytest.approx(loss(W), rel=1e-12)
    slope = (loss(W + 1e-5) - loss(W - 1e-5)) / 2e-5
    assert gradient(snn.MeanField(), "subtractive") == pytest.approx(slope, rel=1e-7)
    assert abs(gradient(snn.MeanField(reset=snn.detached), "subtractive") / slope - 1) > 0.01


@pytest.mark.parametrize(
    "estimator",
    [
        snn.StochasticAD(Right(), n_flips=3),
        snn.SuffixReplays(n_blocks=2, flips_per_block=4),
    ],
    ids=["some flips", "suffix, blocks of unequal length"],
)
def test_unbiased_with_recurrence(estimator):
    truth, multiplied = (
        np.asarray(flatten(snn.ExactEnumeration()(*each).grad))
        for each in (PAIR, recurrent_lif(theta=0.6))
    )
    estimate = moments(estimator, PAIR, 20 * BATCH)
    assert np.abs(z_score(estimate, truth)).max() < 5
    for wrong in (1.25 * truth, multiplied):
        assert np.abs(z_score(estimate, wrong)).max() > 5


def test_surrogate_gradients_through_the_reset_are_smoothed_ones():
    noise = snn.draw_noise(*PAIR, jax.random.key(0), 64)
    smoothed = snn.SmoothedStochasticAD(snn.coupling.StraightThrough(), snn.through)
    estimators = snn.Surrogate(reset=snn.through), smoothed
    pair = (flatten_trials(each.per_trial(*PAIR, noise).grad) for each in estimators)
    np.testing.assert_allclose(*pair, atol=1e-13)
