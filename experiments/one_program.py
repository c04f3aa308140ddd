"""One compiled program for estimators that differ in their draw, coupling or derivative alone."""

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
    """One of several draws, couplings or derivatives, by its number.

    Neither that nor the numbers in them recompile.
    """

    number: Any
    several: tuple[Any, ...]

    def __call__(self, *arguments: Any) -> Array:
        """Return what the draw or derivative returns."""
        return self._done(lambda one: one(*arguments))

    def weighted_slope(self, v: Array, s: Array, escape: EscapeNoise) -> Array:
        """Return that of the coupling."""
        return self._done(lambda coupling: coupling.weighted_slope(v, s, escape))

    def _done(self, do: Callable[[Any], Array]) -> Array:
        return jax.lax.switch(self.number, [partial(do, one) for one in self.several])


def one_program(estimators: Sequence[Estimator], *parts: str) -> list[Any]:
    """Return the estimators with each part as `OneOf` all kinds of it that occur among them.

    Args:
        estimators: of one class.
        parts: names of the attributes in which they differ.
    """
    shared = list(estimators)
    for part in parts:
        each = [jax.tree.map(_number, getattr(one, part)) for one in shared]
        kinds = {jax.tree.structure(own): own for own in each}
        for i, own in enumerate(each):
            kind = jax.tree.structure(own)
            one_of = OneOf(list(kinds).index(kind), tuple({**kinds, kind: own}.values()))
            shared[i] = replace(shared[i], **{part: one_of})
    return shared


def _number(leaf: Any) -> np.ndarray:
    # Of one type, or types would tell programs apart.
    return np.asarray(leaf, jnp.result_type(float))
