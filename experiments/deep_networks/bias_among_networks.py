"""Bias of the surrogate gradient in figure 3's network and in networks with other weights."""

from functools import partial
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

import snn
from experiments.deep_networks.stochastic_mlp import StochasticMLP
from experiments.engine.experiment import Data, Quantity, array, param, statistical
from experiments.statistics import wrong_sign
from snn.stats import flatten

BATCH = 256
"""Number of networks that are computed at once."""


class BiasAmongNetworks(StochasticMLP):
    """Bias of the matched surrogate gradient in all weights, of networks with seeds 0, 1, 2, ...

    Surrogate gradient and gradient are exact expectations; only the weights are random.
    """

    n_networks: Annotated[int, Field(ge=100, le=1_000_000)] = param(
        4000, "number of networks; their seeds are 0 to n_networks - 1"
    )

    ARRAYS = {
        "relative_bias": array(
            "network", "norm of E[SG] - exact over the norm of exact, all parameters"
        ),
        "wrong_signs": array("network", "number of parameters with the wrong sign"),
        "shown_relative_bias": array("", "relative bias of the network that the figure shows"),
    }

    def compute(self, seed: None) -> Data:
        """Compare expected surrogate gradient and gradient in every network."""
        # The network in the figure comes last. All batches are whole: one program serves all.
        n = self.n_networks
        seeds = np.full(-(-(n + 1) // BATCH) * BATCH, self.network_seed)
        seeds[:n] = np.arange(n)
        compared = _compared(tuple(self.sizes), np.array(self.x), self.beta, self.gain, seeds)
        bias, wrong = map(np.asarray, compared)
        return {
            "relative_bias": bias[:n],
            "wrong_signs": wrong[:n],
            "shown_relative_bias": bias[n],
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise the median network, and the rank of the network in the figure.

        The standard error of the median is its distribution-free 95 % interval over 3.92.
        """
        bias, wrong = data["relative_bias"], data["wrong_signs"]
        n = bias.size
        ranks = np.round(n / 2 + np.sqrt(n) * np.array([-0.98, 0.98])).astype(int)
        low, high = np.sort(bias)[ranks]

        def share(condition: np.ndarray) -> Quantity:
            p = condition.mean()
            return statistical(p, np.sqrt(p * (1 - p) / n))

        return {
            "median_relative_bias": statistical(np.median(bias), (high - low) / 3.92),
            "share_less_biased": share(bias < data["shown_relative_bias"]),
            "share_with_wrong_sign": share(wrong > 0),
        }


@partial(jax.jit, static_argnums=0)
def _compared(
    sizes: tuple[int, ...], x: Array, beta: float, gain: float, seeds: Array
) -> tuple[Array, Array]:
    """Return the result of `_compare` for every seed, by one program for all slopes and gains."""
    return jax.lax.map(partial(_compare, sizes, x, beta, gain), seeds, batch_size=BATCH)


def _compare(
    sizes: tuple[int, ...], x: Array, beta: float, gain: float, seed: Array | int
) -> tuple[Array, Array]:
    """Return relative bias and number of wrong signs of the network with a seed."""
    network = snn.MLP(sizes, snn.escape.Sigmoid(beta))
    program = snn.Program(network, x, snn.losses.Linear())
    params = network.init(jax.random.key(seed), gain)
    exact = flatten(snn.ExactEnumeration()(program, params).grad)
    expected = flatten(snn.Expected(snn.Surrogate())(program, params).grad)
    relative = jnp.linalg.norm(expected - exact) / jnp.linalg.norm(exact)
    return relative, jnp.sum(wrong_sign(expected, exact))
