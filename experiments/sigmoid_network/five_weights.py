"""Network of figures 4 and 5: an input, a chain to two hidden neurons, and an output.

g = s(w x), h1 = s(v1 g), h2 = s(v2 g), y = s(u1 h1 + u2 h2): five weights, no biases. Run with
`snn.mean` it is differentiable, with `snn.sample` it is a stochastic network.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from snn.estimators.base import AnyEstimator, map_batched
from snn.noise import Constant

N_WEIGHTS = 5
"""Names of the weights, in the order of the flattened parameters."""
BATCH = 65536
"""Number of points that are computed at once, to bound the memory."""


def program(beta: float, x: float = 1.0) -> snn.Program:
    """Return the network's output y for input x, as a program; all slopes are beta."""
    network = snn.MLP((1, 1, 2, 1), snn.escape.Sigmoid(beta), bias=False)
    return snn.Program(network, np.full(1, x), snn.losses.Linear())


def as_params(theta: Array | np.ndarray) -> list[dict[str, Array | np.ndarray]]:
    """Return the parameters of the network from the five weights."""
    return [
        {"w": theta[:1].reshape(1, 1)},
        {"w": theta[1:3].reshape(1, 2)},
        {"w": theta[3:].reshape(2, 1)},
    ]


def one_trial() -> Constant:
    """Return noise of one trial, for programs without randomness."""
    return Constant(np.full(1, 0.5))


def field_of(estimator: AnyEstimator, beta: float) -> snn.fields.Field:
    """Return the gradient of y with respect to the five weights, as a field over weight space."""
    return snn.fields.gradient_field(
        estimator, program(beta), as_params(np.zeros(N_WEIGHTS)), one_trial()
    )[1]


@jax.jit
def gradients(field: snn.fields.Field, thetas: Array | np.ndarray) -> Array:
    """Return a field at many points of weight space, ``(point, weight)``."""
    return map_batched(field, thetas, BATCH)


@jax.jit
def outputs(thetas: Array | np.ndarray, beta: float) -> Array:
    """Return the differentiable network's output y at many points, ``(point,)``."""
    network = jax.tree.map(jnp.asarray, program(beta))

    def output(theta: Array) -> Array:
        return network(as_params(theta), Constant(), snn.Spike(snn.mean)).loss

    return map_batched(output, thetas, BATCH)


def plane(
    direction1: list[float], direction2: list[float], seed: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return two orthonormal directions in weight space, each ``(weight,)``.

    Args:
        direction1: first direction. Directions that are orthonormal to 1e-6 are not changed.
        direction2: second direction; its part along the first is removed (Gram-Schmidt).
        seed: seed of a random plane that replaces the plane of the two directions; all planes are
            equally likely.

    Raises:
        ValueError: if the directions are zero or parallel.
    """
    directions = np.array([direction1, direction2])
    if seed is not None:
        directions = np.random.default_rng(seed).normal(size=(2, N_WEIGHTS))
    products = directions @ directions.T
    if np.allclose(products, np.eye(2), rtol=0, atol=1e-6):
        return directions[0], directions[1]
    orthogonal, components = np.linalg.qr(directions.T)
    own = np.diag(components)
    lengths = np.sqrt(np.diag(products))
    if np.any(np.abs(own) <= 1e-6 * lengths):
        raise ValueError(
            "direction1 and direction2 are zero or parallel and do not span a plane: "
            f"lengths {lengths[0]:.6g} and {lengths[1]:.6g}, scalar product {products[0, 1]:.6g}"
        )
    first, second = (orthogonal * np.sign(own)).T
    return first, second
