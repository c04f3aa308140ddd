r"""Spikes: forward values, derivatives, and derivatives of resets.

`spike` is a step function with a surrogate derivative, for a network of your own. `Spike` is an
argument of the networks of this package. It contains three independent choices:

========== =============================================== ==========================
forward    `sample`, `threshold`, `mean`                   value of s
derivative any of `snn.surrogate`                          value used for ds/dv
reset      `through`, `detached`, `ignored`                derivative of the reset
========== =============================================== ==========================
"""

from __future__ import annotations

from collections.abc import Callable

import jax
from jax import Array
from jax.ad_checkpoint import checkpoint_name
from jax.lax import stop_gradient
from jaxtyping import Float

from snn.escape import EscapeNoise
from snn.surrogate import Matched, SurrogateDerivative, Zero
from snn.value_object import static, value_object

SPIKE_NAME = "snn.spike"
"""Name of the values of `spike` in a traced program."""


def spike(
    v: Float[Array, "..."],
    derivative: SurrogateDerivative,
    *,
    s: Float[Array, "..."] | None = None,
    escape: EscapeNoise | None = None,
) -> Float[Array, "..."]:
    """Return a spike with a surrogate derivative.

    The derivative is fixed by this call, so a program cannot change it. A network that calls
    `spike` therefore works with `snn.Surrogate`, `snn.SmoothedStochasticAD` and estimators without
    derivatives. The other estimators raise an error.

    Args:
        v: potential minus threshold, dimensionless, any shape.
        derivative: a callable ``(v, s, escape) -> ds/dv``, for instance
            ``snn.surrogate.SuperSpike(10.0)``.
        s: the value of the spike; by default a step, 1 where ``v > 0`` and 0 elsewhere.
        escape: escape noise for the derivative; `snn.surrogate.Matched` needs it.

    Returns:
        ``s``, with tangent ``derivative(v, s, escape) * dv``. Usable with jit, vmap, scan, and
        forward and reverse differentiation of any order.
    """
    if s is None:
        s = threshold(escape, v, None)
    # `snn.estimators.base.refuse_fixed_derivatives` finds the name in a traced program.
    return checkpoint_name(_spike(v, derivative, s, escape), SPIKE_NAME)


def _spike(
    v: Array, derivative: SurrogateDerivative, s: Array, escape: EscapeNoise | None
) -> Array:
    # `mean` computes s from v. The rule below drops the tangent of s, but the slope depends on s,
    # too: without the stop, second derivatives would contain the derivative of `mean`.
    s = stop_gradient(s)
    return _with_slope(s, v, derivative(v, s, escape))


@jax.custom_jvp
def _with_slope(s: Array, v: Array, slope: Array) -> Array:
    return s


@_with_slope.defjvp
def _with_slope_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    # The primal calls `_with_slope` again: with a plain s, a second derivative would lose the rule.
    return _with_slope(*primals), primals[2] * tangents[1]


def sample(
    escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Return a stochastic spike, 1 where the uniform number ``xi`` is below p(v).

    Args:
        escape: escape noise of the layer.
        v: membrane potential minus threshold.
        xi: uniform random numbers in [0, 1), same shape.

    Returns:
        Spikes, 0 or 1, same shape.
    """
    # Strictly below, since xi may be 0: a neuron with p = 0 never fires, one with p = 1 always.
    return (xi < escape.prob(v)).astype(v.dtype)


def threshold(
    escape: EscapeNoise | None, v: Float[Array, "..."], xi: Float[Array, "..."] | None
) -> Float[Array, "..."]:
    """Return a deterministic spike, 1 where ``v > 0``; noise has no effect.

    Args:
        escape: without effect.
        v: membrane potential minus threshold.
        xi: without effect.

    Returns:
        Spikes, 0 or 1, same shape.
    """
    return (v > 0).astype(v.dtype)


def mean(
    escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."] | None
) -> Float[Array, "..."]:
    """Return the firing probability in place of a spike, as in the smoothed network.

    Args:
        escape: escape noise of the layer.
        v: membrane potential minus threshold.
        xi: without effect.

    Returns:
        Probabilities, same shape.
    """
    return escape.prob(v)


def through(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return the reset u (1 - s), differentiated as written."""
    return u * (1 - s)


def detached(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return the reset u (1 - s), with s constant: the derivative by u is 1 - s."""
    return u * (1 - stop_gradient(s))


def ignored(u: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return the reset u (1 - s), with u s constant: the derivative by u is 1."""
    # The value is u (1 - s), too, but only the first term has a derivative.
    return u - stop_gradient(u * s)


@value_object
class Spike:
    """Choice of a spike's value, of its derivative, and of the derivative of the reset.

    Attributes:
        forward: `sample`, `threshold` or `mean`: ``(escape, v, xi) -> s``.
        derivative: a surrogate derivative, ``(v, s, escape) -> ds/dv``.
        reset: `through`, `detached` or `ignored`: ``(u, s) -> u after the reset``. The three have
            the same value and different derivatives. A reset that subtracts the threshold is
            ``u - (theta - reset(theta, s))``, with the value ``u - theta * s``.
    """

    forward: Callable[..., Array] = static(default=sample)
    derivative: SurrogateDerivative = Matched()
    reset: Callable[..., Array] = static(default=detached)

    def __call__(
        self, escape: EscapeNoise, v: Float[Array, "..."], xi: Float[Array, "..."]
    ) -> Float[Array, "..."]:
        """Return the spikes of a layer.

        Args:
            escape: the layer's escape noise.
            v: potential minus threshold, dimensionless, any shape.
            xi: uniform random numbers, same shape.
        """
        return _spike(v, self.derivative, self.forward(escape, v, xi), escape)


FIXED = Spike(sample, Zero())
"""Sampled spikes without a derivative, for derivatives at fixed spikes.

The reset is detached. `through` would give the same result, since the spikes are constants.
"""
