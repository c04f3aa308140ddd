"""Noise as an argument: one uniform number per spike site, replayable and overridable.

A neuron fires where its uniform number is below its firing probability. All randomness of a
trial is therefore one object with a method ``draw(layer, t, shape)``, which the network calls. A
second run of a program with the same object replays the trial. `Override` wraps the object and
forces one spike in the replay. In a batch of trials the object has a leading trial axis.
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
from snn.draws import draw_numbers
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
    """Stored uniform numbers, the fastest noise for trials that are replayed often.

    Attributes:
        values: one array per layer, ``(neuron,)`` or ``(time, neuron)``.
    """

    values: tuple[Array, ...]

    @classmethod
    def sample(cls, key: Key, shapes: Shapes, n_trials: int) -> Uniforms:
        """Draw the numbers of independent trials.

        Args:
            key: a JAX random key.
            shapes: shape of the spike sites of each layer; see `snn.program.site_shapes`.
            n_trials: number of trials, the length of the leading axis of every array.
        """
        keys = jax.random.split(key, len(shapes))
        draws = [(k, (n_trials, *s)) for k, s in zip(keys, shapes, strict=True)]
        return cls(tuple(draw_numbers(jax.random.uniform, k, shape) for k, shape in draws))

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the stored numbers of a layer at time step ``t``.

        Raises:
            ValueError: if the stored numbers have another shape.
        """
        wanted = shape if t is None else ("time", *shape)
        if layer >= len(self.values):
            self._refuse(layer, wanted)
        values = self.values[layer]
        # The number of time steps is not known here: `check` compares it.
        if (values.shape if t is None else values.shape[1:]) != shape:
            self._refuse(layer, wanted)
        return values if t is None else values[t]

    def check(self, shapes: Shapes) -> None:
        """Raise ValueError unless there is one number for each spike site of a trial."""
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
    """Base of noises that compute their numbers from a random key instead of storing them.

    Attributes:
        key: a JAX random key. A leading axis of keys makes a batch of trials.
    """

    key: Key

    @classmethod
    def sample(cls, key: Key, n_trials: int) -> Keyed:
        """Return the noise of independent trials, with a leading axis of keys."""
        return cls(jax.random.split(key, n_trials))

    @abstractmethod
    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return numbers that depend only on the key, the layer and the time step."""

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
    r"""Numbers from a hash of few operations, which is faster than Threefry in large layers.

    The hash mixes the index of a site twice with 32 bits of key, layer and time step. Each mix is a
    bijection of 32-bit words, made of xor-shifts and odd multiplications. Its bias is low: each bit
    of the word changes each bit of the result with a probability close to 1/2. Numbers are
    multiples of :math:`2^{-24}`. The hash suits spikes, not cryptography.

    Reference: Wellons, "Prospecting for hash functions", nullprogram.com, 2018; the constants are
    from its sequel, the hash-prospector project.
    """

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        first, second = jax.random.bits(self.key_at(layer, t), (2,), jnp.uint32)

        def numbers() -> Array:
            site = jax.lax.iota(jnp.uint32, prod(shape)).reshape(shape)
            word = _mix(_mix(site ^ first) + second)
            return (word >> 8).astype(jnp.result_type(float)) * 2.0**-24

        # t >= 0 always holds. XLA computes the result of a branch once; without the branch, each
        # operation on a spike would compute the numbers again.
        return numbers() if t is None else jax.lax.cond(t >= 0, numbers, lambda: jnp.zeros(shape))


def _mix(word: Array) -> Array:
    for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97)):
        word = (word ^ (word >> shift)) * jnp.uint32(factor)
    return word ^ (word >> 15)


@value_object
class Override:
    """Noise of a trial with the uniform number of one site replaced.

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
        xi = self.noise.draw(layer, t, shape)
        # Layer and index may be traced, one pair per replay, so the site is found by comparison.
        first = 0 if t is None else t * prod(shape)
        here = jnp.reshape(first + jnp.arange(prod(shape)) == self.index, shape)
        return jnp.where((self.layer == layer) & here, jnp.asarray(self.value, xi.dtype), xi)


@value_object
class OffsetNoise:
    """Noise for later layers or time steps of a trial, as in replays from a flip on.

    Attributes:
        noise: the noise of the whole trial.
        layer: layer of the trial that is layer 0 of the part.
        step: time step of the trial that is step 0 of the part.
    """

    noise: Noise
    layer: int = static(default=0)
    step: Any = 0

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        t = None if t is None else self.step + t
        return self.noise.draw(self.layer + layer, t, shape)


@value_object
class Constant:
    """Noise with one number at all sites, for programs without randomness."""

    value: Real = 0.5

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return an array filled with the number."""
        return jnp.full(shape, self.value, jnp.result_type(float))


def n_sites(shapes: Shapes) -> int:
    """Return the number n of spike sites; there are 2^n spike patterns."""
    return sum(prod(shape) for shape in shapes)


def all_patterns(shapes: Shapes, max_sites: int) -> Uniforms:
    """Return noise that forces every spike pattern once.

    Args:
        shapes: shape of the spike sites of each layer.
        max_sites: largest number of sites.

    Returns:
        The noise, with a leading axis of 2^n patterns.

    Raises:
        ValueError: if there are more than ``max_sites`` sites.
    """
    n = n_sites(shapes)
    if n > max_sites:
        raise ValueError(
            f"Enumeration over spike patterns: got {n} spike sites, expected at most {max_sites} "
            f"(2^{max_sites} patterns). Use fewer neurons or time steps, or a sampled estimator."
        )
    # Numbers beyond both ends force a spike or silence, whatever the firing probability.
    xi = jnp.where(all_states(n) == 1, FIRE, SILENT).astype(jnp.result_type(float))
    layers = jnp.split(xi, np.cumsum([prod(shape) for shape in shapes])[:-1], axis=1)
    return Uniforms(tuple(xi.reshape(-1, *shape) for xi, shape in zip(layers, shapes, strict=True)))


def all_states(n: int) -> Array:
    """Return all states of n binary neurons, 0 or 1, ``(2^n, n)``."""
    return (jnp.arange(2**n)[:, None] >> jnp.arange(n)[None, :]) & 1
