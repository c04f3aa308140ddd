"""Numbers of a report against closed forms: layers, arrays and how they print."""

import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.types import LayerTrace, Run
from snn_tools.jax.probe import Trials
from snn_tools.jax.problem import Problem
from snn_tools.jax.single_trials import arrays_of, layers_of

SIGMOID = snn.surrogate.Sigmoid(1.0)


def trials(grad=()):
    """Two trials of two steps: a silent neuron, one that always fires, one that fires once."""
    s = jnp.array([[[0, 1, 1], [0, 1, 0]], [[0, 1, 0], [0, 1, 0]]], float)
    v = jnp.array([[[-3, 3, 0.2], [-3, 3, -3]], [[-3, 3, -3], [-3, 3, -3]]])
    trace = (LayerTrace(v, s, snn.escape.Sigmoid(jnp.ones(2))),)
    # At the first step 6 for one of six, at the second 2 for all.
    error = jnp.full((2, 2, 3), 2.0).at[:, 0].set(0.0).at[0, 0, 0].set(6.0)
    return Trials(Run(jnp.array([0.0, 4.0]), s, trace), grad, (error,))


def test_a_layer_is_measured():
    still = [np.array([[-1.0, 1.0, 0.5], [-1.0, 1.0, -0.5]])]
    (layer,) = layers_of(trials(), still, SIGMOID, [True])
    assert (layer.still.rate, layer.still.silent, layer.still.saturated) == (0.5, 1 / 3, 1 / 3)
    assert layer.rate == pytest.approx(5 / 12)
    assert (layer.silent, layer.saturated) == pytest.approx((1 / 3, 1 / 3))
    assert layer.within == pytest.approx(1 / 12)
    assert layer.size == pytest.approx(5**0.5)
    assert layer.growth == pytest.approx(6**0.5 / 2)
    # Losses of 0 and 4, and a slope whose peak is 1/4.
    assert layer.excess == pytest.approx(6**0.5)


def test_an_array_is_measured():
    """Four trials of two parameters."""
    grad = {"w": jnp.array([[3.0, 1.0], [5.0, -1.0], [3.0, 1.0], [5.0, -1.0]])}
    (array,) = arrays_of(Problem(None, {"w": jnp.zeros(2)}), trials(grad))
    assert array.norm == pytest.approx(((10 + 26) / 2) ** 0.5)
    assert array.bad == 0
