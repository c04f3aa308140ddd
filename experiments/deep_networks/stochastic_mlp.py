"""Stochastic binary network of figure 3: parameters that several experiments share."""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.engine.declare.experiment import MAX_SEED, Experiment, param
from experiments.engine.errors import UserError
from snn.types import Params

MAX_SITES = snn.ExactEnumeration().max_sites
MAX_WIDTH = snn.TransferMatrix().max_width


@dataclass
class StochasticMLP(Experiment):
    """Network of binary neurons with sigmoid escape noise, small enough for exact oracles.

    The loss is the number of output spikes, so that the gradient of its expectation is the
    derivative of firing probabilities. A linear loss adds no bias: all bias comes from depth.
    """

    sizes: list[int] = param(
        [2, 3, 2, 1], "number of inputs, then of neurons per layer", low=1, high=10_000
    )
    x: list[float] = param([1.0, 1.0], "the input, one number per input neuron")
    beta: float = param(
        4.0, "slope parameter of the sigmoid escape noise", unit="1/potential", above=0
    )
    gain: float = param(1.0, "standard deviation of the weights times sqrt(fan-in)", above=0)
    network_seed: int = param(
        2510, "seed of the weights; `seeds` are those of the trials", low=0, high=MAX_SEED
    )

    @property
    def n_sites(self) -> int:
        """Number of stochastic neurons: there are 2^n_sites spike patterns."""
        return sum(self.sizes[1:])

    def validate(self, path: str) -> None:
        """Refuse networks that the oracles cannot enumerate.

        Raises:
            UserError: For networks that the oracles cannot enumerate.
        """
        check_sizes(self.sizes, f"{path}.sizes=[2,3,2,1]")
        n = self.sizes[0]
        if len(self.x) != n:
            what, expected = "does not fit the network", f"{n} numbers, one per input neuron"
            raise self.parameter_error(path, what, "x sizes", expected, x=[1.0] * n)


def check_sizes(sizes: list[int], fix: str) -> None:
    """Raise `UserError` for a network without neurons, or one too large to enumerate."""
    got = f"sizes={sizes}"
    if len(sizes) < 2:
        expected = "the number of inputs, then of neurons per layer"
        raise UserError("the network has no neurons", got, expected, fix)
    n_sites, width = sum(sizes[1:]), max(sizes[1:])
    if n_sites > MAX_SITES:
        got += f", that is {n_sites} neurons and 2^{n_sites} spike patterns"
        expected = f"at most {MAX_SITES} neurons (2^{MAX_SITES} patterns)"
        raise UserError("too many neurons for the exact oracle", got, expected, fix)
    if width > MAX_WIDTH:
        got += f", a layer of {width} neurons"
        expected = f"at most {MAX_WIDTH} neurons per layer"
        raise UserError("a layer is too wide for the transfer matrices", got, expected, fix)


def build(config: StochasticMLP) -> tuple[snn.Program, Params]:
    """Return the program, a network with input and loss, and the weights."""
    network = snn.MLP(tuple(config.sizes), snn.escape.Sigmoid(config.beta))
    program = snn.Program(network, jnp.array(config.x), snn.losses.Linear())
    return program, _init(jax.random.key(config.network_seed), tuple(config.sizes), config.gain)


@partial(jax.jit, static_argnums=(1, 2))
def _init(key: jax.Array, sizes: tuple[int, ...], gain: float) -> Params:
    """Draw all weights by one program that panels share; eager mode compiles one per shape."""
    return snn.MLP(sizes, snn.escape.Sigmoid(1.0)).init(key, gain)


def layer_of_parameter(params: Params) -> np.ndarray:
    """Return the layer, from 0 on the input side, of each entry of a flattened gradient."""
    return np.concatenate(
        [
            np.full(np.size(leaf), layer)
            for layer, weights in enumerate(params)
            for leaf in jax.tree.leaves(weights)
        ]
    )
