"""The adaptive and refractory neuron: what is exact with it, and what is not."""

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
from snn.surrogate import Zero
from tests.snn.problems import BATCH, moments

STEPS, BETA, W = 8, 3.0, 4.0
NEURON = {"tau_adapt": 6e-3, "rise": 0.4, "refractory": 1}
LIF = {"tau_mem": 10e-3, "tau_syn": 2e-3}
WEIGHT = np.linspace(-0.5, 1.5, STEPS)
RESETS = (snn.through, snn.detached, snn.ignored)
each_reset = pytest.mark.parametrize("reset", RESETS, ids=lambda reset: reset.__name__)


def problem(**kwargs):
    """One neuron with an input spike in every step: 8 sites."""
    neuron = AdaptiveLIF(snn.LIF(**LIF), **NEURON | kwargs)
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(BETA), neuron)
    loss = snn.losses.Linear(jnp.asarray(WEIGHT)[:, None])
    return Program(network, jnp.ones((STEPS, 1)), loss), [{"w": jnp.full((1, 1), W)}]


def pattern_in_numpy(spikes, w, reset="detached"):
    """Probability of a pattern, and its derivative by w with matched surrogate spikes, by hand."""
    am, as_, aa = np.exp(-1e-3 / 10e-3), np.exp(-1e-3 / 2e-3), np.exp(-1e-3 / 6e-3)
    u = i = a = du = di = da = 0.0
    pause, probability, grad = 0, 1.0, 0.0
    for t, s in enumerate(spikes):
        p = slope = 0.0
        if pause == 0:
            p = 1 / (1 + np.exp(-BETA * (u - 1 - a)))
            slope = BETA * p * (1 - p)
        probability *= p if s else 1 - p
        ds = slope * (du - da)
        grad += WEIGHT[t] * ds
        kept = {"ignored": du}.get(reset, (1 - s) * du) - (u * ds if reset == "through" else 0)
        u, du = am * u * (1 - s) + (1 - am) * i, am * kept + (1 - am) * di
        i, di = as_ * i + w, as_ * di + 1
        a, da = aa * a + 0.4 * s, aa * da + 0.4 * ds
        pause = 1 if s else max(pause - 1, 0)
    return probability, grad


def patterns():
    return [[(k >> t) & 1 for t in range(STEPS)] for k in range(2**STEPS)]


def expected_loss_in_numpy(w):
    return sum(pattern_in_numpy(s, w)[0] * np.dot(WEIGHT, s) for s in patterns())


def exact():
    return float(snn.ExactEnumeration()(*problem()).grad[0]["w"][0, 0])


def test_the_oracle_is_the_derivative_of_the_expected_loss_in_numpy():
    found = snn.ExactEnumeration()(*problem())
    assert float(found.loss) == pytest.approx(expected_loss_in_numpy(W), rel=1e-12)
    h = 1e-4
    slope = (expected_loss_in_numpy(W + h) - expected_loss_in_numpy(W - h)) / (2 * h)
    assert exact() == pytest.approx(slope, rel=1e-6)
    for without in ({"refractory": 0}, {"rise": 0.0}):
        other = snn.ExactEnumeration()(*problem(**without)).grad[0]["w"][0, 0]
        assert abs(other / slope - 1) > 0.01


@each_reset
def test_at_fixed_spikes_a_reset_is_detached_or_through_and_not_ignored(reset):
    """The gradient of the enumerated loss, with each derivative of the reset."""
    program, params = problem()
    spike = snn.Spike(snn.sample, Zero(), reset)

    def expected_loss(params):
        def term(pattern):
            run = program(params, pattern, spike)
            return pattern_probability(run) * run.loss

        return jnp.sum(jax.vmap(term)(all_patterns(site_shapes(program, params), 16)))

    loss, grad = jax.jit(jax.value_and_grad(expected_loss))(params)
    assert float(loss) == pytest.approx(expected_loss_in_numpy(W), rel=1e-12)
    error = abs(float(grad[0]["w"][0, 0]) / exact() - 1)
    assert error > 0.5 if reset is snn.ignored else error < 1e-12


@each_reset
def test_mean_of_the_surrogate_gradient_is_that_by_hand_and_biased(reset):
    mean = float(snn.Expected(snn.Surrogate(reset=reset))(*problem()).grad[0]["w"][0, 0])
    by_hand = sum(np.prod(pattern_in_numpy(s, W, reset.__name__)) for s in patterns())
    assert mean == pytest.approx(by_hand, rel=1e-10)
    assert abs(mean / exact() - 1) > 0.01


def test_score_function_is_exact_in_the_mean():
    mean = snn.Expected(snn.ScoreFunction())(*problem()).grad[0]["w"][0, 0]
    assert float(mean) == pytest.approx(exact(), rel=1e-12)


@pytest.mark.parametrize(
    "estimator",
    [
        snn.StochasticAD(snn.coupling.Left(), n_flips=3),
        snn.TruncatedReplays(n_blocks=2, flips_per_block=4, survival=0.7),
    ],
    ids=["some flips", "truncated"],
)
def test_replays_are_unbiased(estimator):
    estimate = moments(estimator, problem(), 20 * BATCH)
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
        noise = snn.noise.Counter(jax.random.key(2))
        traces.append(jax.jit(network)(params, x, noise, FIXED)[1][0])
    assert 0.05 < traces[0].s.mean() < 0.95
    np.testing.assert_array_equal(traces[0].s, traces[1].s)
    np.testing.assert_allclose(traces[0].v, traces[1].v, atol=1e-14)
