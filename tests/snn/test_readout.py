"""The leaky readout against its closed form."""

import jax
import jax.numpy as jnp
import numpy as np

import snn


def test_without_input_it_decays_from_its_start():
    """Recorded after the update: the first value is already one step old."""
    output = jax.jit(snn.LeakyReadout())(jnp.zeros((200, 2)))
    decay = np.exp(-2e-3 / 0.7)
    np.testing.assert_allclose(output[:, 0], -1e-3 * decay ** np.arange(1, 201), rtol=1e-12)
    assert abs(output[0, 0] / -1e-3 - 1) > 1e-3


def test_a_pulse_leaves_a_double_exponential():
    """Input of step 3 is in the current of step 4, which the update of step 4 shows."""
    x = jnp.zeros((300, 1, 2)).at[3, 0, 1].set(2.0)
    readout = snn.LeakyReadout(tau_mem=0.05, tau_syn=0.02, dt=1e-3, start=0.0)
    output = np.asarray(jax.jit(readout)(x))
    mem, syn = np.exp(-1 / 50), np.exp(-1 / 20)
    lag = np.arange(1, 297)
    expected = 2 * (1 - mem) * (mem**lag - syn**lag) / (mem - syn)
    np.testing.assert_allclose(output[4:, 0, 1], expected, atol=1e-14)
    assert not output[:4].any() and not output[:, 0, 0].any()


def test_it_is_linear_in_input_and_start():
    x, y = jax.random.normal(jax.random.key(0), (2, 40, 3))
    call = jax.jit(lambda start, x: snn.LeakyReadout(start=start)(x))
    both = call(-1e-3, x + y)
    np.testing.assert_allclose(both, call(-1e-3, x) + call(0.0, y), atol=1e-14)
