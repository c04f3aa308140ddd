"""A reset that subtracts the threshold: by hand, and under the estimators of LIF networks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.coupling import Right
from snn.estimators.score_function import LeaveOneOut
from snn.noise import Part
from snn.program import Program
from snn.spikes import FIXED
from snn.stats import flatten, flatten_trials, z_score
from tests.snn.problems import BATCH, moments, recurrent_lif

STEPS, BETA, THETA, W = 8, 3.0, 0.6, 3.0
WEIGHT = np.linspace(-0.5, 1.5, STEPS)
AM, AS = np.exp(-1e-3 / 10e-3), np.exp(-1e-3 / 2e-3)
RESETS = (snn.through, snn.detached, snn.ignored)
each_reset = pytest.mark.parametrize("reset", RESETS, ids=lambda reset: reset.__name__)
PAIR = recurrent_lif(reset="subtract", theta=0.6)


def problem(w=W):
    """One neuron with an input spike in every step: 8 sites."""
    neuron = snn.LIF(10e-3, 2e-3, theta=THETA, reset="subtract")
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(BETA), neuron)
    loss = snn.losses.Linear(jnp.asarray(WEIGHT)[:, None])
    return Program(network, jnp.ones((STEPS, 1)), loss), [{"w": jnp.full((1, 1), w)}]


def pattern_in_numpy(spikes, w, through=False, kind="subtract"):
    """Probability of a pattern, and its derivative by w with matched surrogate spikes, by hand."""
    u = i = du = di = 0.0
    probability, grad = 1.0, 0.0
    for t, s in enumerate(spikes):
        p = 1 / (1 + np.exp(-BETA * (u - THETA)))
        probability *= p if s else 1 - p
        ds = BETA * p * (1 - p) * du
        grad += WEIGHT[t] * ds
        lost, dlost = THETA * s, THETA * ds * through
        if kind == "before the decay":
            lost, dlost = AM * lost, AM * dlost
        elif kind == "multiply":
            lost, dlost = AM * u * s, AM * (du * s + u * ds * through)
        u, du = AM * u + (1 - AM) * i - lost, AM * du + (1 - AM) * di - dlost
        i, di = AS * i + w, AS * di + 1
    return probability, grad


def patterns():
    return [[(k >> t) & 1 for t in range(STEPS)] for k in range(2**STEPS)]


def expected_loss_in_numpy(w, kind="subtract"):
    return sum(pattern_in_numpy(s, w, kind=kind)[0] * np.dot(WEIGHT, s) for s in patterns())


def slope_in_numpy(kind="subtract", h=1e-4):
    ends = (expected_loss_in_numpy(W + side * h, kind) for side in (1, -1))
    return np.subtract(*ends) / (2 * h)


def gradient(estimator, w=W):
    return float(flatten(estimator(*problem(w)).grad)[0])


def test_the_oracle_is_the_derivative_of_the_expected_loss_by_hand():
    loss = float(snn.ExactEnumeration()(*problem()).loss)
    assert loss == pytest.approx(expected_loss_in_numpy(W), rel=1e-12)
    assert gradient(snn.ExactEnumeration()) == pytest.approx(slope_in_numpy(), rel=1e-6)
    for wrong in ("before the decay", "multiply"):
        assert abs(slope_in_numpy(wrong) / slope_in_numpy() - 1) > 0.01


@each_reset
def test_mean_of_the_surrogate_gradient_is_that_by_hand_and_biased(reset):
    through = reset is snn.through
    mean = gradient(snn.Expected(snn.Surrogate(reset=reset)))
    by_hand = sum(np.prod(pattern_in_numpy(s, W, through)) for s in patterns())
    assert mean == pytest.approx(by_hand, rel=1e-10)
    wrong = sum(np.prod(pattern_in_numpy(s, W, not through)) for s in patterns())
    assert abs(mean / wrong - 1) > 0.01
    assert abs(mean / gradient(snn.ExactEnumeration()) - 1) > 0.01


def test_a_potential_is_the_free_one_less_the_decayed_resets():
    """In every sample, and so is its derivative given the past that without any reset."""
    program, params = problem()
    noise = snn.draw_noise(program, params, jax.random.key(0), 200)

    def of(program, xi):
        run = program(params, xi, FIXED)
        return run.trace[0].v[:, 0] + program.network.neuron.theta, run.trace[0].s[:, 0]

    free_neuron = snn.LIF(10e-3, 2e-3, theta=1e9)
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
    for reset in RESETS:
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

    assert float(snn.MeanField()(*problem()).loss) == pytest.approx(loss(W), rel=1e-12)
    slope = (loss(W + 1e-5) - loss(W - 1e-5)) / 2e-5
    assert gradient(snn.MeanField()) == pytest.approx(slope, rel=1e-7)
    assert abs(gradient(snn.MeanField(reset=snn.detached)) / slope - 1) > 0.01


def test_a_trial_in_parts_is_the_trial():
    program, params = PAIR
    noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(program, params, jax.random.key(4), 1))
    run = program(params, noise, FIXED)
    states = program.network.initial_states()
    for first, end in ((0, 1), (1, 3), (3, 5)):
        output, _, states = program.network.resume(
            params, program.x[first:end], Part(noise, step=first), FIXED, states
        )
        np.testing.assert_array_equal(output, run.output[first:end])


@pytest.mark.parametrize(
    "estimator",
    [
        snn.StochasticAD(),
        snn.StochasticAD(Right(), n_flips=3),
        snn.SuffixReplays(n_blocks=2, flips_per_block=4),
        snn.ScoreFunction(LeaveOneOut()),
    ],
    ids=["all flips", "some flips", "suffix", "score function"],
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


def test_mean_of_the_score_function_is_exact():
    mean = flatten(snn.Expected(snn.ScoreFunction())(*PAIR).grad)
    np.testing.assert_allclose(mean, flatten(snn.ExactEnumeration()(*PAIR).grad), rtol=1e-11)


def test_surrogate_gradients_through_the_reset_are_smoothed_ones():
    noise = snn.draw_noise(*PAIR, jax.random.key(0), 64)
    smoothed = snn.SmoothedStochasticAD(snn.coupling.StraightThrough(), snn.through)
    pair = (flatten_trials(e.per_trial(*PAIR, noise).grad) for e in (THROUGH, smoothed))
    np.testing.assert_allclose(*pair, atol=1e-13)


THROUGH = snn.Surrogate(reset=snn.through)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reset": "substract"}, "got 'substract', expected one of multiply, subtract"),
        ({"reset": "subtract", "reset_input": True}, "reset_input: got True"),
    ],
)
def test_other_resets_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        snn.LIF(**wrong)
