"""Statistics of spike trains, each against its published definition written out."""

import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn import stats

DT = 1e-3


def trains(n_trials=10, n_steps=400, n_neurons=6, seed=0):
    """Bernoulli spikes, each neuron with a rate of its own; the last neuron never fires."""
    rng = np.random.default_rng(seed)
    p = np.linspace(0.02, 0.6, n_neurons)
    p[-1] = 0.0
    return (rng.random((n_trials, n_steps, n_neurons)) < p).astype(float)


def test_population_rate_is_spikes_per_neuron_and_second():
    spikes = trains()
    n_trials, n_steps, n_neurons = spikes.shape
    expected = spikes.sum() / (n_trials * n_neurons * n_steps * DT)
    assert float(stats.population_rate(jnp.asarray(spikes), DT)) == pytest.approx(expected)


def test_fano_factor_per_bin_is_the_mean_of_variance_over_mean():
    spikes = trains()
    ratios = []
    for t in range(spikes.shape[1]):
        for j in range(spikes.shape[2]):
            counts = spikes[:, t, j]
            if counts.mean() > 0:
                ratios.append(((counts - counts.mean()) ** 2).mean() / counts.mean())
    assert float(stats.fano_per_bin(jnp.asarray(spikes))) == pytest.approx(np.mean(ratios))


@pytest.mark.parametrize("p", [0.05, 0.3])
def test_its_value_for_bernoulli_spikes(p):
    """1 - p/(1 - (1-p)^n) with empty bins left out, not 1 - p: the wrong variant must fail."""
    n_trials = 10
    spikes = (np.random.default_rng(1).random((n_trials, 2000, 20)) < p).astype(float)
    measured = float(stats.fano_per_bin(jnp.asarray(spikes)))
    assert measured == pytest.approx(1 - p / (1 - (1 - p) ** n_trials), abs=0.003)
    assert measured != pytest.approx(1 - p, abs=0.003)


def test_fano_factor_of_counts():
    spikes = trains()
    counts = spikes.sum(axis=1)
    fires = counts.mean(axis=0) > 0
    expected = (counts.var(axis=0)[fires] / counts.mean(axis=0)[fires]).mean()
    assert float(stats.fano_of_counts(jnp.asarray(spikes))) == pytest.approx(expected)
    # Regular spikes have none, and all-or-nothing trials have as many as they have spikes.
    regular = jnp.ones((10, 5, 1))
    assert float(stats.fano_of_counts(regular)) == 0.0
    bursts = regular.at[::2].set(0.0)
    assert float(stats.fano_of_counts(bursts)) == pytest.approx(5 * 0.5)


def test_intervals_and_their_variation():
    spikes = np.zeros((12, 4))
    spikes[[1, 3, 7], 0] = 1  # intervals of 2 and 4 steps
    spikes[[0, 5, 10], 1] = 1  # regular
    spikes[4, 2] = 1  # a single spike has no interval
    spikes[[2, 9], 3] = 1  # one interval, which has no variation
    first, second, third, fourth = stats.interspike_intervals(spikes, DT)
    np.testing.assert_allclose(first, [2e-3, 4e-3])
    np.testing.assert_allclose(second, [5e-3, 5e-3])
    assert third.size == 0
    np.testing.assert_allclose(fourth, [7e-3])
    # Mean 3, standard deviation 1 (ddof 0).
    np.testing.assert_allclose(stats.cv_of_isi(spikes, DT), [1 / 3, 0.0])


def test_cv_of_a_bernoulli_process_is_that_of_geometric_intervals():
    """Geometric intervals with parameter p have CV sqrt(1 - p)."""
    spikes = (np.random.default_rng(2).random((200_000, 3)) < 0.3).astype(float)
    np.testing.assert_allclose(stats.cv_of_isi(spikes, DT), np.sqrt(0.7), atol=0.01)


def test_noise_of_a_part_of_a_network_is_that_of_its_layers():
    noise = snn.noise.Uniforms((jnp.zeros(3), jnp.ones(2)))
    part = snn.noise.OffsetNoise(noise, layer=1)
    np.testing.assert_array_equal(part.draw(0, None, (2,)), jnp.ones(2))
