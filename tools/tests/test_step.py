"""The threshold of a step function is found by trying potentials."""

import numpy as np
import pytest

from snn_tools.shared.step import Step, step_of


def found(function, n=1, potentials=(0,)):
    """The step of a function of n numbers."""

    def spikes(operand, moved, at):
        values = [np.full(at.shape, 1.0 + (k == moved)) for k in range(n)]
        values[operand] = at
        return function(*values)

    return step_of(potentials, range(n), spikes)


@pytest.mark.parametrize("theta", [0.0, 1.0, -0.4, 20.0])
def test_a_threshold_is_found(theta):
    assert found(lambda v: (v > theta) * 1.0) == Step(0, theta)


def test_a_threshold_that_is_an_argument_moves_with_it():
    step = found(lambda slope, u, theta: (u > 2 * theta + 0.5) * slope**0, 3, (1, 2))
    assert (step.operand, step.weights) == (1, ((2, 2.0),))
    assert step.threshold((7.0, 0.0, 3.0)) == pytest.approx(6.5)


OTHERS = [np.tanh, np.sign, lambda v: 2.0 * (v > 0), lambda v: (v < 0) * 1.0, np.ones_like]


@pytest.mark.parametrize("function", OTHERS)
def test_other_functions_are_no_step(function):
    assert found(function) is None
