"""Direction and length of a network's gradient against enumeration, and what is not measured."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import snn
from snn_tools import doctor
from snn_tools.jax import direction
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.shared.comparison import YOURS, Clock

KEY = jax.random.key(0)
STEEP = snn.Surrogate(snn.surrogate.Sigmoid(12.0))


def small(escape=None):
    """Two hidden neurons and an output: 3 spike sites."""
    params = [
        {"w": jnp.array([[0.9, -0.6], [0.4, 0.7]]), "b": jnp.array([0.1, 0.2])},
        {"w": jnp.array([[0.9], [0.8]]), "b": jnp.array([-0.7])},
    ]
    loss = snn.losses.Squared(jnp.array([0.3]))
    program = snn.Program(
        snn.MLP((2, 2, 1), escape or snn.escape.Sigmoid(3.0)), jnp.array([0.6, -0.4]), loss
    )
    return Problem(program, params)


def enumerated(problem):
    """Cosine and norm ratio by group, from two enumerations."""
    exact = np.asarray(ravel_pytree(snn.ExactEnumeration()(*problem).grad)[0])
    mean = np.asarray(ravel_pytree(snn.Expected(STEEP)(*problem).grad)[0])
    pairs = {g.name: (mean[g.index], exact[g.index]) for g in groups_of(problem.params)}
    length = np.linalg.norm
    return {
        k: (a @ b / length(a) / length(b), length(a) / length(b)) for k, (a, b) in pairs.items()
    }


def test_a_sampled_gradient_agrees_within_its_errors():
    table = direction.measure(small(), STEEP, KEY, Clock(40))
    assert "StochasticAD" in table.estimator and not table.bad
    assert {"all", "0", "0/w", "1"} <= {row.group for row in table.rows}
    assert {row.gradient for row in table.rows} == {YOURS, direction.QUARTER}
    for row in table.rows:
        if row.gradient != YOURS:
            continue
        cosine, ratio = enumerated(small())[row.group]
        assert row.interval[0] - 0.02 < cosine < row.interval[1] + 0.02
        assert abs(row.ratio - ratio) < 5 * row.ratio_se
        # Twice the gradient is another one.
        assert abs(row.ratio - 2 * ratio) > 5 * row.ratio_se


def test_a_network_without_noise_is_refused_and_a_training_without_noise_is_not():
    quiet = snn.Surrogate(forward=snn.threshold)
    assert doctor.examine(*small(), KEY, surrogate=quiet, budget=0.01).layers
    with pytest.raises(ValueError, match="every layer is Step"):
        doctor.examine(*small(snn.escape.Step()), KEY, budget=0.01)
