"""Initial weights give the simulated membrane potential the wanted standard deviation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.adaptive_lif import AdaptiveLIF

NEURONS = {
    "short steps": snn.LIF(20e-3, 10e-3, 1e-3),
    "long steps": snn.LIF(10e-3, 5e-3, 2e-3),
    "reset of the input": snn.LIF(20e-3, 10e-3, 2e-3, reset_input=True),
    "equal time constants": snn.LIF(10e-3, 10e-3, 1e-3),
    "adaptive": AdaptiveLIF(snn.LIF(10e-3, 5e-3, 1e-3)),
}
N_INPUTS, RATE, SIGMA_U, N_TRIALS = 30, 40.0, 0.7, 4000
N_STEPS = 250
"""More than twelve time constants of each neuron."""


def squared_potentials(neuron, std, key):
    """Squared potential without spikes after a long time, one number per trial.

    Each trial has weights of its own. Mean input is subtracted: fluctuations alone are wanted. An
    input of at most one spike in a step has the variance p (1 - p), not that of a Poisson process.
    """
    p = RATE * getattr(neuron, "lif", neuron).dt
    k_w, k_x = jax.random.split(key)
    w = std * jax.random.normal(k_w, (N_TRIALS, N_INPUTS))
    spike = snn.Spike()

    def step(state, key):
        counts = (jax.random.uniform(key, w.shape) < p).astype(float) - p
        silent = jnp.zeros(N_TRIALS)
        return neuron.step(state, jnp.sum(counts * w, axis=1), silent, spike), None

    state, _ = jax.lax.scan(step, neuron.initial_state(N_TRIALS), jax.random.split(k_x, N_STEPS))
    return getattr(state, "lif", state).u ** 2 / (1 - p)


def z_score(neuron, key=0, **changes):
    """Distance of the simulated from the wanted variance."""
    settings = {"n_inputs": N_INPUTS, "rate": RATE, "sigma_u": SIGMA_U} | changes
    std = snn.fluctuation_driven_std(neuron, **settings)
    squares = jax.jit(squared_potentials)(neuron, std, jax.random.key(key))
    return float(abs(snn.stats.z_score(snn.stats.mean_and_se(squares), SIGMA_U**2)))


@pytest.mark.parametrize("name", NEURONS)
def test_the_simulated_potential_has_the_standard_deviation(name):
    assert z_score(NEURONS[name]) < 5


@pytest.mark.parametrize(
    "wrong",
    [{"discrete": False}, {"n_inputs": 2 * N_INPUTS}, {"rate": 2 * RATE}, {"sigma_u": 2 * SIGMA_U}],
    ids=str,
)
def test_another_scale_is_noticed(wrong):
    """The integral in place of the sum is seen in long steps: the variance is a third larger."""
    assert z_score(NEURONS["long steps"], **wrong) > 5


@pytest.mark.parametrize("ratio", [0.2, 0.5, 0.99, 1 - 1e-6, 1.0, 1 + 1e-9, 1.01, 3.0])
def test_the_energy_is_that_of_the_response_step_by_step(ratio):
    """Also where time constants are nearly equal, as in training; in single precision, too."""
    dt, tau_mem, tau_syn = 1e-3, 10e-3, ratio * 10e-3
    (mem, syn), u, i, energy = np.exp([-dt / tau_mem, -dt / tau_syn]), 0.0, 1.0, 0.0
    for _ in range(1000):
        u, i = mem * u + (1 - mem) * i, syn * i
        energy += dt * u**2
    for dtype, tolerance in ((float, 1e-9), (np.float32, 3e-6)):
        neuron = snn.LIF(dtype(tau_mem), dtype(tau_syn), dtype(dt))
        assert float(neuron.psp_energy(discrete=True)) == pytest.approx(energy, rel=tolerance)


@pytest.mark.parametrize("discrete", [False, True])
def test_scale_is_the_equation(discrete):
    neuron, rate = snn.LIF(20e-3, 5e-3), 50.0
    energy = float(neuron.psp_energy(discrete))
    expected = 0.5 / np.sqrt(80 * rate * energy)
    actual = snn.fluctuation_driven_std(neuron, 80, rate, 0.5, discrete)
    np.testing.assert_allclose(actual, expected, rtol=1e-12)


def test_networks_draw_their_weights_with_it():
    """Standard deviations of 40 000 weights: an error of 1/280 at most is expected."""
    key, n = jax.random.key(0), 200
    network = snn.LIFNetwork((n, n), recurrent=True)
    (layer,) = network.init(key, 30.0, 0.8, split=0.9)
    std = float(snn.fluctuation_driven_std(network.neuron, n, 30.0, 0.8, discrete=False))
    for name, share in (("w", 0.9), ("rec", 0.1)):
        assert float(jnp.std(layer[name])) == pytest.approx(std * share**0.5, rel=0.02)
    conv = snn.ConvLIFNetwork(50, (60,), (49,), (1,), recurrent_kernel=0, n_outputs=1)
    w = conv.init(key, 15.0)[0]["w"]
    std = float(snn.fluctuation_driven_std(conv.neuron, 49, 15.0))
    assert float(jnp.std(w)) == pytest.approx(std, rel=0.08)
