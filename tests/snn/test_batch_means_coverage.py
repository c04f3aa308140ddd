"""Estimates from batch means are unbiased and their standard errors cover; the plain ones are not.

The rule for every number of parameters, truth and noise where a cosine counts as known, that is
where the median standard error is below `KNOWN_SE`:

1. *Bias*: the mean is off by less than a tenth of the median standard error, and four standard
   errors of the mean over repetitions.
2. *Coverage*: two standard errors cover the truth in 85 % of the repetitions at least. With
   standard errors from 16 batches it would be 93.6 % of a normal estimate; few parameters make a
   cosine skewed.
3. *Negative control*: of cosines whose truth is 1 or -1, at most 5 % lie above it by two standard
   errors, and at most 5 % below it.
"""

import functools

import numpy as np

from snn.stats import batch_means
from snn.stats.batch_means import KNOWN_SE, alignment, mean_cosine, squared_norm

N_BATCHES = 16
REPETITIONS = {1: 1000, 3: 1000, 30: 400, 1000: 60}
TRUTHS = (1.0, 0.5, 0.0, -0.9)
NOISE = ((0.1, 0.0), (0.1, 0.1), (0.3, 0.0), (0.2, 0.2), (0.6, 0.2), (1.0, 1.0))
"""Standard error over norm, of a gradient and of the true one; 0: known exactly."""


def drawn(size, cosine, noise):
    """Batches of two gradients of norm 1, ``(repetition, batch, parameter)``."""
    rng = np.random.default_rng([size, *(int(1000 * abs(x)) for x in (cosine, *noise))])
    true = np.eye(1, size)[0]
    g = cosine * true
    if size > 1:
        g = g + (1 - cosine**2) ** 0.5 * np.eye(1, size, 1)[0]
    shape = (REPETITIONS[size], N_BATCHES, size)
    return [
        mean + level * (N_BATCHES / size) ** 0.5 * rng.normal(size=shape)
        for mean, level in zip((g, true), noise, strict=True)
    ]


def plain_compare(g, h):
    """The quotient of unbiased estimates, with the jackknife's error."""

    def numbers(g, h):
        with np.errstate(invalid="ignore"):
            norms = squared_norm(g) ** 0.5, squared_norm(h) ** 0.5
        product = (g.mean(axis=-2) * h.mean(axis=-2)).sum(axis=-1)
        return np.array([product / norms[0] / norms[1], norms[0] / norms[1]])

    left_out = [numbers(np.delete(g, i, -2), np.delete(h, i, -2)) for i in range(N_BATCHES)]
    return *numbers(g, h), *(np.std(left_out, axis=0) * (N_BATCHES - 1) ** 0.5)


def broken(values, errors, truth, control=False):
    """Those of the rules that an estimate breaks; None if it counts as unknown."""
    if np.isnan(values).mean() > 0.01 or np.nanmedian(errors) > KNOWN_SE:
        return None
    values, errors = (x[np.isfinite(values)] for x in (values, errors))
    bias, error = abs(values.mean() - truth), np.median(errors)
    z = (values - truth) / np.maximum(errors, 1e-12)
    rules = {
        "bias": bias > 0.1 * error + 4 * values.std() / len(values) ** 0.5,
        "coverage": (np.abs(z) <= 2).mean() < 0.85,
        "control": control and max((z > 2).mean(), (z < -2).mean()) > 0.05,
    }
    return [rule for rule, is_broken in rules.items() if is_broken]


@functools.cache
def cells():
    truths = {size: TRUTHS if size > 1 else (1.0, -1.0) for size in REPETITIONS}
    return [(n, t, noise, drawn(n, t, noise)) for n in truths for t in truths[n] for noise in NOISE]


def test_cosines_and_norm_ratios_keep_the_rule():
    known = 0
    for size, cosine, noise, (g, h) in cells():
        values, ratios, errors, ratio_errors = alignment(2 * g, h)
        words = broken(values, errors, cosine, control=abs(cosine) == 1)
        assert not words, (size, cosine, noise, words)
        assert not broken(ratios / 2, ratio_errors / 2, 1.0), (size, cosine, noise)
        known += words is not None
    assert known >= 50


def test_plain_cosines_break_every_rule():
    actual = {}
    for size, cosine, noise, pair in cells():
        if size <= 3 and abs(cosine) == 1:
            values, _, errors, _ = plain_compare(*pair)
            actual[size, cosine, noise] = broken(values, errors, cosine, control=True)
    for truth in (1.0, -1.0):
        assert actual[1, truth, (0.1, 0.1)] == ["bias", "coverage", "control"]
        assert all("control" in actual[1, truth, noise] for noise in NOISE[:4])
    assert all("bias" in actual[3, 1.0, noise] for noise in NOISE[:4])


def test_mean_cosines_keep_the_rule():
    known = 0
    for size, cosine, noise, (g, h) in cells():
        if noise[0] < 0.5:
            values, errors = mean_cosine(g, h)
            words = broken(values, errors, cosine)
            assert not words, (size, cosine, noise, words)
            if words is not None:
                assert np.median(errors) < 1.3 * values.std(), (size, cosine, noise)
                known += 1
    assert known >= 45


def test_the_relative_variance_is_unbiased_where_the_inverse_norm_is_not():
    g, _ = drawn(3, 1.0, (0.2, 0.0))
    n_trials = 25  # of each batch
    truth = n_trials * 0.2**2 * N_BATCHES
    actual = batch_means.relative_variance(g, n_trials) / truth - 1
    plain = n_trials * g.var(axis=1, ddof=1).sum(axis=-1) / squared_norm(g) / truth - 1
    error = actual.std() / len(actual) ** 0.5
    assert abs(actual.mean()) < 4 * error < abs(plain.mean())


def test_standard_errors_are_the_spread_where_the_linear_term_vanishes():
    """As for parallel gradients; the jackknife's are too large by a root of two."""
    g, h = drawn(30, 1.0, (0.1, 0.1))
    actual, plain = alignment(g, h), plain_compare(g, h)
    assert abs(np.median(actual.cosine_se) / actual.cosine.std() - 1) < 0.25
    assert np.median(plain[2]) / np.std(plain[0]) > 1.25


def test_fewer_than_four_batches_have_no_error():
    assert np.isnan(alignment(np.ones((3, 5)), np.ones((3, 5)))).all()


def test_noise_that_drowns_a_gradient_leaves_no_number():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(N_BATCHES, 400))
    noise -= noise.mean(axis=0)
    assert squared_norm(noise) < 0
    assert np.isnan(alignment(noise, noise)).all()


def test_the_covariance_of_products_of_noise_is_unbiased():
    """For means over eight batches, in five parameters of errors 1 to 5 and of error 2."""
    rng = np.random.default_rng(3)
    n, sizes = 8, (np.arange(1.0, 6.0), np.full(5, 2.0))
    g, h = (size * n**0.5 * rng.normal(size=(20_000, n, 5)) for size in sizes)
    actual = batch_means._moments(g, h).d
    both, first, second = sizes[0] * sizes[1], sizes[0] ** 2, sizes[1] ** 2
    expected = np.array([both @ both, 2 * first @ first, 2 * second @ second])
    error = actual.std(axis=0) / len(actual) ** 0.5
    assert (np.abs(actual.mean(axis=0) - expected) < 5 * error).all()
    # Power: by n - 1 in the place of n - 3 it would be off by two sevenths.
    assert (expected * 2 / 7 > 10 * error).all()
