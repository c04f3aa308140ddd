"""The interval of a cosine covers the truth where two standard errors do not.

The rule, chosen before the numbers: in every cell of size, truth and noise, the interval of 95 %
covers in at least 90 % of the repetitions, less three standard errors of that share; of normal
noise, and of noise whose size is that of two events a batch, in one direction.
"""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import ncf
from scipy.stats import t as student

from snn.stats.batch_means import alignment
from snn_tools.shared.interval import cosine_interval

N_BATCHES, REPETITIONS = 16, 400
CELLS = [
    (size, cosine, noise)
    for size in (1, 2, 3, 30)
    for cosine in ((1.0, 0.99, 0.9, 0.0, -0.9) if size > 1 else (1.0, -1.0))
    for noise in ((0.1, 0.0), (0.3, 0.0), (0.2, 0.2))
]


def drawn(kind, size, cosine, noise):
    """Batches of two gradients of norm 1."""
    rng = np.random.default_rng([size, int(100 * abs(cosine)), int(100 * sum(noise))])
    true = np.eye(1, size)[0]
    g = cosine * true + ((1 - cosine**2) ** 0.5 * np.eye(1, size, 1)[0] if size > 1 else 0)
    gradients = []
    for mean, level in zip((g, true), noise, strict=True):
        z = rng.normal(size=(REPETITIONS, N_BATCHES, size))
        if kind == "events":
            events = (rng.poisson(2.0, (REPETITIONS, N_BATCHES, 1)) - 2.0) / 2**0.5
            z = events * rng.normal(size=(REPETITIONS, 1, size))
        gradients.append(mean + level * (N_BATCHES / size) ** 0.5 * z)
    return gradients


def coverage(kind):
    """Shares of repetitions covered, by the interval and by two standard errors, cell by cell."""
    ours, plain = [], []
    for size, cosine, noise in CELLS:
        g, h = drawn(kind, size, cosine, noise)
        low, high = cosine_interval(g, h)
        ours.append(np.mean((low <= cosine + 1e-9) & (cosine - 1e-9 <= high)))
        aligned = alignment(g, h)
        plain.append(np.mean(np.abs(aligned.cosine - cosine) <= 2 * aligned.cosine_se))
    return np.array(ours), np.array(plain)


@pytest.mark.parametrize("kind", ["normal", "events"])
def test_it_covers_in_every_cell_and_two_standard_errors_do_not(kind):
    ours, plain = coverage(kind)
    least = 0.9 - 3 * (0.9 * 0.1 / REPETITIONS) ** 0.5
    assert ours.min() >= least, CELLS[ours.argmin()]
    assert plain.min() < least - 0.01


def test_an_exact_pair_has_its_cosine_alone():
    g, h = (np.tile(x, (16, 1)) for x in ([3.0, 4.0], [1.0, 0.0]))
    np.testing.assert_allclose(cosine_interval(g, h), 0.6, rtol=1e-6)


B = 16
RHO, ALPHA = 0.4, 1.0


def batches(across, along):
    """Means of batches around a gradient, beside an exact true one along the first axis."""
    zero = np.zeros(B)
    g = np.stack([ALPHA + along + zero, RHO + across + zero], axis=1)
    return g, np.tile([2.0, 0.0], (B, 1))


def centred(seed):
    noise = 0.3 * np.random.default_rng(seed).standard_normal(B)
    return noise - noise.mean()


def test_noise_along_the_true_gradient_alone_leaves_a_quantile_of_student():
    """The length across is exact: the ends are those of the component along, at 0.025 and 0.975."""
    noise = centred(1)
    low, high = cosine_interval(*batches(0.0, noise))
    reach = student.ppf(0.975, B - 1) * noise.std(ddof=1) / B**0.5
    ends = [np.cos(np.arctan2(RHO, ALPHA + side * reach)) for side in (-1, 1)]
    np.testing.assert_allclose([low, high], ends, rtol=1e-9)


def test_noise_across_the_true_gradient_alone_leaves_quantiles_of_the_noncentral_f():
    """In one direction across, with 1 and B - 1 degrees of freedom, at 0.025 and 0.975."""
    noise = centred(2)
    low, high = cosine_interval(*batches(noise, 0.0))
    variance = noise.var(ddof=1) / B
    ratio = RHO**2 / variance
    angle = np.arctan2((RHO**2 - variance) ** 0.5, ALPHA)

    def length(probability):
        noncentrality = brentq(lambda x: ncf.cdf(ratio, 1, B - 1, x) - probability, 1e-9, 1e3)
        return (variance * noncentrality) ** 0.5

    spread = [np.arctan2(length(p), ALPHA) - angle for p in (0.975, 0.025)]
    ends = np.cos([angle + abs(spread[1]), angle - abs(spread[0])])
    np.testing.assert_allclose([low, high], ends, rtol=1e-4)
