"""Forward-mode triples of spiking programs against enumeration and reverse-mode replay."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import snn
from snn.coupling import StraightThrough, TwoSided
from snn.program import site_shapes
from snn.stats import Mean, mean_and_se, z_score
from snn_tools import stochad
from tests.snn import problems
from tests.snn.problems import BATCH, tied_autoencoder

TRIALS = 160 * BATCH

PROBLEMS = problems.PROBLEMS | {"autoencoder": tied_autoencoder()}
COUPLINGS = {"mlp": StraightThrough(), "lif": TwoSided()}
"""Where none is given, right and left by the direction's sign: every problem is tried so, too."""


@cache
def tangent_and_truth(name):
    """Steps of any size with the signs of the exact gradient, and the derivative along them."""
    gradient, unflatten = ravel_pytree(snn.ExactEnumeration()(*PROBLEMS[name]).grad)
    size = jax.random.uniform(jax.random.key(7), gradient.shape, minval=0.2, maxval=1.0)
    steps = jnp.sign(gradient) * size
    return unflatten(steps), float(gradient @ steps)


def triples(problem, tangent, coupling=None, n=TRIALS, seed=0):
    key_noise, key = jax.random.split(jax.random.key(seed))
    noise = snn.draw_noise(*problem, key_noise, n)
    return _triples(problem, tangent, noise, jax.random.split(key, n), coupling)


@jax.jit
def _triples(problem, tangent, noise, keys, coupling):
    def run(noise, key):
        return stochad.spiking_triple(*problem, tangent, noise, key, coupling)

    return jax.vmap(run)(noise, keys)


@cache
def drawn(name, coupling=None):
    """Triples along the known direction: those that several tests look at."""
    return triples(PROBLEMS[name], tangent_and_truth(name)[0], coupling)


def z(samples, truth):
    return abs(float(z_score(mean_and_se(samples), truth)))


@pytest.mark.parametrize(
    ("name", "coupling"), [*((name, None) for name in PROBLEMS), *COUPLINGS.items()], ids=repr
)
def test_unbiased(name, coupling):
    t, (_, truth) = drawn(name, coupling), tangent_and_truth(name)
    estimate = mean_and_se(t.derivative)
    assert abs(z_score(estimate, truth)) < 5
    assert 0.05 * abs(truth) / estimate.se >= 10
    assert abs(z_score(Mean(1.05 * estimate.mean, 1.05 * estimate.se), truth)) > 5
    assert z(t.delta, truth) > 20, "without the finite part"
    assert z(t.derivative - 2 * t.delta, truth) > 20 or jnp.all(t.delta == 0)


def test_the_infinitesimal_part_is_the_direct_term():
    t, (tangent, truth) = drawn("autoencoder"), tangent_and_truth("autoencoder")
    assert z(t.derivative - t.delta, truth) > 20
    indirect = triples(tied_autoencoder(direct=False), tangent)
    np.testing.assert_array_equal(indirect.delta, 0.0)


@pytest.mark.parametrize("name", ["mlp", "lif"])
def test_the_weight_is_the_sum_of_all_rates(name):
    """The weight of the flipped site alone, or that of all at the wrong side, is biased."""
    t, (_, truth) = drawn(name, COUPLINGS[name]), tangent_and_truth(name)
    n_sites = snn.noise.n_sites(site_shapes(*PROBLEMS[name]))
    change = t.alternative - t.value
    assert z(t.delta + t.weight * change / n_sites, truth) > 20
    assert z(t.delta + jnp.abs(t.weight) * change, truth) > 20


def test_sides_follow_the_sign_of_the_direction():
    """One neuron: a spike is added where p grows, and removed where it falls."""
    program = snn.Program(
        snn.MLP((1, 1), snn.escape.Sigmoid(2.0)), jnp.ones(1), snn.losses.Linear()
    )
    params = [{"w": jnp.array([[0.3]]), "b": jnp.array([0.1])}]
    p = float(jax.nn.sigmoid(0.8))
    for sign, flips, rate in ((1.0, 0.0, 2 * p), (-1.0, 1.0, 2 * (1 - p))):
        tangent = [{"w": jnp.array([[sign]]), "b": jnp.zeros(1)}]
        t = triples((program, params), tangent, n=100)
        np.testing.assert_allclose(t.weight, rate * (t.value == flips), rtol=1e-12)
        np.testing.assert_array_equal(t.alternative[t.value == flips], 1 - flips)


def test_derivative_is_that_of_its_triples_in_batches_too():
    problem, (tangent, _) = PROBLEMS["autoencoder"], tangent_and_truth("autoencoder")
    key_noise, key = jax.random.split(jax.random.key(0))
    noise = snn.noise.ThreefryNoise.sample(key_noise, 40)
    whole = stochad.spiking_derivative(*problem, tangent, noise, key)
    parts = stochad.spiking_derivative(*problem, tangent, noise, key, batch_size=7)
    each = _triples(problem, tangent, noise, jax.random.split(key, 40), None)
    np.testing.assert_allclose(whole, each.derivative, atol=1e-14)
    np.testing.assert_allclose(parts, whole, atol=1e-14)


def test_a_network_without_noise_has_no_alternatives():
    network = snn.MLP((2, 3, 1), snn.escape.Step())
    program = snn.Program(network, jnp.array([1.0, -0.5]), snn.losses.Linear())
    params = network.init(jax.random.key(0))
    t = triples((program, params), params, n=10)
    np.testing.assert_array_equal(t.weight, 0.0)
    np.testing.assert_array_equal(t.derivative, 0.0)


def test_noise_needs_a_trial_axis():
    problem = PROBLEMS["mlp"]
    with pytest.raises(ValueError, match="leading"):
        stochad.spiking_derivative(
            *problem, problem.params, snn.noise.Constant(), jax.random.key(0)
        )
