"""Spike functions as a library has them, and factors that are wrong in a derivative."""

import jax
from jax.lax import stop_gradient


def same(x):
    return x


def step(v):
    """1 above threshold, in the type of the potential."""
    return (v > 0).astype(v.dtype)


def with_derivative(slope):
    """A JAX spike whose tangent is ``slope(v) * dv``."""

    @jax.custom_jvp
    def spike(v):
        return step(v)

    spike.defjvp(lambda primals, tangents: (spike(*primals), slope(primals[0]) * tangents[0]))
    return spike


def factor(k):
    """A factor in the derivative, as a rule of its own."""

    @jax.custom_jvp
    def same(s):
        return s

    same.defjvp(lambda primals, tangents: (primals[0], k * tangents[0]))
    return same


def added(k):
    """That factor as straight-through arithmetic."""
    return lambda s: k * s + (1 - k) * stop_gradient(s)
