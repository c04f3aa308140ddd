"""Discrete distributions: samples are quantiles, jumps are the published ones and add up."""

from functools import partial

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


PUBLISHED = {
    # Rates as the parameter grows and shrinks, and the step as it grows.
    "bernoulli": (lambda x: (x == 0) / 0.7, lambda x: (x == 1) / 0.3, 1),
    "binomial": (lambda x: (10 - x) / 0.7, lambda x: x / 0.3, 1),
    "geometric": (lambda x: x / (0.3 * 0.7), lambda x: (x + 1) / 0.3, -1),
    "poisson": (np.ones_like, lambda x: x / 4, 1),
}


@partial(jax.jit, static_argnames="name")
def jumps(name, change):
    """P(x), rates and targets of jumps, and the derivative of the mean of f in closed form."""
    distribution, params, _ = CASES[name]
    direction = (*(jnp.zeros(()) for _ in params[1:]), change)

    def mean(*params):
        return jnp.nansum(PMF[name](*params) * f(K))

    truth = jax.jvp(mean, params, direction)[1]
    jump = distribution.jump(everywhere(params), everywhere(direction), K, jnp.array(0.5))
    return PMF[name](*params), *jump, truth


@pytest.mark.parametrize("sign", [1, -1])
@each_case
def test_jumps_are_the_published_ones_and_their_mean_change_is_the_derivative(name, sign):
    """Sum over all outcomes of P(x) w (f(Y) - f(x)), without sampling."""
    pmf, rate, y, truth = jumps(name, 2.0 * sign)
    change = jnp.nansum(pmf * rate * (f(y) - f(K)))
    assert change == pytest.approx(float(truth), rel=1e-10)
    opposite = jnp.nansum(pmf * rate * (f(2 * K - y) - f(K)))
    assert abs(opposite - truth) > 0.1 * abs(truth)
    assert jnp.all(rate >= 0)
    n = 2 if name == "bernoulli" else 11
    x, rate, y = (np.asarray(each)[:n] for each in (K, rate, y))
    grows, shrinks, step = PUBLISHED[name]
    np.testing.assert_allclose(rate, 2 * (grows if sign > 0 else shrinks)(x), rtol=1e-14)
    np.testing.assert_array_equal(y[rate > 0], (x + sign * step)[rate > 0])


@partial(jax.jit, static_argnames="distribution")
def sampled(distribution, params, xi):
    return distribution.sample(tuple(jnp.broadcast_to(p, xi.shape) for p in params), xi)


@each_case
def test_samples_are_quantiles(name):
    distribution, params, frozen = CASES[name]
    xi = (jnp.arange(2000) + 0.5) / 2000
    quantiles = frozen(*map(float, params)).ppf(1 - xi if name == "bernoulli" else xi)
    np.testing.assert_array_equal(sampled(distribution, params, xi), quantiles)


ALL, INNER = [0.0, 0.5, 1 - 1e-5], [1e-5, 0.5, 1 - 1e-5]
LEAST, LARGEST = [0.0] * 3, [1 - 2.0**-53] * 3


@pytest.mark.parametrize(
    "distribution, params, xi, low, high",
    [
        (BINOMIAL, (50_000.0, 0.9), INNER, 44_500, 45_500),  # P(0) underflows
        (BINOMIAL, (5.0, 1.0), ALL, 5, 5),
        (BINOMIAL, (5.0, 0.0), ALL, 0, 0),
        (BINOMIAL, (0.0, 0.4), ALL, 0, 0),
        (BINOMIAL, (0.0, 1.0), ALL, 0, 0),
        (BINOMIAL, (1000.0, 0.2), LARGEST, 0, 1000),  # the search ends
        (POISSON, (0.0,), ALL, 0, 0),
        (POISSON, (2000.0,), INNER, 1800, 2200),
        (POISSON, (2000.0,), LEAST, 101, 2000),  # P(0) underflows: an outcome that can occur
        (POISSON, (4.0,), LARGEST, 0, 99),
        (GEOMETRIC, (1.0,), ALL, 0, 0),
        (BERNOULLI, (0.0,), ALL, 0, 0),
        (BERNOULLI, (1.0,), ALL, 1, 1),
    ],
)
def test_samples_at_the_edges(distribution, params, xi, low, high):
    x = sampled(distribution, params, jnp.array(xi))
    assert jnp.all((x >= low) & (x <= high)), x


def test_quantiles_far_in_the_tail():
    """The search for those of Poisson counts must not end before."""
    rate = jnp.array([0.1, 4.0, 50.0])
    expected = scipy.stats.poisson(rate).ppf(1 - 1e-12)
    np.testing.assert_array_equal(sampled(POISSON, (rate,), jnp.full(3, 1 - 1e-12)), expected)


class TestCategorical:
    dq = jnp.array([-0.5, 0.3, -0.2, 0.4])

    def test_samples_follow_the_probabilities_and_skip_what_has_none(self):
        xi = (jnp.arange(1000) + 0.5) / 1000
        x = CATEGORICAL.sample((jnp.tile(Q, (1000, 1)),), xi)
        np.testing.assert_array_equal(np.bincount(x.astype(int), minlength=4), 1000 * Q)

    def test_a_class_of_probability_zero_is_not_drawn(self):
        q = jnp.array([[0.0, 0.25, 0.0, 0.75]])
        assert CATEGORICAL.sample((q,), jnp.zeros(1)) == 1
        assert CATEGORICAL.sample((q,), jnp.full(1, 0.25)) == 3
        q = jnp.array([[0.7, 0.3 - 1e-9, 0.0, 0.0]])  # falls short of 1
        assert CATEGORICAL.sample((q,), jnp.full(1, 1 - 1e-12)) == 1

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

    samples, number = drawn(jax.random.key(0))
    assert [a.shape for a in samples] == [(6,), (4,), (), (2, 3), ()]
    assert number == 5
    assert len(set(np.asarray(samples[3]).ravel().tolist())) == 6
