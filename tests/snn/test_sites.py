"""Sites numbered through all layers, found again, and flipped."""

import jax.numpy as jnp
import numpy as np

import snn
from snn.noise import Constant
from snn.sites import flatten_sites, flipped, locate

SIZES = (3, 1, 2)


def test_every_site_is_found_in_its_layer():
    layer, index = locate(SIZES, jnp.arange(6))
    np.testing.assert_array_equal(layer, [0, 0, 0, 1, 2, 2])
    np.testing.assert_array_equal(index, [0, 1, 2, 0, 0, 1])


def test_sites_are_in_order_of_layer_time_step_and_neuron():
    layers = [jnp.arange(6.0).reshape(3, 2), jnp.array([[6.0]])]
    np.testing.assert_array_equal(flatten_sites(layers), np.arange(7))


def test_a_flipped_site_gets_the_other_outcome_and_no_other_does():
    noise, escape = Constant(0.5), snn.escape.Sigmoid(1.0)
    for spike, v in ((0.0, -1.0), (1.0, 1.0)):
        other = flipped(noise, jnp.array(1), jnp.array(2), jnp.array(spike))
        v = jnp.full(4, v)
        found = [snn.sample(escape, v, other.draw(layer, None, (4,))) for layer in (0, 1)]
        np.testing.assert_array_equal(found[0], spike)
        np.testing.assert_array_equal(found[1], np.where(np.arange(4) == 2, 1 - spike, spike))
