"""Statistics of estimates, against numpy, and against what they must not do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn import stats


def test_mean_and_standard_error():
    samples = np.random.default_rng(0).normal(2.0, 3.0, (500, 4))
    mean, se = stats.mean_and_se(jnp.asarray(samples))
    np.testing.assert_allclose(mean, samples.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(se, samples.std(axis=0, ddof=1) / np.sqrt(500), rtol=1e-12)


def test_z_scores_of_a_true_mean_are_standard_normal():
    samples = jax.random.normal(jax.random.key(0), (200, 400), jnp.float64)
    z = stats.z_score(stats.mean_and_se(samples), jnp.zeros(400))
    assert abs(z.mean()) < 5 / np.sqrt(400)
    assert abs(z.var() - 1) < 5 * np.sqrt(2 / 400)
    assert np.abs(z).max() < 5


def test_z_score_of_an_error():
    estimate = stats.Mean(jnp.array([1.05, 0.95]), jnp.array([0.01, 0.01]))
    np.testing.assert_allclose(stats.z_score(estimate, np.ones(2)), [5, -5])


def test_z_score_without_spread():
    """Exact in every sample: 0 up to rounding, infinite beyond, with the sign of the error."""
    estimate = stats.Mean(jnp.array([1.0, 1.0 + 1e-15, 1.1, 0.9]), jnp.zeros(4))
    np.testing.assert_array_equal(stats.z_score(estimate, np.ones(4)), [0, 0, np.inf, -np.inf])


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e20])
def test_rounding_is_measured_on_the_scale_of_the_exact_value(scale):
    """1e-13 of it is rounding; 1e-10 of it is an error, and counts."""
    exact = scale * np.array([1.0, -0.5])
    for error, z in ((1e-13, 0), (1e-10, 5), (-1e-10, -5)):
        estimate = stats.Mean(jnp.asarray(exact + scale * error), jnp.full(2, 2e-11 * scale))
        np.testing.assert_allclose(stats.z_score(estimate, exact), z, rtol=1e-5)


TREE = [{"b": jnp.array([3.0]), "w": jnp.array([[1.0, 2.0]])}, jnp.array(4.0)]


def test_flatten_orders_parameters_as_the_pytree_does():
    np.testing.assert_array_equal(stats.flatten(TREE), [3, 1, 2, 4])
    trials = jax.tree.map(lambda leaf: jnp.stack([leaf, 10 * leaf]), TREE)
    np.testing.assert_array_equal(stats.flatten_trials(trials), [[3, 1, 2, 4], [30, 10, 20, 40]])


def test_cosine_and_relative_error():
    other = jax.tree.map(lambda leaf: -2 * leaf, TREE)
    assert stats.cosine(TREE, other) == pytest.approx(-1)
    assert stats.cosine(jnp.array([1.0, 0.0]), jnp.array([1.0, 1.0])) == pytest.approx(0.5**0.5)
    assert stats.relative_error(other, TREE) == pytest.approx(3)
    assert stats.relative_error(TREE, other) == pytest.approx(1.5)


def test_effective_trials_are_those_that_carry_the_variance():
    """A third of normal trials; of rare events, those that occurred; one outlier; none."""
    rng = np.random.default_rng(0)
    rare = np.zeros(1000)
    rare[:7] = 50.0
    samples = np.stack([rng.normal(size=1000), rare, np.eye(1000)[3], np.full(1000, 0.1)], axis=1)
    normal, seven, one, none = stats.effective_trials(samples)
    assert normal == pytest.approx(1000 / 3, rel=0.1)
    assert seven == pytest.approx(7, rel=0.02) and one == pytest.approx(1, rel=0.02) and none == 0
    # Deviations that are small beside the mean count, down to rounding.
    assert stats.effective_trials(1 + 1e-6 * samples[:, 0]) == pytest.approx(normal, rel=1e-6)


@pytest.mark.parametrize(
    ("draw", "low", "high"),
    [
        (lambda rng, n: rng.normal(size=n), 3000, 3700),
        (lambda rng, n: rng.standard_t(3, size=n), 30, 2000),
        (lambda rng, n: rng.standard_t(1.5, size=n), 1, 10),
        (lambda rng, n: 1e6 * (rng.random(n) < 5e-4), 1, 15),
    ],
    ids=["normal", "t3", "t1.5", "rare"],
)
def test_effective_trials_of_known_tails(draw, low, high):
    """10 000 trials; medians of 50 samples. A variance that does not exist is carried by a few."""
    rng = np.random.default_rng(3)
    actual = np.median(stats.effective_trials(draw(rng, (10_000, 50))))
    assert low < actual < high
    assert (actual < stats.FEW_TRIALS) == (high <= 15)


def test_more_trials_help_where_events_are_rare_and_not_where_there_is_no_variance():
    rng = np.random.default_rng(4)
    rare = [1.0 * (rng.random((n, 120)) < 1e-3) for n in (5000, 20_000)]
    wild = [rng.standard_t(1.5, size=(n, 120)) for n in (5000, 20_000)]
    growth = [
        stats.effective_trials(b).mean() / stats.effective_trials(a).mean() for a, b in (rare, wild)
    ]
    assert growth[0] == pytest.approx(4, rel=0.2) and growth[1] < 2


@pytest.mark.parametrize(("rate", "trusted"), [(0.005, False), (0.1, True)])
def test_few_effective_trials_tell_where_z_scores_are_false(rate, trusted):
    """Rare trials of size 40 on normal noise: |z| > 3 is ten times as frequent as it should be.

    How many trials carry the sum, (sum |x|)^2 / sum x^2, does not tell: more than 100 in each case.
    """
    rng = np.random.default_rng(1)
    rare = 40 * (rng.random((1000, 4000)) < rate)
    samples = 1 + rng.normal(size=rare.shape) + rare
    z = (samples.mean(axis=0) - 1 - 40 * rate) / (samples.std(axis=0, ddof=1) / 1000**0.5)
    false = np.mean(np.abs(z) > 3) / 0.0027
    assert (false < 3) == trusted and (false > 8) != trusted
    observed = rare.any(axis=0)
    effective = stats.effective_trials(samples[:, observed])
    assert np.all(effective > 30) if trusted else np.all(effective < 30)
    carry_sum = np.abs(samples).sum(axis=0) ** 2 / np.sum(samples**2, axis=0)
    assert np.median(carry_sum) > 100
    # Where no rare trial was seen, nothing in the sample tells.
    assert np.all(stats.effective_trials(samples[:, ~observed]) > 200)
