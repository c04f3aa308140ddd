"""Stochastic binary network of figure 3: parameters that several experiments share."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.engine.experiment import Experiment, Positive, Seed, Several, Size, param
from snn.types import Params

MAX_SITES = snn.ExactEnumeration().max_sites
MAX_WIDTH = snn.TransferMatrix().max_width


class StochasticMLP(Experiment):
    """Network of binary neurons with sigmoid escape noise, small enough for exact oracles.

    The loss is the number of output spikes, so that the gradient of its expectation is the
    derivative of firing probabilities. A linear loss adds no bias: all bias comes from depth.
    """

    sizes: Several[Size] = param([2, 3, 2, 1], "number of inputs, then of neurons per layer")
    x: Several[float] = param([1.0, 1.0], "the input, one number per input neuron")
    beta: Positive = param(4.0, "slope parameter of the sigmoid escape noise", unit="1/potential")
    gain: Positive = param(1.0, "standard deviation of the weights times sqrt(fan-in)")
    network_seed: Seed = param(2510, "seed of the weights; `seeds` are those of the trials")

    @property
    def n_sites(self) -> int:
        """Number of stochastic neurons: there are 2^n_sites spike patterns."""
        return sum(self.sizes[1:])

    def check(self) -> None:
        """Refuse networks that the oracles cannot enumerate.

        Raises:
            ValueError: For networks that the oracles cannot enumerate.
        """
        check_sizes(self.sizes)
        n = self.sizes[0]
        if len(self.x) != n:
            names = self.given("x", "sizes")
            raise ValueError(f"x needs {n} numbers, one per input neuron: {names}")


def check_sizes(sizes: list[int]) -> None:
    """Raise `ValueError` for a network without neurons, or one too large to enumerate."""
    if len(sizes) < 2:
        expected = "expected the number of inputs, then of neurons per layer"
        raise ValueError(f"the network has no neurons: sizes={sizes}; {expected}")
    n_sites, width = sum(sizes[1:]), max(sizes[1:])
    if n_sites > MAX_SITES:
        expected = f"expected at most {MAX_SITES} neurons (2^{MAX_SITES} spike patterns)"
        raise ValueError(f"{n_sites} neurons are too many to enumerate: sizes={sizes}; {expected}")
    if width > MAX_WIDTH:
        expected = f"expected at most {MAX_WIDTH} neurons per layer"
        raise ValueError(f"a layer is too wide to enumerate: sizes={sizes}; {expected}")


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
