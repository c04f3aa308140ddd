"""Computes the expected surrogate and the exact gradient by enumeration."""

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments import five_weights
from experiments.stochastic_sign_flip import StochasticSignFlip


def compute(config: StochasticSignFlip, seed: None) -> dict[str, np.ndarray]:
    """Gradients for w of the expected output, along w and at the reference weights.

    Returns:
        ``w``, ``expected_sg`` and ``exact`` of shape ``(point,)``; ``reference_...`` at the
        reference weights; ``oracle_disagreement`` of enumeration and transfer matrices there.
    """
    w = np.linspace(config.w_min, config.w_max, config.n_points)
    reference = jnp.array(config.theta)
    thetas = jnp.column_stack([w, jnp.tile(reference[1:], (w.size, 1))])
    expected, exact, oracle = (
        five_weights.field_of(estimator, config.beta)
        for estimator in (snn.Expected(), snn.ExactEnumeration(), snn.TransferMatrix())
    )
    return {
        "w": w,
        "w_reference": np.array(config.theta[0]),
        "beta": np.array(config.beta),
        "expected_sg": np.asarray(jax.vmap(expected)(thetas)[:, 0]),
        "exact": np.asarray(jax.vmap(exact)(thetas)[:, 0]),
        "reference_expected_sg": np.asarray(expected(reference)[0]),
        "reference_exact": np.asarray(exact(reference)[0]),
        "oracle_disagreement": np.abs(exact(reference) - oracle(reference)).max(),
    }
