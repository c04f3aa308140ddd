"""Optimisers by name: all of optax, and SMORMS3."""

import jax
import jax.numpy as jnp
import optax

from experiments.engine.errors import UserError, nearest
from snn.optim import smorms3

USUAL = ("smorms3", "sgd", "adam", "adamw", "adagrad", "lamb", "lion", "nadam", "rmsprop", "yogi")


def optimiser(name: str, learning_rate: float) -> optax.GradientTransformation:
    """Return the optimiser with a name; a learning rate of 0 freezes the weights.

    Raises:
        UserError: If no optimiser of that name takes a learning rate.
    """
    try:
        chosen = (smorms3 if name == "smorms3" else getattr(optax, name))(learning_rate)
        # Many functions of optax take a number, but only an optimiser makes an update.
        weight = jax.ShapeDtypeStruct((2,), jnp.float32)
        jax.eval_shape(chosen.update, weight, jax.eval_shape(chosen.init, weight), weight)
    except Exception:
        raise UserError(
            "there is no such optimiser that takes a learning rate",
            name,
            ", ".join(USUAL) + ", or another of optax",
            f"optimiser={nearest(name, USUAL) or 'adam'}",
        ) from None
    return chosen if learning_rate else optax.set_to_zero()
