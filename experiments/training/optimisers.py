"""Optimisers by name: those of optax, and SMORMS3."""

import optax

from experiments.engine.errors import UserError, nearest
from snn.optim import smorms3


def optimiser(name: str, learning_rate: float) -> optax.GradientTransformation:
    """The optimiser of that name; a learning rate of 0 freezes.

    Raises:
        UserError: If there is none that takes a learning rate.
    """
    try:
        make = smorms3 if name == "smorms3" else getattr(optax, name)
        return make(learning_rate) if learning_rate else optax.set_to_zero()
    except (AttributeError, TypeError):
        names = ["smorms3", *(other for other in dir(optax) if other.islower())]
        what = "there is no such optimiser that takes a learning rate"
        expected = "smorms3, or one of optax: sgd, adam, adamw, rmsprop, ..."
        fix = f"optimiser={nearest(name, names) or 'adam'}"
        raise UserError(what, name, expected, fix) from None
