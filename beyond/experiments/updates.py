"""The loop of updates that every training beyond the paper runs.

A training is an optimiser and a function that returns a gradient. Tasks, estimators and scores are
in the experiments.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import optax

from snn.types import Params

Gradient = Callable[[Any, Any], tuple[Any, Any]]
"""Function of weights and of an update's number or key; returns the gradient to follow, and what
to keep of the update."""


class State(NamedTuple):
    """State of a training.

    Attributes:
        params: weights.
        optimiser: state of the optimiser.
    """

    params: Params
    optimiser: Any


def begin(optimiser: optax.GradientTransformation, params: Params) -> State:
    """Return the state before the first update."""
    return State(params, optimiser.init(params))


def update(optimiser: optax.GradientTransformation, grad: Params, state: State) -> State:
    """Return the state after one update along a gradient."""
    changes, memory = optimiser.update(grad, state.optimiser)
    return State(optax.apply_updates(state.params, changes), memory)


def follow(
    optimiser: optax.GradientTransformation, gradient: Gradient, state: State, updates: Any
) -> tuple[State, Any]:
    """Do updates one after another.

    Args:
        optimiser: the optimiser.
        gradient: function of weights and of an update's number or key.
        state: the state before the first of the updates.
        updates: number or key of each update, with a leading axis of updates.

    Returns:
        The state after the last update, and what is kept of each update, with a leading axis.
    """

    def step(state: State, which: Any) -> tuple[State, Any]:
        grad, kept = gradient(state.params, which)
        return update(optimiser, grad, state), kept

    return jax.lax.scan(step, state, updates)
