r"""SMORMS3 as an optax optimiser.

Each weight has a gradient g and a state, which starts at :math:`m = 1, \bar g = \bar{g^2} = 0`:

.. math::
    r &= 1/(m+1), \quad \bar g \leftarrow (1-r)\bar g + r g, \quad
    \bar{g^2} \leftarrow (1-r)\bar{g^2} + r g^2 \\
    a &= \bar g^2 / (\bar{g^2} + \epsilon), \quad m \leftarrow 1 + m (1-a), \quad
    \Delta w = -\min(a, \eta)\, g / (\sqrt{\bar{g^2}} + \epsilon)

The memory m shortens where gradients agree (a near 1) and lengthens where they are noise.

Reference: Funk, "RMSprop loses to SMORMS3: beware the epsilon!", sifter.org/~simon/journal, 2015.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from snn.arguments import Real
from snn.types import Params

try:
    import optax
except ImportError as error:
    raise ImportError(
        "snn.optim: optax is not installed, and its optimisers are of optax's form. Install it "
        "with `pip install optax`."
    ) from error


class Smorms3State(NamedTuple):
    """Memory, mean gradient and mean squared gradient, each in the structure of the parameters."""

    memory: Params
    mean: Params
    square: Params


def smorms3(learning_rate: Real, epsilon: float = 1e-16) -> optax.GradientTransformation:
    """Return the SMORMS3 optimiser.

    Args:
        learning_rate: upper limit of a step's size, in units of the gradient's root mean square.
        epsilon: keeps divisions finite.
    """

    def init(params: Params) -> Smorms3State:
        zeros = optax.tree.zeros_like(params)
        return Smorms3State(optax.tree.ones_like(params), zeros, zeros)

    def update(updates: Params, state: Any, params: Params | None = None) -> tuple:
        rate = jax.tree.map(lambda m: 1 / (m + 1), state.memory)
        mean = jax.tree.map(lambda r, a, g: (1 - r) * a + r * g, rate, state.mean, updates)
        square = jax.tree.map(lambda r, a, g: (1 - r) * a + r * g**2, rate, state.square, updates)
        agreement = jax.tree.map(lambda a, b: a**2 / (b + epsilon), mean, square)
        memory = jax.tree.map(lambda m, a: 1 + m * (1 - a), state.memory, agreement)
        steps = jax.tree.map(
            lambda g, a, b: -jnp.minimum(a, learning_rate) * g / (jnp.sqrt(b) + epsilon),
            updates,
            agreement,
            square,
        )
        return steps, Smorms3State(memory, mean, square)

    return optax.GradientTransformation(init, update)
