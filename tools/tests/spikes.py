"""Spike functions as a library has them: a step with a derivative of its own."""

import jax


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
