"""What a triple is made of: one pruned alternative, pytrees, the chain rule, arrays; refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.stats import flatten
from snn_tools import stochad
from tests.snn.problems import BATCH, mlp
from tools.tests.test_stochad_programs import triples, z


def gain(p, draw):
    """A coin whose value depends on p too."""
    s, draw = draw.bernoulli(p)
    return p * (s - 0.3) ** 2, draw


def pair(p, draw):
    """Two coins and their sum, of different rates."""
    first, draw = draw.bernoulli(p)
    second, draw = draw.bernoulli(p**2)
    return {"coins": jnp.stack([first, second]), "sum": first + second}, draw


def test_pruning_keeps_one_alternative_in_proportion_to_its_rate():
    p = 0.4
    t = triples(pair, p)
    coins = np.asarray(t.value["coins"])
    rates = (1 - coins) * np.array([1 / (1 - p), 2 * p / (1 - p**2)])
    np.testing.assert_allclose(t.weight, rates.sum(axis=1), rtol=1e-12)
    flipped = np.asarray(t.alternative["coins"]) != coins
    np.testing.assert_array_equal(flipped.sum(axis=1), rates.sum(axis=1) > 0)
    both = (coins == 0).all(axis=1)
    first, second = rates[both][0]
    assert z(flipped[both, 0].astype(float), first / (first + second)) < 5
    assert z(flipped[both, 0].astype(float), 0.5) > 20, "not one in two"
    truth = 1 + 2 * p
    assert z(t.derivative["sum"], truth) < 5
    own_rate_alone = (rates * flipped).sum(axis=1)
    assert z(own_rate_alone * (t.alternative["sum"] - t.value["sum"]), truth) > 20


def test_results_are_pytrees_and_change_together():
    t = triples(pair, 0.4)
    np.testing.assert_allclose(t.derivative["coins"].sum(axis=1), t.derivative["sum"], rtol=1e-12)
    np.testing.assert_array_equal(t.alternative["coins"].sum(axis=1), t.alternative["sum"])


def layered(params, draw):
    """The layered network of other tests, written with coins of many elements."""
    program = mlp().program
    s = program.x
    for layer, escape in zip(params, program.network.escapes, strict=True):
        p = escape.prob(s @ layer["w"] + layer["b"] - program.network.theta)
        s, draw = draw.bernoulli(p)
    return program.loss(s), draw


def test_arrays_of_coins_and_many_parameters_against_enumeration():
    """Along a direction whose derivative is large, and whose rates have both signs."""
    program, params = mlp()
    gradient = snn.ExactEnumeration()(program, params).grad
    samples = stochad.derivative(layered, params, jax.random.key(3), 100 * BATCH, gradient)
    truth = float(flatten(gradient) @ flatten(gradient))
    assert z(samples, truth) < 5
    assert z(1.05 * samples, truth) > 5


def test_a_draw_that_nothing_depends_on_changes_nothing():
    def constant(p, draw):
        s, draw = draw.bernoulli(0.3)
        return p**2 + s, draw

    t = triples(constant, 0.5, n=50)
    np.testing.assert_array_equal(t.weight, 0.0)
    np.testing.assert_array_equal(t.alternative, t.value)
    np.testing.assert_allclose(t.derivative, 1.0)


def test_derivative_is_that_of_its_triples_in_batches_too():
    key = jax.random.key(0)
    samples = stochad.derivative(gain, 0.4, key, 50)
    np.testing.assert_allclose(samples, triples(gain, 0.4, n=50).derivative)
    np.testing.assert_allclose(stochad.derivative(gain, 0.4, key, 50, batch_size=7), samples)
    assert len(set(np.asarray(samples).round(9).tolist())) == 2


def test_single_precision():
    with jax.enable_x64(False):
        samples = stochad.derivative(gain, 0.6, jax.random.key(0), 20 * BATCH)
        assert samples.dtype == jnp.float32
        assert z(samples, 0.8 * 0.6 + 0.09) < 5  # of 0.4 p^2 + 0.09 p


def test_refusals():
    key = jax.random.key(0)
    with pytest.raises(ValueError, match=r"got None for 2 parameters, expected a direction"):
        stochad.triple(lambda p, draw: (p.sum(), draw), jnp.ones(2), key)
    with pytest.raises(ValueError, match=r"expected \(result, draw\). Return the draw"):
        stochad.triple(lambda p, draw: p, 0.5, key)
    with pytest.raises(ValueError, match="got 0, expected at least 1"):
        stochad.derivative(gain, 0.5, key, 0)
