r"""The spike: how it is computed, and three independent choices of how it is differentiated.

`spike` is the drop-in for a network of your own: a step function with the derivative you choose.
`Spike` is what the networks of this package are run with. It holds three choices that no network
knows of:

========== =============================================== ==========================
forward    `sample`, `threshold`, `mean`                   what s is
derivative any of `snn.surrogate`                          what ds/dv is
reset      `through`, `detached`, `ignored`                what d(reset) is
========== =============================================== ==========================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import jax
from jax import Array
from jax.ad_checkpoint import checkpoint_name
from jax.lax import stop_gradient
from jaxtyping import Float

from snn.arguments import check_real
from snn.deprecated import former_names
from snn.escape import EscapeNoise
from snn.surrogate import Matched, SurrogateDerivative, Zero
from snn.value_object import static, value_object

SPIKE_NAME = "snn.spike"
"""Name that the values of `spike` carry in a traced program, where they can be found again."""


def spike(
    v: Float[Array, "..."],
    derivative: SurrogateDerivative,
    *,
    s: Float[Array, "..."] | None = None,
    escape: EscapeNoise | None = None,
) -> Float[Array, "..."]:
    """Return a spike whose derivative is a surrogate.

    Its derivative is decided here, whatever a program is run with: only `snn.Surrogate`, `snn.
    SmoothedStochasticAD` and estimators that take no derivative accept a network that calls it.

    Args:
        v: potential minus threshold, dimensionless, any shape.
        derivative: a callable ``(v, s, escape) -> ds/dv``, for instance
            ``snn.surrogate.SuperSpike(10.0)``.
        s: the value of the spike; by default the step function, 1 where ``v > 0`` and 0 elsewhere.
        escape: handed to the derivative; `snn.surrogate.Matched` needs it.

    Returns:
        ``s``, with tangent ``derivative(v, s, escape) * dv``. Usable with jit, vmap, scan, and
        forward and reverse differentiation of any order.
    """
    if s is None:
        s = threshold(escape, v, None)
    if (found := _found.get()) is not None:
        found.append(derivative)
    return checkpoint_name(_spike(v, derivative, s, escape), SPIKE_NAME)


_found: ContextVar[list[SurrogateDerivative] | None] = ContextVar("found", default=None)


@contextmanager
def record_derivatives() -> Iterator[list[SurrogateDerivative]]:
    """Record the derivatives of all calls of `spike` that are made inside, in their order."""
    found: list[SurrogateDerivative] = []
    token = _found.set(found)
    try:
        yield found
    finally:
        _found.reset(token)


def _spike(
    v: Array, derivative: SurrogateDerivative, s: Array, escape: EscapeNoise | None
) -> Array:
    check_real("spike", v=v)
    s = stop_gradient(s)
    return _with_slope(s, v, derivative(v, s, escape))


@jax.custom_jvp
def _with_slope(s: Array, v: Array, slope: Array) -> Array:
    return s


@_with_slope.defjvp
def _with_slope_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    # The primal goes through `_with_slope` again, so that second derivatives see the slope too.
    return _with_slope(*primals), primals[2] * tangents[1]


def sample(
    escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Stochastic spike: 1 where the uniform number ``xi`` is below the firing probability."""
    check_real("sample", v=v, xi=xi)
    return (xi < escape.prob(v)).astype(v.dtype)


def threshold(
    escape: EscapeNoise | None, v: Float[Array, "..."], xi: Float[Array, "..."] | None
) -> Float[Array, "..."]:
    """Deterministic spike: 1 where ``v > 0``, whatever the escape noise."""
    return (v > 0).astype(v.dtype)


def mean(
    escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."] | None
) -> Float[Array, "..."]:
    """Return the firing probability in place of a spike: the smoothed, differentiable network."""
    return escape.prob(v)


def through(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Multiplicative reset u (1 - s), differentiated as written."""
    return u * (1 - s)


def detached(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Reset u (1 - s) with the spike held constant: the derivative with respect to u is 1 - s."""
    return u * (1 - stop_gradient(s))


def ignored(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Reset u (1 - s) with the whole reset term held constant: the derivative is that of u."""
    return u - stop_gradient(u * s)


@value_object
class Spike:
    """What a network is run with: forward value, derivative, and gradient through the reset.

    Attributes:
        forward: `sample`, `threshold` or `mean`: ``(escape, v, xi) -> s``.
        derivative: a surrogate derivative, ``(v, s, escape) -> ds/dv``.
        reset: `through`, `detached` or `ignored`: ``(u, s) -> u after the reset``. All three
            give the same value and differ in their derivatives. A neuron that subtracts its
            threshold resets that: ``u - (theta - reset(theta, s))``.
    """

    forward: Callable[..., Array] = static(default=sample)
    derivative: SurrogateDerivative = Matched()
    reset: Callable[..., Array] = static(default=detached)

    def __call__(
        self, escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."]
    ) -> Float[Array, "..."]:
        """Spikes of a layer with potential-minus-threshold ``v`` and uniform numbers ``xi``."""
        return _spike(v, self.derivative, self.forward(escape, v, xi), escape)


FIXED = Spike(sample, Zero())
"""Sampled spikes that are constants of the differentiation: derivatives at fixed spikes.

The reset is detached; `through` would give the same, since these spikes have no derivative.
"""


__getattr__ = former_names(__name__, {"drop_ins": "record_derivatives", "DROP_IN": "SPIKE_NAME"})
