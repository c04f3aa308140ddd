"""Random programs of the atlas."""

import itertools
from collections.abc import Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from snn.draws import draw_numbers
from snn.noise import Uniforms
from snn.types import Params
from snn.value_object import value_object

Networks = tuple[snn.Program, Params]
"""Programs and parameters, every leaf with a leading axis of networks."""

N_INPUTS = 4
N_OUTPUTS = 2


@value_object
class Curved:
    """(1 - c) r.s + c (r.s - z)^2 / 2 of the output spikes s.

    Attributes:
        curvature: weight c of the quadratic part, from 0 to 1.
        readout: vector r, ``(output,)``.
        target: target z of the readout.
    """

    curvature: Any
    readout: Array
    target: Array

    def __call__(self, output: Array) -> Array:
        y = self.readout @ output
        return (1 - self.curvature) * y + self.curvature * (y - self.target) ** 2 / 2


def gaussians(key: Array, n: int, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Return arrays of standard normal numbers with a leading axis of length n.

    NumPy splits a single draw: JAX would compile each draw on its own, which takes longer than all
    other computations on a network.

    Args:
        key: a random key.
        n: length of the leading axis.
        shapes: shape of each array without this axis.
    """
    sizes = [prod(shape) for shape in shapes]
    values = np.asarray(draw_numbers(jax.random.normal, key, (n, sum(sizes))))
    parts = np.split(values, np.cumsum(sizes)[:-1], axis=1)
    return [part.reshape(n, *shape) for part, shape in zip(parts, shapes, strict=True)]


def weights(values: Sequence[np.ndarray]) -> Params:
    """Return parameters from standard normal numbers, scaled like `snn.MLP.init`; biases are 0."""
    return [{"w": jnp.asarray(w / w.shape[1] ** 0.5), "b": jnp.zeros(w.shape[::2])} for w in values]


def networks(shape: tuple[int, int], n: int, beta: float, curvature: float, key: Array) -> Networks:
    """Return random networks of one depth and width, with inputs and losses.

    Args:
        shape: number of hidden layers, and of neurons in each.
        n: number of networks.
        beta: slope of the escape noise.
        curvature: weight of the loss's quadratic part.
        key: a JAX random key; the same key gives the same weights whatever beta and curvature.
    """
    depth, width = shape
    sizes = (N_INPUTS, *[width] * depth, N_OUTPUTS)
    x, readout, target, *values = gaussians(
        key, n, [(N_INPUTS,), (N_OUTPUTS,), (), *itertools.pairwise(sizes)]
    )
    loss = Curved(jnp.full(n, curvature), jnp.asarray(readout), jnp.asarray(target))
    network = snn.MLP(sizes, snn.escape.Sigmoid(jnp.full(n, beta)), jnp.zeros(n))
    return snn.Program(network, jnp.asarray(x), loss), weights(values)


def noise(networks: Networks, key: Array, n_trials: int) -> Uniforms:
    """Return uniform numbers for the trials of all networks, ``(network, trial, neuron)``.

    Args:
        networks: networks with a leading axis.
        key: a random key.
        n_trials: number of trials of each network.
    """
    program, params = networks
    sizes = [layer["w"].shape[2] for layer in params]
    shape = (program.x.shape[0], n_trials, sum(sizes))
    values = np.asarray(draw_numbers(jax.random.uniform, key, shape))
    return Uniforms(tuple(map(jnp.asarray, np.split(values, np.cumsum(sizes)[:-1], axis=2))))
