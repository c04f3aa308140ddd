"""Compile estimators that differ only in draw, coupling or derivative as a single program."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import Estimator
from snn.value_object import value_object


@value_object
class OneOf:
    """Choice of a draw, coupling or derivative by a number.

    A change of the number, or of parameters of the choices, does not recompile.

    Attributes:
        number: index of the choice, which may be traced.
        several: all choices.
    """

    number: Any
    several: tuple[Any, ...]

    def __call__(self, *arguments: Any) -> Array:
        """Return the result of the chosen draw or derivative."""
        return self._apply(lambda choice: choice(*arguments))

    def weighted_slope(self, v: Array, s: Array, escape: EscapeNoise) -> Array:
        """Return the weighted slope of the chosen coupling."""
        return self._apply(lambda coupling: coupling.weighted_slope(v, s, escape))

    def _apply(self, function: Callable[[Any], Array]) -> Array:
        return jax.lax.switch(self.number, [partial(function, choice) for choice in self.several])


def merge_estimators(estimators: Sequence[Estimator], *parts: str) -> list[Any]:
    """Return estimators that share a compiled program.

    Each part of an estimator becomes a `OneOf` over all kinds of the part among the estimators.

    Args:
        estimators: estimators of one class.
        parts: names of the attributes that may differ between the estimators.

    Returns:
        The estimators, in the same order.
    """
    shared = list(estimators)
    for part in parts:
        values = [jax.tree.map(_number, getattr(estimator, part)) for estimator in shared]
        kinds = {jax.tree.structure(value): value for value in values}
        for i, value in enumerate(values):
            kind = jax.tree.structure(value)
            one_of = OneOf(list(kinds).index(kind), tuple({**kinds, kind: value}.values()))
            shared[i] = replace(shared[i], **{part: one_of})
    return shared


def _number(leaf: Any) -> np.ndarray:
    # Numbers of different types would give different programs.
    return np.asarray(leaf, jnp.result_type(float))
