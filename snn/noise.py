"""Noise as an argument: one uniform number per spike site, replayable and overridable.

A neuron fires where its uniform number is below its firing probability. All randomness of a
trial is therefore one object with a method ``draw(layer, t, shape)``, which the network calls.
Running a program twice with the same object replays the trial; wrapping the object in `Override`
replays it with one spike forced. A batch of trials is the same object with a leading trial axis.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import prod
from typing import Any, NoReturn, TypeAlias, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.arguments import Key, Real
from snn.deprecated import former_names
from snn.draws import draw_numbers, uniform
from snn.types import Noise
from snn.value_object import static, value_object

FIRE = -1.0
"""A uniform number below every probability: the site fires."""

SILENT = 2.0
"""A uniform number above every probability: the site stays silent."""


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
    def sample(cls, key: Key, shapes: Shapes, n_trials: int) -> Uniforms:
        """Independent trials: every array gets a leading axis of length ``n_trials``."""
        keys = jax.random.split(key, len(shapes))
        return cls(tuple(uniform(k, (n_trials, *s)) for k, s in zip(keys, shapes, strict=True)))

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the stored numbers of a layer at time step ``t``.

        Raises:
            ValueError: if other shapes of numbers are stored.
        """
        values = self.values[layer] if layer < len(self.values) else None
        if values is None or values.shape != (shape if t is None else (*values.shape[:1], *shape)):
            self._refuse(layer, shape if t is None else ("time", *shape))
        return values if t is None else values[t]

    def check(self, shapes: Shapes) -> None:
        """Refuse, with a ValueError, sites of other shapes than the numbers of one trial have."""
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


@value_object
class Keyed(ABC):
    """Uniform numbers that follow from a key when they are asked for: nothing is stored.

    Attributes:
        key: a JAX random key. A leading axis of keys makes a batch of trials.
    """

    key: Key

    @classmethod
    def sample(cls, key: Key, n_trials: int) -> Keyed:
        """Independent trials."""
        return cls(jax.random.split(key, n_trials))

    @abstractmethod
    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Numbers that depend on the key, the layer and the time step alone."""

    def key_at(self, layer: int, t: Array | int | None) -> Array:
        """Return the key of a layer and time step."""
        return jax.random.fold_in(jax.random.fold_in(self.key, layer), 0 if t is None else t)


@final
@value_object
class ThreefryNoise(Keyed):
    """Numbers from JAX's generator, Threefry."""

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        return draw_numbers(jax.random.uniform, self.key_at(layer, t), shape)


@final
@value_object
class Hashed(Keyed):
    r"""As `ThreefryNoise`, with a hash of few operations in place of Threefry: for large layers.

    The site's index is mixed twice, each time with 32 bits that follow from key, layer and time
    step. Each mix is a bijection of 32-bit words, an alternation of xor-shifts and odd
    multiplications, of low bias: each bit of the word changes each bit of the result with
    probability 1/2, nearly. Numbers are multiples of :math:`2^{-24}`. Good for spikes, not for
    cryptography.

    Reference: Wellons, "Prospecting for hash functions", nullprogram.com, 2018; the constants are
    from its sequel, the hash-prospector project.
    """

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        first, second = jax.random.bits(self.key_at(layer, t), (2,), jnp.uint32)

        def numbers() -> Array:
            site = jax.lax.iota(jnp.uint32, prod(shape)).reshape(shape)
            word = _mix(_mix(site ^ first) + second)
            return (word >> 8).astype(jnp.result_type(float)) * 2.0**-24

        # XLA computes the result of a branch once; other numbers anew in each operation on a spike.
        return numbers() if t is None else jax.lax.cond(t >= 0, numbers, lambda: jnp.zeros(shape))


def _mix(word: Array) -> Array:
    for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97)):
        word = (word ^ (word >> shift)) * jnp.uint32(factor)
    return word ^ (word >> 15)


@value_object
class Override:
    """Another noise with the uniform number of one site replaced.

    Attributes:
        noise: the noise of the trial that is replayed.
        layer: the site's layer.
        index: the site's position in the layer's flattened ``(time, neuron)`` sites.
        value: `FIRE`, `SILENT`, or a number in [0, 1).
    """

    noise: Noise
    layer: Any
    index: Any
    value: Any

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the numbers of the wrapped noise, except at the site."""
        xi = self.noise.draw(layer, t, shape)
        first = 0 if t is None else t * prod(shape)
        here = jnp.reshape(first + jnp.arange(prod(shape)) == self.index, shape)
        return jnp.where((self.layer == layer) & here, jnp.asarray(self.value, xi.dtype), xi)


@value_object
class OffsetNoise:
    """The noise of a trial from one of its layers, or steps, on, for a part that counts from 0.

    Attributes:
        noise: the noise of the whole trial.
        layer: the layer that the part's layer 0 is.
        step: the step that the part's step 0 is.
    """

    noise: Noise
    layer: int = static(default=0)
    step: Any = 0

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the numbers of layer ``self.layer + layer`` at step ``self.step + t``."""
        t = None if t is None else self.step + t
        return self.noise.draw(self.layer + layer, t, shape)


@value_object
class Constant:
    """One number at every site; for programs that are run without randomness."""

    value: Real = 0.5

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return an array filled with the number."""
        return jnp.full(shape, self.value, jnp.result_type(float))


def n_sites(shapes: Shapes) -> int:
    """Return the number of spike sites: the base-2 logarithm of the number of spike patterns."""
    return sum(prod(shape) for shape in shapes)


def all_patterns(shapes: Shapes, max_sites: int) -> Uniforms:
    """Noise that forces every spike pattern once, pattern by pattern along the leading axis.

    Raises:
        ValueError: if there are more than ``max_sites`` sites.
    """
    n = n_sites(shapes)
    if n > max_sites:
        raise ValueError(
            f"Enumeration over spike patterns: got {n} spike sites, expected at most {max_sites} "
            f"(2^{max_sites} patterns). Use fewer neurons or time steps, or a sampled estimator."
        )
    xi = jnp.where(all_states(n) == 1, FIRE, SILENT).astype(jnp.result_type(float))
    layers = jnp.split(xi, np.cumsum([prod(shape) for shape in shapes])[:-1], axis=1)
    return Uniforms(tuple(xi.reshape(-1, *shape) for xi, shape in zip(layers, shapes, strict=True)))


def all_states(n: int) -> Array:
    """All states of n binary neurons, 0 or 1, ``(2^n, n)``."""
    return (jnp.arange(2**n)[:, None] >> jnp.arange(n)[None, :]) & 1


__getattr__ = former_names(__name__, {"Counter": "ThreefryNoise", "Part": "OffsetNoise"})
