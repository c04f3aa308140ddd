"""Noise is taken out of cosines and norm ratios; the plain ones are off."""

import numpy as np

from snn.stats import batch_means
from snn.stats.batch_means import alignment, mean_cosine, squared_norm

N_BATCHES, N_PARAMETERS = 16, 400


def batches(rng, mean, noise):
    return mean + noise * rng.normal(size=(N_BATCHES, N_PARAMETERS))


def two_gradients(rng):
    """Cosine 0.8, norm ratio 2."""
    a, b = np.linalg.qr(rng.normal(size=(N_PARAMETERS, 2)))[0].T
    return 2 * (0.8 * a + 0.6 * b), a


def test_the_cosine_of_single_estimates_is_free_of_the_noise_of_the_true_gradient():
    """Each of them has its own noise, which counts."""
    found, exact = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        g, true = two_gradients(rng)
        each = g + 0.1 * rng.normal(size=(4 * N_BATCHES, N_PARAMETERS))
        units = each / np.linalg.norm(each, axis=1, keepdims=True)
        exact.append((units @ true).mean())
        batched = units.reshape(N_BATCHES, 4, -1).mean(axis=1)
        found.append(mean_cosine(batched, batches(rng, true, 0.15)))
    found = np.array(found)
    error = found[:, 0].std() / len(found) ** 0.5
    assert 0.5 < np.mean(exact) < 0.7
    assert np.abs(found[:, 0].mean() - np.mean(exact)) < 5 * error
    np.testing.assert_allclose(found[:, 1].mean(), found[:, 0].std(), rtol=0.3)


def test_noise_that_drowns_a_gradient_leaves_no_number():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(N_BATCHES, N_PARAMETERS))
    noise -= noise.mean(axis=0)
    assert squared_norm(noise) < 0
    assert np.isnan(alignment(noise, noise)).all()


def test_the_covariance_of_products_of_noise_is_unbiased():
    """For means over eight batches, in five parameters of errors 1 to 5 and of error 2."""
    rng = np.random.default_rng(3)
    n, sizes = 8, (np.arange(1.0, 6.0), np.full(5, 2.0))
    g, h = (size * n**0.5 * rng.normal(size=(20_000, n, 5)) for size in sizes)
    found = batch_means._moments(g, h).d
    both, first, second = sizes[0] * sizes[1], sizes[0] ** 2, sizes[1] ** 2
    expected = np.array([both @ both, 2 * first @ first, 2 * second @ second])
    error = found.std(axis=0) / len(found) ** 0.5
    assert (np.abs(found.mean(axis=0) - expected) < 5 * error).all()
    # Power: by n - 1 in the place of n - 3 it would be off by two sevenths.
    assert (expected * 2 / 7 > 10 * error).all()
