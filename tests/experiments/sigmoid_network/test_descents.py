"""Ends of descents along a line, and descents with equal gradients."""

import jax
import numpy as np

import snn
from experiments.sigmoid_network import five_weights
from experiments.sigmoid_network.descents import _descend, ends_along


def test_a_descent_along_a_line_ends_where_the_derivative_changes_sign():
    field = np.array([1.0, 1.0, -1.0, -1.0, 2.0, 2.0, -1.0, -1.0])
    # To the edge, to the minimum between -1 and 2 from either side, to the other edge.
    assert list(ends_along(field)) == [0, 0, 4, 4, 3, 3, 7, 7]
    assert list(ends_along(-field)) == [2, 2, 1, 1, 6, 6, 5, 5]


def test_a_descent_stays_where_the_derivative_vanishes():
    assert list(ends_along(np.array([0.0, 0.0, 1.0]))) == [0, 1, 1]


def test_descent_along_the_exact_gradient_lowers_the_expected_output():
    with jax.enable_x64(True):
        starts = np.random.default_rng(0).normal(size=(20, five_weights.N_WEIGHTS))
        field = five_weights.field_of(snn.TransferMatrix(), 2.0)
        none, some = (np.asarray(_descend(field, starts, 2.0, (0.02, 4.0), n)) for n in (0, 50))
    assert np.all(some < none)
