"""Stored uniform numbers: the noise of trials that are replayed."""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

from snn.value_object import value_object

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""Shapes of the spike sites of each layer, ``(neuron,)`` or ``(time, neuron)``."""


@value_object
class Uniforms:
    """Stored uniform numbers, one array per layer: best where a trial is replayed often.

    Attributes:
        values: one array per layer, ``(neuron,)`` or ``(time, neuron)``.
    """

    values: tuple[Array, ...]

    @classmethod
    def sample(cls, key: Array, shapes: Shapes, n_trials: int) -> Uniforms:
        """Independent trials: every array gets a leading axis of length ``n_trials``."""
        keys = jax.random.split(key, len(shapes))
        dtype = jnp.result_type(float)
        return cls(
            tuple(
                jax.random.uniform(k, (n_trials, *shape), dtype)
                for k, shape in zip(keys, shapes, strict=True)
            )
        )

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """The stored numbers of a layer at time step ``t``.

        Raises:
            ValueError: if other shapes of numbers are stored.
        """
        if layer >= len(self.values):
            self._refuse(layer, shape if t is None else ("time", *shape))
        values = self.values[layer]
        if values.shape != (shape if t is None else (*values.shape[:1], *shape)):
            self._refuse(layer, shape if t is None else ("time", *shape))
        return values if t is None else values[t]

    def check(self, shapes: Shapes) -> None:
        """Refuses, with a ValueError, sites of other shapes than the numbers of one trial have."""
        for layer in range(max(len(shapes), len(self.values))):
            wanted = shapes[layer] if layer < len(shapes) else None
            if wanted is None or layer >= len(self.values) or self.values[layer].shape != wanted:
                self._refuse(layer, wanted)

    def _refuse(self, layer: int, wanted: tuple[Any, ...] | None) -> NoReturn:
        got = self.values[layer].shape if layer < len(self.values) else None
        raise ValueError(
            f"noise: got {_numbers(got)} for layer {layer} of a trial, expected "
            f"{_numbers(wanted)}, one for each spike site. Noise fits one network and one number "
            f"of time steps, and an estimator's has a leading trial axis: make it with "
            f"snn.draw_noise(program, params, key, n_trials)."
        )


def _numbers(shape: tuple[Any, ...] | None) -> str:
    return "none" if shape is None else f"numbers of shape {shape}".replace("'", "")
