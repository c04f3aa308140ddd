"""Discrete distributions: samples are quantiles, jumps are the published ones and add up."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from snn_tools.stochad import Draw
from snn_tools.stochad.distributions import BERNOULLI, BINOMIAL, CATEGORICAL, GEOMETRIC, POISSON

K = jnp.arange(200.0)
Q = jnp.array([0.2, 0.0, 0.5, 0.3])
CASES = {
    "bernoulli": (BERNOULLI, (jnp.array(0.3),), lambda p: scipy.stats.bernoulli(p)),
    "binomial": (
        BINOMIAL,
        (jnp.array(10.0), jnp.array(0.3)),
        lambda n, p: scipy.stats.binom(n, p),
    ),
    "geometric": (GEOMETRIC, (jnp.array(0.3),), lambda p: scipy.stats.geom(p, loc=-1)),
    "poisson": (POISSON, (jnp.array(4.0),), lambda rate: scipy.stats.poisson(rate)),
}
each_case = pytest.mark.parametrize("name", CASES)
PMF = {
    "bernoulli": lambda p: jnp.where(K == 1, p, jnp.where(K == 0, 1 - p, 0.0)),
    "binomial": lambda n, p: jnp.exp(jax.scipy.stats.binom.logpmf(K, n, p)),
    "geometric": lambda p: p * (1 - p) ** K,
    "poisson": lambda rate: jnp.exp(jax.scipy.stats.poisson.logpmf(K, rate)),
}


def everywhere(values):
    return tuple(jnp.full(K.shape, v) for v in values)


def f(x):
    """Not linear, so that the size of a jump matters."""
    return jnp.sin(x) + 0.1 * x**2


@pytest.mark.parametrize("sign", [1.0, -1.0])
@each_case
def test_the_mean_change_by_jumps_is_the_derivative(name, sign):
    """Sum over all outcomes of P(x) w (f(Y) - f(x)), without sampling."""
    distribution, params, _ = CASES[name]
    direction = (*(jnp.zeros(()) for _ in params[1:]), jnp.array(sign))

    def mean(*params):
        return jnp.nansum(PMF[name](*params) * f(K))

    truth = jax.jvp(mean, params, direction)[1]
    rate, y = distribution.jump(everywhere(params), everywhere(direction), K, jnp.array(0.5))
    change = jnp.nansum(PMF[name](*params) * rate * (f(y) - f(K)))
    assert change == pytest.approx(float(truth), rel=1e-10)
    opposite = jnp.nansum(PMF[name](*params) * rate * (f(2 * K - y) - f(K)))
    assert abs(opposite - truth) > 0.1 * abs(truth)
    assert jnp.all(rate >= 0)


@pytest.mark.parametrize(
    "name, sign, rate, step",
    [
        ("bernoulli", 1, lambda x: (x == 0) / 0.7, 1),
        ("bernoulli", -1, lambda x: (x == 1) / 0.3, -1),
        ("binomial", 1, lambda x: (10 - x) / 0.7, 1),
        ("binomial", -1, lambda x: x / 0.3, -1),
        ("geometric", 1, lambda x: x / (0.3 * 0.7), -1),
        ("geometric", -1, lambda x: (x + 1) / 0.3, 1),
        ("poisson", 1, lambda x: np.ones_like(x), 1),
        ("poisson", -1, lambda x: x / 4, -1),
    ],
)
def test_jumps_are_the_published_ones(name, sign, rate, step):
    distribution, params, _ = CASES[name]
    n = 2 if name == "bernoulli" else 11
    direction = tuple(jnp.array(2.0 * sign) for _ in params)
    found = distribution.jump(everywhere(params), everywhere(direction), K, jnp.array(0.5))
    x, got, y = (np.asarray(a)[:n] for a in (K, *found))
    np.testing.assert_allclose(got, 2 * rate(np.asarray(x)), rtol=1e-14)
    jumps = got > 0
    np.testing.assert_array_equal(y[jumps], (x + step)[jumps])


@each_case
def test_samples_are_quantiles(name):
    distribution, params, frozen = CASES[name]
    xi = (jnp.arange(2000) + 0.5) / 2000
    quantiles = frozen(*map(float, params)).ppf(1 - xi if name == "bernoulli" else xi)
    full = tuple(jnp.full(xi.shape, v) for v in params)
    np.testing.assert_array_equal(distribution.sample(full, xi), quantiles)


@pytest.mark.parametrize(
    "distribution, params, low, high",
    [
        (BINOMIAL, (50_000.0, 0.9), 44_500, 45_500),  # P(0) underflows
        (BINOMIAL, (5.0, 1.0), 5, 5),
        (BINOMIAL, (5.0, 0.0), 0, 0),
        (BINOMIAL, (0.0, 0.4), 0, 0),
        (BINOMIAL, (0.0, 1.0), 0, 0),
        (POISSON, (0.0,), 0, 0),
        (POISSON, (2000.0,), 1800, 2200),
        (GEOMETRIC, (1.0,), 0, 0),
        (BERNOULLI, (0.0,), 0, 0),
        (BERNOULLI, (1.0,), 1, 1),
    ],
)
def test_samples_at_the_edges(distribution, params, low, high):
    xi = jnp.array([0.0 if low == high else 1e-5, 0.5, 1 - 1e-5, 1 - 2.0**-53])[:3]
    x = distribution.sample(tuple(jnp.full(xi.shape, v) for v in params), xi)
    assert jnp.all((x >= low) & (x <= high)), x


def test_the_largest_uniform_number_ends_the_search():
    xi = jnp.full(1, 1 - 2.0**-53)
    assert POISSON.sample((jnp.full(1, 4.0),), xi) < 100
    assert BINOMIAL.sample((jnp.full(1, 1000.0), jnp.full(1, 0.2)), xi) <= 1000


def test_the_least_uniform_number_gives_an_outcome_that_can_occur():
    zero = jnp.zeros(1)
    assert POISSON.sample((jnp.full(1, 2000.0),), zero) > 100  # P(0) underflows
    q = jnp.array([[0.0, 0.25, 0.0, 0.75]])
    assert CATEGORICAL.sample((q,), zero) == 1
    assert CATEGORICAL.sample((q,), zero + 0.25) == 3


def test_quantiles_far_in_the_tail():
    """The search for those of Poisson counts must not end before."""
    rate = jnp.array([0.1, 4.0, 50.0])
    expected = scipy.stats.poisson(rate).ppf(1 - 1e-12)
    np.testing.assert_array_equal(POISSON.sample((rate,), jnp.full(3, 1 - 1e-12)), expected)


class TestCategorical:
    dq = jnp.array([-0.5, 0.3, -0.2, 0.4])

    def test_samples_follow_the_probabilities_and_skip_what_has_none(self):
        xi = (jnp.arange(1000) + 0.5) / 1000
        x = CATEGORICAL.sample((jnp.tile(Q, (1000, 1)),), xi)
        np.testing.assert_array_equal(np.bincount(x.astype(int), minlength=4), 1000 * Q)

    def test_rounding_does_not_make_a_class_of_probability_zero(self):
        q = jnp.array([[0.7, 0.3 - 1e-9, 0.0]])  # falls short of 1
        assert CATEGORICAL.sample((q,), jnp.array([1 - 1e-12])) == 1

    def test_the_mean_change_by_jumps_is_the_derivative(self):
        u = (jnp.arange(7000) + 0.5) / 7000
        x = jnp.array([0.0, 2.0, 3.0])  # what can occur
        q, dq = (jnp.tile(a, (3, 1)) for a in (Q, self.dq))
        rate, y = jax.jit(jax.vmap(lambda u: CATEGORICAL.jump((q,), (dq,), x, u)))(u)
        flow = Q[x.astype(int)] * rate[0]
        change = flow @ jnp.mean(f(y) - f(x)[None], axis=0)
        assert change == pytest.approx(float(self.dq @ f(K[:4])), rel=1e-10)
        one_target = flow @ (f(jnp.full(3, 3.0)) - f(x))  # all to the class that gains most
        assert abs(one_target - change) > 0.02


def test_draws_have_the_shape_of_their_parameters():
    @jax.jit
    def drawn(key):
        draw = Draw.start(key)
        rows, draw = draw.categorical(jnp.tile(Q, (6, 1)))
        counts, draw = draw.binomial(jnp.arange(4), 0.5)
        spike, draw = draw.bernoulli(0.5)
        noise, draw = draw.normal((2, 3))
        u, draw = draw.uniform()
        return (rows, counts, spike, noise, u), draw.number

    found, number = drawn(jax.random.key(0))
    assert [a.shape for a in found] == [(6,), (4,), (), (2, 3), ()]
    assert number == 5
    assert len(set(np.asarray(found[3]).ravel().tolist())) == 6
