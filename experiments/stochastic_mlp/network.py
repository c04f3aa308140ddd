"""The program and the parameters that a `StochasticMLP` config describes."""

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.stochastic_mlp import StochasticMLP
from snn.types import Params


def build(config: StochasticMLP) -> tuple[snn.Program, Params]:
    """The network with its input and loss, and its weights."""
    network = snn.MLP(tuple(config.sizes), snn.escape.Sigmoid(config.beta))
    program = snn.Program(network, jnp.array(config.x), snn.losses.Linear())
    # One compilation for all weights, where eager mode has one for each shape.
    init = jax.jit(lambda key: network.init(key, config.gain))
    return program, init(jax.random.key(config.network_seed))


def layer_of_parameter(params: Params) -> np.ndarray:
    """The layer, from 0 on the input side, of each entry of a flattened gradient."""
    return np.concatenate(
        [
            np.full(np.size(leaf), layer)
            for layer, weights in enumerate(params)
            for leaf in jax.tree.leaves(weights)
        ]
    )
