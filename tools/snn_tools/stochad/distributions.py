r"""Discrete distributions: samples by inversion, and what a sample jumps to.

All but the categorical are sampled as :math:`x = \min\{k : F(k) > \xi\}` (Bernoulli:
:math:`x = 1[\xi < p]`). Under a perturbed parameter the same number :math:`\xi` falls on another
outcome only next to a step of F, so that x jumps to a neighbour, up at the rate
:math:`-F'(x)/P(x)` and down at the rate :math:`F'(x-1)/P(x)`, whichever is positive:

=========== ==================== =========================== ==========================
            P(x)                 parameter grows             parameter shrinks
=========== ==================== =========================== ==========================
Bernoulli   p (x=1), 1-p (x=0)   0 to 1, 1/(1-p)             1 to 0, 1/p
Binomial    (n, p)               up, (n-x)/(1-p)             down, x/p
Geometric   p (1-p)^x            down, x/(p(1-p))            up, (x+1)/p
Poisson     (rate)               up, 1                       down, x/rate
=========== ==================== =========================== ==========================

times the size of the parameter's change. Outcomes are floating-point numbers.

Reference: Arya et al., NeurIPS 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import logit, xlog1py

from snn.value_object import value_object


@runtime_checkable
class Distribution(Protocol):
    """Interface of a distribution; ``params`` are arrays of one shape, that of the outcomes."""

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        """Return the outcomes that belong to uniform numbers ``xi``."""
        ...

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        """Rate, at least 0, at which each outcome jumps, and where to.

        Args:
            params: the parameters.
            tangents: their derivatives along the direction.
            x: the outcomes of the primal run.
            u: one uniform number, for distributions that choose among several targets.
        """
        ...


@value_object
class Bernoulli:
    """1 with probability p, else 0; the parameter is (p,)."""

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        return (xi < params[0]).astype(xi.dtype)

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        (p,), (dp,) = params, tangents
        return _by_sign(dp, (1 - x, 1 - p), (x, p)), 1 - x


@value_object
class Binomial:
    """Number of successes in n trials; the parameters are (n, p), and n is not differentiated."""

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        n, p = params
        sure = p >= 1
        q = jnp.where(sure, 0.5, p)
        x = _invert(
            xi,
            first=xlog1py(n, -q),
            log_ratio=lambda k: jnp.log(jnp.maximum(n - k, 0)) - jnp.log(k + 1) + logit(q),
            last=n,
        )
        return jnp.where(sure, n, x)

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        (n, p), (_, dp) = params, tangents
        return _by_sign(dp, (n - x, 1 - p), (x, p)), x + jnp.sign(dp)


@value_object
class Geometric:
    """Number of failures before the first success; the parameter is (p,), the success's."""

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        return jnp.floor(jnp.log1p(-xi) / jnp.log1p(-params[0]))

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        (p,), (dp,) = params, tangents
        return _by_sign(dp, (x, p * (1 - p)), (x + 1, p)), x - jnp.sign(dp)


@value_object
class Poisson:
    """Number of events; the parameter is (rate,), their mean."""

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        (rate,) = params
        return _invert(
            xi,
            first=-rate,
            log_ratio=lambda k: jnp.log(rate) - jnp.log(k + 1),
            last=jnp.ceil(rate + 40 * jnp.sqrt(rate) + 40),  # beyond is less likely than rounding
        )

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        (rate,), (drate,) = params, tangents
        return _by_sign(drate, (jnp.ones_like(x), jnp.ones_like(x)), (x, rate)), x + jnp.sign(drate)


@value_object
class Categorical:
    r"""Class k with probability q_k; the parameter is (q,), classes along the last axis.

    Classes have no order, and a class of probability 0 may lie between two others: no jump to a
    neighbour, but from classes that shrink, at the rate :math:`-dq_x/q_x`, to those that grow, in
    proportion to their growth. No coupling of the perturbed samples jumps less often.
    """

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        return _class(jnp.cumsum(params[0], axis=-1), xi)

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        def of_outcome(values: Array) -> Array:
            index = x.astype(int)[..., None]
            return jnp.take_along_axis(values, index, axis=-1)[..., 0]

        (q,), (dq,) = params, tangents
        growth = jnp.cumsum(jnp.maximum(dq, 0), axis=-1)
        rate = _ratio(jnp.maximum(-of_outcome(dq), 0), of_outcome(q))
        return rate, _class(growth, u * growth[..., -1])


def _by_sign(dp: Array, grows: tuple[Array, Array], shrinks: tuple[Array, Array]) -> Array:
    """|dp| times one of two ratios; 0 where the numerator is, whatever the denominator."""
    return jnp.abs(dp) * jnp.where(dp > 0, _ratio(*grows), _ratio(*shrinks))


def _ratio(numerator: Array, denominator: Array) -> Array:
    return jnp.where(numerator > 0, numerator / jnp.where(numerator > 0, denominator, 1.0), 0.0)


def _class(cumulative: Array, level: Array) -> Array:
    """Index of the first class whose cumulative weight is above the level."""
    below = jnp.sum(cumulative <= level[..., None], axis=-1)
    # Rounding may leave the last cumulative weight below the level; then it is the last class
    # that has any weight, the first one that reaches the total.
    last = jnp.argmax(cumulative, axis=-1)
    return jnp.minimum(below, last).astype(level.dtype)


def _invert(xi: Array, first: Array, log_ratio: Callable[[Array], Array], last: Array) -> Array:
    """Smallest k with F(k) > xi, adding up probabilities from log P(0) = ``first`` on.

    ``log_ratio(k)`` is log P(k+1)/P(k). Logarithms, since P(0) may underflow.
    """

    def short(state: tuple[Array, Array, Array]) -> Array:
        k, _, cumulative = state
        return (cumulative <= xi) & (k < last)

    def advance(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        k, log_p, cumulative = state
        log_next = log_p + log_ratio(k)
        new = k + 1, log_next, cumulative + jnp.exp(log_next)
        return jax.tree.map(lambda a, b: jnp.where(short(state), a, b), new, state)

    start = jnp.zeros_like(xi), first, jnp.exp(first)
    return jax.lax.while_loop(lambda state: jnp.any(short(state)), advance, start)[0]
