"""Networks and their readout against their equations, written out again in numpy."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.convolutional import ConvLIFNetwork
from snn.noise import Constant
from tests.snn.problems import mlp, recurrent_lif

NEURON = {"tau_mem": 8e-3, "tau_syn": 3e-3, "dt": 1e-3, "theta": 0.7}


def run(network, params, x, noise, spike=None):
    return jax.jit(network)(params, x, noise, spike or snn.Spike())


def lif_in_numpy(params, x, xi, reset_input, beta):
    """The equations of a LIF network, one neuron and one step at a time."""
    alpha_m, alpha_s = np.exp(-1e-3 / 8e-3), np.exp(-1e-3 / 3e-3)
    sizes = [layer["w"].shape[1] for layer in params]
    u, i = [np.zeros(n) for n in sizes], [np.zeros(n) for n in sizes]
    potentials, spikes = [[] for _ in sizes], [[] for _ in sizes]
    for t in range(len(x)):
        below = x[t]
        for k, layer in enumerate(params):
            p = 1 / (1 + np.exp(-beta * (u[k] - 0.7)))
            s = (xi[k][t] < p).astype(float)
            potentials[k].append(u[k] - 0.7)
            spikes[k].append(s)
            new_u, new_i = np.zeros(sizes[k]), np.zeros(sizes[k])
            for j in range(sizes[k]):
                drive = (1 - alpha_m) * i[k][j]
                if reset_input:
                    new_u[j] = (alpha_m * u[k][j] + drive) * (1 - s[j])
                else:
                    new_u[j] = alpha_m * u[k][j] * (1 - s[j]) + drive
                current = sum(layer["w"][m, j] * below[m] for m in range(len(below)))
                if "rec" in layer:
                    current += sum(layer["rec"][m, j] * s[m] for m in range(sizes[k]))
                new_i[j] = alpha_s * i[k][j] + current
            u[k], i[k], below = new_u, new_i, s
    return [np.array(v) for v in potentials], [np.array(s) for s in spikes]


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("reset_input", [False, True])
def test_lif_network_follows_the_equations(reset_input, recurrent):
    neuron = snn.LIF(**NEURON, reset_input=reset_input)
    network = snn.LIFNetwork((3, 4, 2), snn.escape.Sigmoid(5.0), neuron, recurrent)
    rng = np.random.default_rng(0)
    params = [
        {"w": rng.normal(1, 2, shape)} | ({"rec": rng.normal(0, 2, (n, n))} if recurrent else {})
        for n, shape in [(4, (3, 4)), (2, (4, 2))]
    ]
    x = (rng.random((25, 3)) < 0.5).astype(float)
    noise = jax.tree.map(
        lambda leaf: leaf[0], snn.noise.Uniforms.sample(jax.random.key(0), ((25, 4), (25, 2)), 1)
    )
    output, trace = run(network, jax.tree.map(jnp.asarray, params), jnp.asarray(x), noise)
    xi = [np.asarray(values) for values in noise.values]
    potentials, spikes = lif_in_numpy(params, x, xi, reset_input, beta=5.0)
    assert all(0.1 < s.mean() < 0.9 for s in spikes)  # both outcomes of the reset are seen
    for layer, v, s in zip(trace, potentials, spikes, strict=True):
        np.testing.assert_allclose(layer.v, v, atol=1e-12)
        np.testing.assert_array_equal(layer.s, s)
    np.testing.assert_array_equal(output, spikes[-1])
    wrong, _ = lif_in_numpy(params, x, xi, not reset_input, beta=5.0)
    assert np.abs(wrong[0] - potentials[0]).max() > 1e-2


def test_fluctuation_driven_initialisation_gives_sigma_u():
    """Variance of the free potential about its mean, over independent weights and inputs."""
    n_inputs, rate, sigma_u, dt, steps = 20, 50.0, 0.8, 1e-4, 1600
    neuron = snn.LIF(tau_mem=10e-3, tau_syn=5e-3, dt=dt, theta=1e9)
    network = snn.LIFNetwork((n_inputs, 1), neuron=neuron)

    def free_variance(key):
        k_w, k_x = jax.random.split(key)
        params = network.init(k_w, rate, sigma_u)
        x = jax.random.bernoulli(k_x, rate * dt, (steps, n_inputs)).astype(jnp.float64)
        _, trace = network(params, x, Constant(), snn.Spike(snn.threshold))
        mean = jnp.sum(params[0]["w"]) * rate * dt / (1 - neuron.alpha_syn)
        return jnp.mean((trace[0].v[800:, 0] + 1e9 - mean) ** 2)

    keys = jax.random.split(jax.random.key(0), 400)
    variance = snn.stats.mean_and_se(jax.jit(jax.vmap(free_variance))(keys))
    assert abs(snn.stats.z_score(variance, sigma_u**2)) < 5
    assert abs(snn.stats.z_score(variance, 1.3 * sigma_u**2)) > 5


def test_initial_weights_have_the_published_standard_deviations():
    """0.3464 for 200 inputs of 50 Hz; and the split between feed-forward and recurrence."""
    key = jax.random.key(1)
    w = snn.LIFNetwork((200, 200)).init(key, rate=50.0)[0]["w"]
    assert w.std() == pytest.approx(0.3464, abs=5 * 0.3464 / np.sqrt(2 * w.size))
    recurrent = snn.LIFNetwork((200, 100), recurrent=True).init(key, rate=50.0, split=0.9)[0]
    for name, share, n in [("w", 0.9, 200), ("rec", 0.1, 100)]:
        expected = np.sqrt(share / (n * 50 * 25e-6 / 0.03))
        error = 5 * expected / np.sqrt(2 * recurrent[name].size)
        assert recurrent[name].std() == pytest.approx(expected, abs=error)


INITIAL_WEIGHTS = {
    "MLP": lambda key: snn.MLP((20, 30, 20)).init(key),
    "LIF": lambda key: snn.LIFNetwork((20, 20, 20), recurrent=True).init(key, rate=50.0),
    "convolutional": lambda key: ConvLIFNetwork(n_inputs=300, n_outputs=5).init(key, rate=50.0),
}


@pytest.mark.parametrize("name", INITIAL_WEIGHTS)
def test_initial_weights_of_different_connections_are_independent(name):
    """No key is used twice: arrays from one key agree in their first elements, of any shapes."""

    def z(a, b):
        n = min(a.size, b.size)
        return abs(np.corrcoef(np.ravel(a)[:n], np.ravel(b)[:n])[0, 1]) * np.sqrt(n)

    key = jax.random.key(2)
    weights = map(np.asarray, jax.tree.leaves(jax.jit(INITIAL_WEIGHTS[name])(key)))
    weights = [w for w in weights if w.any()]
    assert len(weights) > 1
    assert max(z(a, b) for a, b in itertools.combinations(weights, 2)) < 5
    assert z(*(jax.random.normal(key, shape) for shape in ((20, 20), (5, 1, 16)))) > 8


def test_mlp_shapes_and_values():
    program, params = mlp()
    noise = Constant(0.45)
    output, trace = run(program.network, params, program.x, noise)
    assert [layer.v.shape for layer in trace] == [(3,), (2,), (1,)]
    s = np.asarray(program.x)
    for layer, w in zip(trace, params, strict=True):
        v = s @ np.asarray(w["w"]) + np.asarray(w["b"]) - 0.1
        s = (0.45 < np.asarray(layer.p)).astype(float)
        np.testing.assert_allclose(layer.v, v, atol=1e-14)
        np.testing.assert_array_equal(layer.s, s)
    np.testing.assert_array_equal(output, s)


def test_mlp_init():
    params = snn.MLP((400, 300, 2)).init(jax.random.key(0), gain=3.0)
    assert [layer["w"].shape for layer in params] == [(400, 300), (300, 2)]
    assert params[0]["w"].std() == pytest.approx(3 / 20, rel=0.02)
    assert not params[0]["b"].any()
    assert "b" not in snn.MLP((2, 1), bias=False).init(jax.random.key(0))[0]


def test_the_deterministic_network_is_the_same_program():
    """Threshold spikes are what sampling gives without noise, whatever the uniform numbers."""
    program, params = recurrent_lif()
    network = program.network
    noiseless = snn.Program(
        type(network)(**(vars(network) | {"escape": snn.escape.Step()})), program.x, program.loss
    )
    noise = jax.tree.map(
        lambda leaf: leaf[0], snn.draw_noise(program, params, jax.random.key(0), 1)
    )
    trial = jax.jit(lambda program, spike: program(params, noise, spike))
    threshold = trial(program, snn.Spike(snn.threshold))
    sampled = trial(noiseless, snn.Spike(snn.sample))
    stochastic = trial(program, snn.Spike(snn.sample))
    for a, b in zip(threshold.trace, sampled.trace, strict=True):
        np.testing.assert_array_equal(a.s, b.s)
    assert threshold.loss == sampled.loss
    assert any(layer.s.any() for layer in threshold.trace)
    assert any((a.s != b.s).any() for a, b in zip(threshold.trace, stochastic.trace, strict=True))


def test_a_readout_without_input_decays_from_its_start():
    """Recorded after the update: the first value is already one step old."""
    output = jax.jit(snn.LeakyReadout())(jnp.zeros((200, 2)))
    decay = np.exp(-2e-3 / 0.7)
    np.testing.assert_allclose(output[:, 0], -1e-3 * decay ** np.arange(1, 201), rtol=1e-12)
    assert abs(output[0, 0] / -1e-3 - 1) > 1e-3


def test_a_pulse_leaves_a_double_exponential_in_the_readout():
    """Input of step 3 is in the current of step 4, which the update of step 4 shows."""
    x = jnp.zeros((300, 1, 2)).at[3, 0, 1].set(2.0)
    readout = snn.LeakyReadout(tau_mem=0.05, tau_syn=0.02, dt=1e-3, start=0.0)
    output = np.asarray(jax.jit(readout)(x))
    mem, syn = np.exp(-1 / 50), np.exp(-1 / 20)
    lag = np.arange(1, 297)
    expected = 2 * (1 - mem) * (mem**lag - syn**lag) / (mem - syn)
    np.testing.assert_allclose(output[4:, 0, 1], expected, atol=1e-14)
    assert not output[:4].any() and not output[:, 0, 0].any()


def test_a_readout_is_linear_in_input_and_start():
    x, y = jax.random.normal(jax.random.key(0), (2, 40, 3))
    call = jax.jit(lambda start, x: snn.LeakyReadout(start=start)(x))
    both = call(-1e-3, x + y)
    np.testing.assert_allclose(both, call(-1e-3, x) + call(0.0, y), atol=1e-14)
