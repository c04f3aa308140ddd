"""Expected surrogate gradient and exact gradient of many random networks at once."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.bias_with_depth import BiasWithDepth
from experiments.engine.progress import track
from snn.stats import flatten

ROUNDING = 1e-12


def compute(config: BiasWithDepth, seed: int) -> dict[str, np.ndarray]:
    """Compares the two gradients in the first layer.

    Args:
        config: depths, slopes and number of networks.
        seed: seed of the networks.

    Returns:
        depths: numbers of hidden layers, ``(depth,)``.
        betas: slope parameters, ``(beta,)``.
        bias: norm of E[SG] - exact over the parameters of the first layer, ``(beta, depth,
            network)``.
        norm: norm of the exact gradient there, same shape; NaN where it is zero up to rounding.
        wrong_sign: fraction of these parameters in which the two differ in sign, same shape.
    """
    key, x, betas = jax.random.key(seed), jnp.array(config.x), jnp.array(config.betas)
    columns = []
    for depth in track(config.depths, "depths"):
        sizes = (len(config.x), *[config.width] * depth, 1)
        keys = jax.random.split(jax.random.fold_in(key, depth), config.n_networks)
        columns.append(biases(sizes, x, config.gain, keys, betas))
    bias, norm, wrong = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    return {
        "depths": np.array(config.depths),
        "betas": np.array(config.betas),
        "bias": bias,
        "norm": norm,
        "wrong_sign": wrong,
    }


@partial(jax.jit, static_argnames="sizes")
def biases(
    sizes: tuple[int, ...], x: Array, gain: float, keys: Array, betas: Array
) -> tuple[Array, Array, Array]:
    """Bias, norm of the gradient, and fraction of wrong signs, each ``(beta, network)``."""

    def network(key: Array, beta: Array) -> tuple[Array, Array, Array]:
        mlp = snn.MLP(sizes, snn.escape.Sigmoid(beta))
        program = snn.Program(mlp, x, snn.losses.Linear())
        params = mlp.init(key, gain)
        exact = flatten(snn.TransferMatrix()(program, params).grad[0])
        expected = flatten(snn.Expected(snn.Surrogate())(program, params).grad[0])
        difference = expected - exact
        # Where both are zero up to rounding, their signs and their ratio mean nothing.
        wrong = (expected * exact < 0) & (jnp.abs(difference) > ROUNDING)
        norm = jnp.linalg.norm(exact)
        return (
            jnp.linalg.norm(difference),
            jnp.where(norm > ROUNDING, norm, jnp.nan),
            jnp.mean(wrong, dtype=float),
        )

    over_networks = jax.vmap(network, in_axes=(0, None))
    return jax.vmap(over_networks, in_axes=(None, 0))(keys, betas)
