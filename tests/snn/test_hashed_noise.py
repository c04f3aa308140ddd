"""Hashed noise: uniform, independent and replayed; weaker hashes fail the same tests."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from snn.noise import Hashed, _mix
from snn.value_object import value_object

N_KEYS, N_LAYERS, N_STEPS, N_SITES = 4, 3, 40, 1088


def words(key, layer, t, shape):
    """The sites of a layer, and 32 bits that follow from key, layer and step."""
    key = jax.random.fold_in(jax.random.fold_in(key, layer), t)
    site = jax.lax.iota(jnp.uint32, int(np.prod(shape))).reshape(shape)
    return site, jax.random.bits(key, (), jnp.uint32)


def to_number(word):
    return (word >> 8).astype(float) * 2.0**-24


@value_object
class Xorshift:
    """Linear: flipping a bit of the site flips the same bits of the result, always."""

    key: jax.Array

    def draw(self, layer, t, shape):
        site, bits = words(self.key, layer, t, shape)
        word = site ^ bits
        for shift in (13, -17, 5):
            word ^= word << shift if shift > 0 else word >> -shift
        return to_number(word)


@value_object
class Lattice:
    """Multiples of the golden ratio from a random start: more even than random numbers are."""

    key: jax.Array

    def draw(self, layer, t, shape):
        site, bits = words(self.key, layer, t, shape)
        return to_number(site * jnp.uint32(0x9E3779B9) + bits)


@value_object
class Overlapping:
    """A good hash of a site's number that goes on where the last step began, one site later."""

    key: jax.Array

    def draw(self, layer, t, shape):
        site, _ = words(self.key, layer, t, shape)
        _, bits = words(self.key, layer, 0, shape)
        return to_number(_mix(_mix(site + jnp.uint32(t)) + bits))


def numbers(kind):
    """Numbers of many sites, ``(key, layer, step, site)``."""
    each = jax.vmap(
        lambda key: jnp.stack(
            [
                jax.vmap(lambda t, layer=layer: kind(key).draw(layer, t, (N_SITES,)))(
                    jnp.arange(N_STEPS)
                )
                for layer in range(N_LAYERS)
            ]
        )
    )
    return np.asarray(jax.jit(each)(jax.random.split(jax.random.key(0), N_KEYS)))


def test_both_words_of_the_key_count(monkeypatch):
    def draw(*words):
        monkeypatch.setattr(jax.random, "bits", lambda *_: jnp.array(words, jnp.uint32))
        return np.asarray(Hashed(jax.random.key(0)).draw(0, None, (N_SITES,)))

    reference = draw(5, 7)
    for words in ((6, 7), (5, 8)):
        assert np.mean(draw(*words) == reference) < 0.01


def uniform(x):
    """z-scores of the numbers in 256 cells, by chi squared, and of the largest gap (KS)."""
    counts = np.histogram(x, 256, (0, 1))[0]
    chi = np.sum((counts - x.size / 256) ** 2) / (x.size / 256)
    gap = stats.kstest(x.ravel(), "uniform").pvalue
    return np.array([(chi - 255) / np.sqrt(2 * 255), stats.norm.isf(gap / 2)])


def correlation(x):
    """z-scores of correlations between neighbouring sites, steps, layers and keys."""
    x = (x - 0.5) * np.sqrt(12)
    pairs = []
    for axis in range(4):
        first, second = (np.moveaxis(x, axis, 0)[part] for part in (np.s_[:-1], np.s_[1:]))
        pairs += [(first, second), (first**2 - 1, second**2 - 1)]
    for lag in (2, 3, 4, 8, 16, 32, 64):
        pairs.append((x[..., :-lag], x[..., lag:]))
    return np.array(
        [np.sum(a * b) / np.sqrt(np.mean(a**2) * np.mean(b**2) * a.size) for a, b in pairs]
    )


def avalanche(x):
    """z-scores of each bit of the result changing half the time with each bit of the site."""
    bits = (x[..., :1024] * 2**24).astype(np.uint32)
    actual = []
    for m in range(10):
        other = bits[..., np.arange(1024) ^ (1 << m)]
        change = (bits ^ other).ravel()
        for k in range(24):
            share = np.mean((change >> k) & 1)
            actual.append((share - 0.5) * 2 * np.sqrt(change.size / 2))  # each pair is seen twice
    return np.array(actual)


def firing(x):
    """z-scores of mean and variance of the spike count of a step, against the binomial's."""
    actual = []
    for p in (0.03, 0.3):
        count = (x < p).sum(axis=-1).ravel()
        n, variance = count.size, N_SITES * p * (1 - p)
        actual.append((count.mean() - N_SITES * p) / np.sqrt(variance / n))
        actual.append((count.var(ddof=1) / variance - 1) * np.sqrt(n / 2))
    return np.array(actual)


def repeats(x):
    """Pairs of neighbours that occur twice; by chance 1e-3 are expected."""
    code = (x * 2**24).astype(np.int64)
    code = (code[..., :-1] * 2**24 + code[..., 1:]).ravel()
    return np.array([code.size - np.unique(code).size]) * 10.0


CHECKS = (uniform, correlation, avalanche, firing, repeats)


def test_the_mix_is_the_published_one():
    """Its shifts and factors, on Python's integers: a step less would pass the tests below."""

    def mix(word):
        word = (word ^ word >> 16) * 0x21F0AAAD % 2**32
        word = (word ^ word >> 15) * 0xD35A2D97 % 2**32
        return word ^ word >> 15

    words = [0, 1, 2, 12345, 2**31, 2**32 - 1]
    np.testing.assert_array_equal(_mix(jnp.array(words, jnp.uint32)), [mix(w) for w in words])


def test_it_passes_for_random():
    x = numbers(Hashed)
    assert x.min() >= 0 and x.max() < 1
    # Multiples of 2^-24: exact in single precision, and below 1 there too.
    np.testing.assert_array_equal(x * 2**24, np.round(x * 2**24))
    for check in CHECKS:
        assert np.abs(check(x)).max() < 5, check.__name__


@pytest.mark.parametrize(
    "kind, check", [(Xorshift, avalanche), (Lattice, firing), (Overlapping, repeats)]
)
def test_weak_hashes_fail(kind, check):
    assert np.abs(check(numbers(kind))).max() > 5


def test_a_site_is_uniform_over_keys():
    """And independent of its neighbour, of the next step and of the next layer."""
    keys = jax.random.split(jax.random.key(1), 8192)
    sites = jax.jit(
        jax.vmap(
            lambda key: jnp.concatenate(
                [Hashed(key).draw(layer, t, (3,)) for layer, t in [(0, 0), (0, 1), (1, 0)]]
            )
        )
    )
    x = np.asarray(sites(keys))
    for site in x.T:
        assert stats.kstest(site, "uniform").pvalue > 1e-6
    r = np.corrcoef(x.T)[np.triu_indices(9, 1)]
    assert np.abs(r).max() * np.sqrt(len(keys)) < 5
