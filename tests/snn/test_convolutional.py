"""The recurrent convolutional network: published numbers, and batches.

Its equations, and their delays, are held against a plain loop in test_convolutional_gradient.py.
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.noise import Constant, Uniforms

PUBLISHED = snn.ConvLIFNetwork()
RATE = 15.8
SMALL = snn.ConvLIFNetwork(
    n_inputs=14, filters=(2, 3), kernels=(5, 3), strides=(2, 2), recurrent_kernel=3, n_outputs=3
)


def run(network, params, x, noise, spike=None):
    return jax.jit(network)(params, x, noise, spike or snn.Spike())


def test_a_spike_reaches_the_readout_two_steps_later():
    """One step to the readout, and one within it: a forced spike of step 3 is seen in step 5."""
    params = SMALL.init(jax.random.key(0), RATE)
    x = jnp.zeros((8, SMALL.n_inputs))
    shapes = [(8, n) for n in SMALL.n_neurons]
    silent = [jnp.full(shape, snn.noise.SILENT) for shape in shapes]
    forced = [*silent[:-1], silent[-1].at[3, 0].set(snn.noise.FIRE)]
    outputs = [run(SMALL, params, x, Uniforms(tuple(xi)))[0] for xi in (silent, forced)]
    differs = np.any(outputs[0] != outputs[1], axis=-1)
    assert np.flatnonzero(differs)[0] == 5


def test_sizes_are_the_published_ones():
    assert PUBLISHED.positions == (68, 21, 5)
    assert PUBLISHED.n_neurons == (1088, 672, 320)
    shapes = jax.eval_shape(lambda: PUBLISHED.init(jax.random.key(0), RATE))
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == 51_536
    assert {k: v.shape for k, v in shapes[1].items()} == {"w": (7, 16, 32), "rec": (5, 32, 32)}
    assert shapes[3]["w"].shape == (320, 20)
    neuron, readout = PUBLISHED.neuron, PUBLISHED.readout
    assert (neuron.tau_mem, neuron.tau_syn, neuron.dt, neuron.theta) == (20e-3, 10e-3, 2e-3, 1.0)
    assert (readout.tau_mem, readout.tau_syn, readout.dt) == (0.7, 10e-3, 2e-3)
    assert neuron.reset_input and PUBLISHED.escape == snn.escape.Sigmoid(10.0)


def test_energy_of_the_postsynaptic_potential():
    assert PUBLISHED.neuron.psp_energy(discrete=True) == pytest.approx(2.0356106e-3, rel=1e-7)
    assert PUBLISHED.neuron.psp_energy() == pytest.approx(1.6666667e-3, rel=1e-7)
    fine = [
        snn.LIF(20e-3, 10e-3, dt).psp_energy(discrete=True) / (1 / 600) - 1 for dt in (1e-4, 1e-5)
    ]
    assert fine[0] == pytest.approx(1e-2, rel=0.05) and fine[1] == pytest.approx(1e-3, rel=0.05)


def test_initial_weights_have_the_published_standard_deviations():
    """z-scores over 60 networks: a deviation of n normal numbers has the error 1/sqrt(2 n)."""
    keys = jax.random.split(jax.random.key(0), 60)
    params = jax.jit(jax.vmap(lambda key: PUBLISHED.init(key, RATE)))(keys)
    expected = [
        {"w": 1.15435, "rec": 0.19714},
        {"w": 0.49985, "rec": 0.13940},
        {"w": 0.35344, "rec": 0.09857},
        {"w": 1 / np.sqrt(320)},
    ]

    def z_scores(factor=1.0):
        return np.array(
            [
                (np.sqrt(np.mean(np.square(w))) / (factor * sigma) - 1) * np.sqrt(2 * w.size)
                for w, sigma in zip(jax.tree.leaves(params), jax.tree.leaves(expected), strict=True)
            ]
        )

    assert np.abs(z_scores()).max() < 5
    # The formula of continuous time in place of the sum over steps.
    assert np.abs(z_scores(np.sqrt(2.0356106e-3 / 1.6666667e-3))).min() > 5
    init = jax.jit(PUBLISHED.init)
    louder, quieter = (init(jax.random.key(1), RATE, sigma_u) for sigma_u in (1.3, 1.0))
    np.testing.assert_allclose(louder[0]["w"], 1.3 * quieter[0]["w"], rtol=1e-12)
    np.testing.assert_array_equal(louder[3]["w"], quieter[3]["w"])


def small_problem(steps=30):
    """Weights that make every layer fire and fall silent, an input, and uniform numbers."""
    params = jax.jit(SMALL.init)(jax.random.key(8), 1.0)
    x = (np.asarray(jax.random.uniform(jax.random.key(4), (steps, 14))) < 0.2).astype(float)
    noise = Uniforms.sample(jax.random.key(5), tuple((steps, n) for n in SMALL.n_neurons), 4)
    return params, x, [np.asarray(values) for values in noise.values]


def test_every_sample_of_a_batch_is_a_run_of_its_own():
    params, x, numbers = small_problem()
    xs = np.stack([x, np.roll(x, 3, axis=0), np.roll(x, 5, axis=1), 1 - x], axis=1)

    def run_with(x, numbers):
        return run(SMALL, params, jnp.asarray(x), Uniforms(tuple(map(jnp.asarray, numbers))))

    each = [run_with(xs[:, n], [values[n] for values in numbers]) for n in range(4)]
    output, trace = run_with(xs, [np.moveaxis(values, 0, 1) for values in numbers])
    output = np.asarray(output)
    for n, (alone, layers) in enumerate(each):
        np.testing.assert_allclose(output[:, n], alone, atol=1e-14)
        for layer, one in zip(trace, layers, strict=True):
            np.testing.assert_array_equal(np.asarray(layer.s)[:, n], one.s)


def test_without_recurrence_it_is_the_network_whose_recurrent_weights_are_zero():
    """Feed-forward input then has all of the variance."""
    network = replace(SMALL, recurrent_kernel=0)
    params, recurrent = (jax.jit(x.init)(jax.random.key(1), RATE) for x in (network, SMALL))
    for own, other in zip(params[:-1], recurrent[:-1], strict=True):
        assert own.keys() == {"w"}
        np.testing.assert_allclose(own["w"], other["w"] / 0.9**0.5, rtol=1e-6)
    x = jax.random.bernoulli(jax.random.key(2), 0.5, (20, 14)).astype(float)
    noise = Constant(0.5)
    silenced = [
        {"w": 6 * own["w"], "rec": 0 * other["rec"]}
        for own, other in zip(params[:-1], recurrent[:-1], strict=True)
    ]
    strong = [{"w": layer["w"]} for layer in silenced]
    actual = run(network, [*strong, params[-1]], x, noise)
    expected = run(SMALL, [*silenced, params[-1]], x, noise)
    wrong = run(
        SMALL, [*(layer | {"rec": 1 + layer["rec"]} for layer in silenced), params[-1]], x, noise
    )
    assert all(layer.s.sum() > 0 for layer in actual[1])
    np.testing.assert_array_equal(actual[0], expected[0])
    assert (actual[0] != wrong[0]).any()
