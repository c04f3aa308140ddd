"""Optimisers by name: those of optax, and SMORMS3."""

import jax
import jax.numpy as jnp
import optax

from experiments.engine.errors import UserError, nearest
from snn.optim import smorms3

USUAL = ("smorms3", "sgd", "adam", "adamw", "adagrad", "lamb", "lion", "nadam", "rmsprop", "yogi")


def optimiser(name: str, learning_rate: float) -> optax.GradientTransformation:
    """Return the optimiser of that name; a learning rate of 0 freezes.

    Raises:
        UserError: If there is none that takes a learning rate.
    """
    try:
        made = (smorms3 if name == "smorms3" else getattr(optax, name))(learning_rate)
        # Much else in optax takes a number, too; only what makes an update is an optimiser.
        weight = jax.ShapeDtypeStruct((2,), jnp.float32)
        jax.eval_shape(made.update, weight, jax.eval_shape(made.init, weight), weight)
    except Exception:
        raise UserError(
            "there is no such optimiser that takes a learning rate",
            name,
            ", ".join(USUAL) + ", or another of optax",
            f"optimiser={nearest(name, USUAL) or 'adam'}",
        ) from None
    return made if learning_rate else optax.set_to_zero()
