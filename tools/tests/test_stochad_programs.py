"""Stochastic triples of programs against closed forms: z-scores, power, and wrong variants.

The Bernoulli program, the one that mixes discrete and continuous randomness, and the random walk
are examples of Arya et al. (2022) and its package.
"""

from functools import cache, partial

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from snn.stats import Mean, mean_and_se, z_score
from snn_tools import stochad

SAMPLES = 100_000
STEPS = 20


def bernoulli(p, draw):
    s, draw = draw.bernoulli(p)
    return p * (s - 0.3) ** 2, draw


def tossing(p, draw):
    """Tails before the first head, four at most: a loop whose length is random.

    It differs between a run and its alternative.
    """

    def toss(carry):
        n, _, draw = carry
        head, draw = draw.bernoulli(p)
        return n + 1 - head, head, draw

    def goes_on(carry):
        n, head, _ = carry
        return (head < 0.5) & (n < 4)

    n, _, draw = lax.while_loop(goes_on, toss, (0.0, 0.0, draw))
    return n, draw


def mixed(p, draw):
    """Discrete and continuous randomness, and parameters that act on both."""
    b, draw = draw.binomial(10, p)
    s, draw = draw.bernoulli(p)
    z, draw = draw.normal()
    a = p**2
    return a * (2 * b + 3 * s) * (b + a * z), draw


def thinned(p, draw):
    """A draw whose number of trials is a draw."""
    n, draw = draw.binomial(6, p)
    m, draw = draw.binomial(n, p**2)
    return m**2, draw


def walk(p, draw):
    """Steps up with probability exp(-x/p), else down, chosen by indexing."""

    def step(carry, _):
        x, draw = carry
        up = jnp.exp(-x / p)
        k, draw = draw.categorical(jnp.stack([1 - up, up]))
        return (x + jnp.array([-1.0, 1.0])[k.astype(int)], draw), None

    (x, draw), _ = lax.scan(step, (0.0, draw), length=STEPS)
    return x**2, draw


def walk_distribution(p):
    """Mean of x^2 after all steps, from the distribution's own recursion."""
    x = jnp.arange(STEPS + 1.0)
    up = jnp.exp(-x / p)
    q = jnp.zeros(STEPS + 1).at[0].set(1.0)
    for _ in range(STEPS):
        q = jnp.roll(q * up, 1) + jnp.roll(q * (1 - up), -1)
    return q @ x**2


def branches(p, draw):
    """Which distribution is drawn from is itself a draw."""
    s, draw = draw.bernoulli(p)
    return lax.cond(s > 0.5, lambda d: d.poisson(3 * p), lambda d: d.geometric(p), draw)


PROGRAMS = {
    "Bernoulli": (bernoulli, 0.4, lambda p: p * (p * 0.49 + (1 - p) * 0.09)),
    "tossing": (tossing, 0.35, lambda p: sum((1 - p) ** k for k in range(1, 5))),
    "mixed": (mixed, 0.6, lambda p: 20 * p**3 + 210 * p**4),
    "thinned": (thinned, 0.7, lambda p: 6 * p**3 * (1 - p**3) + 36 * p**6),
    "walk": (walk, 20.0, walk_distribution),
    "branches": (branches, 0.8, lambda p: p * 3 * p + (1 - p) * (1 - p) / p),
}


@partial(jax.jit, static_argnames="program")
def _triples(program, theta, keys):
    return jax.vmap(lambda key: stochad.triple(program, theta, key))(keys)


@cache
def triples(program, theta, n=SAMPLES):
    return _triples(program, theta, jax.random.split(jax.random.key(0), n))


def finite(t):
    return t.weight * (t.alternative - t.value)


def z(samples, truth):
    return abs(float(z_score(mean_and_se(samples), truth)))


@pytest.mark.parametrize("name", PROGRAMS)
def test_unbiased(name):
    program, theta, mean = PROGRAMS[name]
    n = 40_000 if name == "walk" else SAMPLES  # fewer do
    t, truth = triples(program, theta, n=n), float(jax.grad(mean)(theta))
    assert z(t.value, float(mean(theta))) < 5
    assert z(t.derivative, truth) < 5
    estimate = mean_and_se(t.derivative)
    assert 0.05 * abs(truth) / estimate.se >= 10
    assert abs(z_score(Mean(1.05 * estimate.mean, 1.05 * estimate.se), truth)) > 5
    assert z(t.delta, truth) > 20, "without the finite part"
    assert z(t.delta - finite(t), truth) > 20, "weights of the wrong sign"


@pytest.mark.parametrize("name", ["Bernoulli", "mixed"])
def test_the_infinitesimal_part_belongs_to_it(name):
    program, theta, mean = PROGRAMS[name]
    assert z(finite(triples(program, theta)), float(jax.grad(mean)(theta))) > 20


def test_whether_a_draw_jumps_says_nothing_of_where_it_jumps_to(monkeypatch):
    """Two dice with two faces to gain: pruning and the choice of a face take a number each.

    With one number for both, the second die, kept where that number is small, would always jump to
    the lower face: a bias of -(1 - p)/2.
    """

    def die(p, draw):
        face, draw = draw.categorical(jnp.stack([1 - p, p / 2, p / 2]))
        return face, draw

    def dice(p, draw):
        first, draw = die(p, draw)
        second, draw = die(p, draw)
        return first + second, draw

    p, slope = 0.4, 3.0
    samples = triples(dice, p).derivative
    estimate = mean_and_se(samples)
    assert z(samples, slope) < 5
    assert 0.05 * slope / estimate.se >= 10
    prune = stochad.draw._prune

    def with_one_number(distribution, kept, params, x, number, u):
        return prune(distribution, kept, params, x, number, jnp.stack([u[0], u[0]]))

    monkeypatch.setattr(stochad.draw, "_prune", with_one_number)
    wrong = triples(lambda p, draw: dice(p, draw), p).derivative  # traced anew
    assert z(wrong, slope) > 20
    assert z(wrong, slope - (1 - p) / 2) < 5
