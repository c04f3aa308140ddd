"""Numbers drawn as one row are those of the whole array, and are counted along one axis."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.draws import drawn
from snn.estimators.base import equations_in
from snn.flips import Independent
from tests.snn.problems import recurrent_lif

KEY = jax.random.key(3)


@pytest.mark.parametrize(
    ("name", "shape", "partitionable"),
    [
        *(("uniform", shape, True) for shape in ((), (3, 5, 7, 2), (0, 3))),
        ("uniform", (40, 11), False),
        ("normal", (40, 11), True),
        ("gumbel", (40, 11), True),
    ],
)
def test_numbers_are_those_of_the_whole_array(name, shape, partitionable):
    distribution = getattr(jax.random, name)
    with jax.threefry_partitionable(partitionable):
        found = drawn(distribution, KEY, shape)
        np.testing.assert_array_equal(found, distribution(KEY, shape))
        half = drawn(distribution, KEY, shape, jnp.bfloat16)
    assert (found.dtype, half.dtype) == (jnp.result_type(float), jnp.bfloat16)


def test_independent_flips_are_a_categorical_draw():
    n, sites = 16, 60
    q = jnp.arange(1.0, sites + 1) / jnp.arange(1.0, sites + 1).sum()
    expected = jax.random.categorical(KEY, jnp.log(q), shape=(n,))
    np.testing.assert_array_equal(Independent()(KEY, q, n), expected)


def axes_counted(function):
    """Numbers of axes along which the generator counts while a function is run."""
    eqns = equations_in(jax.make_jaxpr(function)(KEY).jaxpr)
    return {len(eqn.params["shape"]) for eqn in eqns if eqn.primitive.name == "random_bits"}


def test_noise_and_weights_count_along_one_axis():
    program, params = recurrent_lif()
    assert axes_counted(lambda key: jax.random.uniform(key, (3, 2, 4))) == {3}
    assert axes_counted(lambda key: snn.draw_noise(program, params, key, 2).values) == {1}
    assert axes_counted(lambda key: snn.LIFNetwork((3, 2)).init(key, rate=50.0)) == {1}
