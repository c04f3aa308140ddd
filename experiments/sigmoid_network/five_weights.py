"""The network of figures 4 and 5: one input, a chain to two hidden neurons, and one output.

g = s(w x), h1 = s(v1 g), h2 = s(v2 g), y = s(u1 h1 + u2 h2): five weights, no biases. Run with
`snn.mean` it is differentiable, with `snn.sample` it is a stochastic network.
"""

import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from snn.estimators.base import Estimator
from snn.noise import Constant

N_WEIGHTS = 5
"""w, v1, v2, u1, u2, in this order, which is also that of the flattened parameters."""


def program(beta: float, x: float = 1.0) -> snn.Program:
    """The network's output y for input x, as a program; all slopes are beta."""
    network = snn.MLP((1, 1, 2, 1), snn.escape.Sigmoid(beta), bias=False)
    return snn.Program(network, jnp.full(1, x, jnp.float64), snn.losses.Linear())


def as_params(theta: Array | np.ndarray) -> list[dict[str, Array]]:
    """Parameters of the network from the five weights."""
    theta = jnp.asarray(theta, jnp.float64)
    return [
        {"w": theta[:1].reshape(1, 1)},
        {"w": theta[1:3].reshape(1, 2)},
        {"w": theta[3:].reshape(2, 1)},
    ]


def one_trial() -> Constant:
    """A batch of one trial for programs that are run without randomness."""
    return Constant(jnp.full(1, 0.5))


def field_of(estimator: Estimator, beta: float) -> snn.fields.Field:
    """The gradient of y with respect to the five weights, as a field over weight space."""
    return snn.fields.gradient_field(
        estimator, program(beta), as_params(jnp.zeros(N_WEIGHTS)), one_trial()
    )[1]


def output(theta: Array, beta: float) -> Array:
    """The differentiable network's output y at the five weights."""
    return program(beta)(as_params(theta), Constant(), snn.Spike(snn.mean)).loss
