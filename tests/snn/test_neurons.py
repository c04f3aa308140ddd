"""Neurons beside the plain one, by hand: adaptive and refractory, and of a subtractive reset."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.adaptive_lif import AdaptiveLIF
from snn.estimators.exact_enumeration import pattern_probability
from snn.noise import all_patterns
from snn.program import Program, site_shapes
from snn.spikes import FIXED
from snn.stats import flatten
from snn.surrogate import Zero
from tests.snn.problems import BATCH, moments

STEPS, BETA = 8, 3.0
LIF = {"tau_mem": 10e-3, "tau_syn": 2e-3}
WEIGHT = np.linspace(-0.5, 1.5, STEPS)
AM, AS, AA = (np.exp(-1e-3 / tau) for tau in (10e-3, 2e-3, 6e-3))
NEURONS = {
    "adaptive": AdaptiveLIF(snn.LIF(**LIF), tau_adapt=6e-3, rise=0.4, refractory=1),
    "subtractive": snn.LIF(**LIF, theta=0.6, reset="subtract"),
}
BY_HAND = {
    "adaptive": {"w": 4.0, "theta": 1.0, "rise": 0.4, "refractory": 1, "kind": "multiply"},
    "subtractive": {"w": 3.0, "theta": 0.6, "rise": 0.0, "refractory": 0, "kind": "subtract"},
}
W, THETA = BY_HAND["subtractive"]["w"], BY_HAND["subtractive"]["theta"]
WRONG = {
    "adaptive": ({"rise": 0.0}, {"refractory": 0}),
    "subtractive": ({"kind": "subtract before the decay"}, {"kind": "multiply"}),
}
RESETS = (snn.through, snn.detached, snn.ignored)
each_neuron = pytest.mark.parametrize("name", NEURONS)
each_reset = pytest.mark.parametrize("reset", RESETS, ids=lambda reset: reset.__name__)


def problem(name):
    """One neuron with an input spike in every step: 8 sites."""
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(BETA), NEURONS[name])
    loss = snn.losses.Linear(jnp.asarray(WEIGHT)[:, None])
    program = Program(network, jnp.ones((STEPS, 1)), loss)
    return program, [{"w": jnp.full((1, 1), BY_HAND[name]["w"])}]


def pattern_in_numpy(spikes, w, theta, rise, refractory, kind, reset="detached"):
    """Probability of a pattern, and its derivative by w with matched surrogate spikes."""
    u = i = a = du = di = da = 0.0
    pause, probability, grad = 0, 1.0, 0.0
    for t, s in enumerate(spikes):
        p = slope = 0.0
        if pause == 0:
            p = 1 / (1 + np.exp(-BETA * (u - theta - a)))
            slope = BETA * p * (1 - p)
        probability *= p if s else 1 - p
        ds = slope * (du - da)
        grad += WEIGHT[t] * ds
        by_spike = ds if reset == "through" else 0.0
        if kind == "multiply":
            lost, dlost = AM * u * s, AM * (u * by_spike + du * s * (reset != "ignored"))
        else:
            decay = AM if kind == "subtract before the decay" else 1.0
            lost, dlost = decay * theta * s, decay * theta * by_spike
        u, du = AM * u + (1 - AM) * i - lost, AM * du + (1 - AM) * di - dlost
        i, di = AS * i + w, AS * di + 1
        a, da = AA * a + rise * s, AA * da + rise * ds
        pause = refractory if s else max(pause - 1, 0)
    return probability, grad


PATTERNS = [[(k >> t) & 1 for t in range(STEPS)] for k in range(2**STEPS)]


def expected_loss_in_numpy(settings):
    return sum(pattern_in_numpy(s, **settings)[0] * np.dot(WEIGHT, s) for s in PATTERNS)


def slope_in_numpy(settings, h=1e-4):
    ends = (expected_loss_in_numpy({**settings, "w": settings["w"] + step}) for step in (h, -h))
    return np.subtract(*ends) / (2 * h)


def gradient(estimator, name):
    return float(flatten(estimator(*problem(name)).grad)[0])


def exact(name="adaptive"):
    return gradient(snn.ExactEnumeration(), name)


@each_neuron
def test_the_oracle_is_the_derivative_of_the_expected_loss_in_numpy(name):
    settings = BY_HAND[name]
    loss = float(snn.ExactEnumeration()(*problem(name)).loss)
    assert loss == pytest.approx(expected_loss_in_numpy(settings), rel=1e-12)
    slope = slope_in_numpy(settings)
    assert exact(name) == pytest.approx(slope, rel=1e-6)
    for wrong in WRONG[name]:
        assert abs(slope_in_numpy({**settings, **wrong}) / slope - 1) > 0.01


@each_neuron
@each_reset
def test_mean_of_the_surrogate_gradient_is_that_by_hand_and_biased(name, reset):
    def by_hand(reset):
        each = (pattern_in_numpy(s, **BY_HAND[name], reset=reset) for s in PATTERNS)
        return sum(probability * grad for probability, grad in each)

    mean = gradient(snn.Expected(snn.Surrogate(reset=reset)), name)
    assert mean == pytest.approx(by_hand(reset.__name__), rel=1e-10)
    other = "detached" if reset is snn.through else "through"
    assert abs(mean / by_hand(other) - 1) > 0.01
    assert abs(mean / exact(name) - 1) > 0.01


@each_reset
def test_at_fixed_spikes_a_reset_is_detached_or_through_and_not_ignored(reset):
    """The gradient of the enumerated loss, with each derivative of the reset."""
    program, params = problem("adaptive")
    spike = snn.Spike(snn.sample, Zero(), reset)

    def expected_loss(params):
        def term(pattern):
            run = program(params, pattern, spike)
            return pattern_probability(run) * run.loss

        return jnp.sum(jax.vmap(term)(all_patterns(site_shapes(program, params), 16)))

    loss, grad = jax.jit(jax.value_and_grad(expected_loss))(params)
    assert float(loss) == pytest.approx(expected_loss_in_numpy(BY_HAND["adaptive"]), rel=1e-12)
    error = abs(float(grad[0]["w"][0, 0]) / exact() - 1)
    assert error > 0.5 if reset is snn.ignored else error < 1e-12


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
    trials = jax.jit(lambda program: jax.vmap(lambda xi: of(program, xi))(noise))
    u, s = map(np.asarray, trials(program))
    assert 0.1 < s.mean() < 0.9
    without = np.asarray(trials(free)[0])[0]
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

    assert float(snn.MeanField()(*problem("subtractive")).loss) == pytest.approx(loss(W), rel=1e-12)
    slope = (loss(W + 1e-5) - loss(W - 1e-5)) / 2e-5
    assert gradient(snn.MeanField(), "subtractive") == pytest.approx(slope, rel=1e-7)
    assert abs(gradient(snn.MeanField(reset=snn.detached), "subtractive") / slope - 1) > 0.01


def test_replays_from_the_middle_of_a_trial_are_unbiased():
    estimator = snn.SuffixReplays(n_blocks=2, flips_per_block=4, survival=0.7)
    estimate = moments(estimator, problem("adaptive"), 20 * BATCH)
    assert abs(snn.stats.z_score(estimate, exact())[0]) < 5
    assert abs(snn.stats.z_score(estimate, 1.25 * exact())[0]) > 5


def test_without_adaptation_and_pause_it_is_the_lif_neuron():
    plain = AdaptiveLIF(snn.LIF(**LIF), rise=0.0, refractory=0)
    x = (jax.random.uniform(jax.random.key(0), (20, 2, 9)) < 0.5).astype(float)
    sizes = {"n_inputs": 9, "filters": (2,), "kernels": (3,), "strides": (2,), "n_outputs": 2}
    traces = []
    for neuron in (plain, snn.LIF(**LIF)):
        network = snn.ConvLIFNetwork(**sizes, escape=snn.escape.Sigmoid(3.0), neuron=neuron)
        params = jax.jit(lambda key, network=network: network.init(key, rate=100.0))(
            jax.random.key(1)
        )
        noise = snn.noise.ThreefryNoise(jax.random.key(2))
        traces.append(jax.jit(network)(params, x, noise, FIXED)[1][0])
    assert 0.05 < traces[0].s.mean() < 0.95
    np.testing.assert_array_equal(traces[0].s, traces[1].s)
    np.testing.assert_allclose(traces[0].v, traces[1].v, atol=1e-14)
