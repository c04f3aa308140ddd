"""Exact bias of the surrogate gradient in random networks, against depth and noise."""

from functools import partial
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

import snn
from experiments.deep_networks.stochastic_mlp import check_sizes
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    Experiment,
    Positive,
    Quantity,
    Rising,
    Seed,
    Several,
    array,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.progress import track
from experiments.statistics import ROUNDING, wrong_sign
from snn.stats import flatten


class BiasWithDepth(Experiment):
    """Bias of the matched surrogate gradient in the first layer of random networks.

    Enumeration gives the expected surrogate gradient, transfer matrices give the gradient. Both are
    exact; only the networks are random.
    """

    depths: Rising[Annotated[int, Field(ge=0)]] = param([0, 1, 2, 3, 4], "numbers of hidden layers")
    width: Count = param(2, "neurons of each hidden layer")
    x: Several[float] = param([1.0, 1.0], "the input, one number per input neuron")
    betas: Rising[Positive] = param(
        [1.0, 4.0, 16.0], "slope parameters of the sigmoid escape noise", unit="1/potential"
    )
    gain: Positive = param(1.0, "standard deviation of the weights times sqrt(fan-in)")
    n_networks: Annotated[int, Field(ge=2, le=100_000)] = param(100, "random networks per seed")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "depths": array("seed, depth", "numbers of hidden layers"),
        "betas": array("seed, slope", "slopes of the escape noise", unit="1/potential"),
        "bias": array("seed, slope, depth, network", "norm of E[SG] - exact in the first layer"),
        "norm": array(
            "seed, slope, depth, network", "norm of the exact gradient in the first layer"
        ),
        "wrong_sign": array(
            "seed, slope, depth, network",
            "share of the first layer's parameters with the wrong sign",
        ),
        "relative_bias_quartiles": array("quartile, slope, depth", "bias over norm, over networks"),
        "relative_bias_largest": array("slope, depth", "the largest of bias over norm"),
        "wrong_share": array("slope, depth", "mean share of wrong signs"),
        "wrong_share_interval": array("end, slope, depth", "95 % interval of the mean share"),
    }

    def check(self) -> None:
        """Refuse networks that cannot be enumerated, and depths without a hidden layer.

        Raises:
            ValueError: For networks that cannot be enumerated, and depths without a hidden layer.
        """
        for depth in self.depths:
            sizes = [len(self.x), *[self.width] * depth, 1]
            check_sizes(sizes)
        if max(self.depths) < 1:
            raise ValueError(f"no network has a hidden layer: {self.given('depths')}")

    def compute(self, seed: int) -> Data:
        """Compare the two gradients in the first layer."""
        key, x, betas = jax.random.key(seed), jnp.array(self.x), jnp.array(self.betas)
        columns = []
        for depth in track(self.depths, "depths"):
            sizes = (len(self.x), *[self.width] * depth, 1)
            keys = jax.random.split(jax.random.fold_in(key, depth), self.n_networks)
            columns.append(biases(sizes, x, self.gain, keys, betas))
        bias, norm, wrong = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
        return {
            "depths": np.array(self.depths),
            "betas": np.array(self.betas),
            "bias": bias,
            "norm": norm,
            "wrong_sign": wrong,
        }

    def pooled(self, data: Data) -> Data:
        """Return quartiles, means and intervals over the networks of all seeds."""
        bias, norm, wrong = self._networks(data)
        quartiles = np.nanquantile(bias / norm, (0.25, 0.5, 0.75), axis=-1)
        share = wrong.mean(axis=-1)
        half = 1.96 * wrong.std(axis=-1, ddof=1) / wrong.shape[-1] ** 0.5
        return {
            "relative_bias_quartiles": quartiles,
            "relative_bias_largest": np.nanmax(bias / norm, axis=-1),
            "wrong_share": share,
            "wrong_share_interval": np.stack([np.maximum(share - half, 0), share + half]),
        }

    def _networks(self, data: Data) -> list[np.ndarray]:
        """Return bias, norm and share of wrong signs of all seeds, ``(beta, depth, network)``."""
        return [np.concatenate(data[name], axis=-1) for name in ("bias", "norm", "wrong_sign")]

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise the largest bias, and the bias of networks in which it must vanish."""
        bias, norm, wrong = self._networks(data)
        quantities = {}
        for i, depth in enumerate(self.depths):
            if depth == 0:
                quantities["no_hidden_layer_max_bias"] = exact(bias[:, i].max(), atol=1e-10)
            elif depth == 1:
                quantities["one_hidden_layer_wrong_signs"] = exact(wrong[:, i].max())
        if self.depths[-1] > 1:
            relative = np.log10(bias[:, -1] / norm[:, -1])
            for label, row in (("smallest", 0), ("largest", -1)):
                quantities[f"deepest_log10_bias_{label}_beta"] = mean_over_networks(relative[row])
            quantities["deepest_wrong_signs_largest_beta"] = mean_over_networks(wrong[-1, -1])
        return quantities


def mean_over_networks(values: np.ndarray) -> Quantity:
    """Return the mean over networks, without NaN."""
    values = values[np.isfinite(values)]
    return statistical(values.mean(), values.std(ddof=1) / len(values) ** 0.5)


@partial(jax.jit, static_argnames="sizes")
def biases(
    sizes: tuple[int, ...], x: Array, gain: float, keys: Array, betas: Array
) -> tuple[Array, Array, Array]:
    """Return bias, norm of the gradient and share of wrong signs, each ``(beta, network)``.

    Args:
        sizes: Neurons of each layer, input first.
        x: Input, ``(neuron,)``.
        gain: Scale of the random weights.
        keys: A random key for each network.
        betas: Slopes of the noise, 1/potential.
    """

    def network(key: Array, beta: Array) -> tuple[Array, Array, Array]:
        mlp = snn.MLP(sizes, snn.escape.Sigmoid(beta))
        program = snn.Program(mlp, x, snn.losses.Linear())
        params = mlp.init(key, gain)
        exact = flatten(snn.TransferMatrix()(program, params).grad[0])
        expected = flatten(snn.Expected(snn.Surrogate())(program, params).grad[0])
        difference = expected - exact
        norm = jnp.linalg.norm(exact)
        return (
            jnp.linalg.norm(difference),
            # A bias over a gradient that is zero up to rounding is meaningless.
            jnp.where(norm > ROUNDING, norm, jnp.nan),
            jnp.mean(wrong_sign(expected, exact), dtype=float),
        )

    over_networks = jax.vmap(network, in_axes=(0, None))
    return jax.vmap(over_networks, in_axes=(None, 0))(keys, betas)
