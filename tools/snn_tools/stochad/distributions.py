r"""Discrete distributions: samples by inversion, and jumps to other outcomes.

All but the categorical are sampled as :math:`x = \min\{k : F(k) > \xi\}` (Bernoulli:
:math:`x = 1[\xi < p]`). If the parameter changes, the number :math:`\xi` leads to another outcome
only next to a step of F. The outcome x then jumps to a neighbour: up at the rate
:math:`-F'(x)/P(x)`, or down at the rate :math:`F'(x-1)/P(x)`. The positive rate of the two counts.
Rates per change of the parameter are:

=========== ==================== =========================== ==========================
            P(x)                 parameter grows             parameter shrinks
=========== ==================== =========================== ==========================
Bernoulli   p (x=1), 1-p (x=0)   0 to 1, 1/(1-p)             1 to 0, 1/p
Binomial    (n, p)               up, (n-x)/(1-p)             down, x/p
Geometric   p (1-p)^x            down, x/(p(1-p))            up, (x+1)/p
Poisson     (rate)               up, 1                       down, x/rate
=========== ==================== =========================== ==========================

Outcomes are floating-point numbers.

Reference: Arya et al., NeurIPS 2022.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import logit, xlog1py


@dataclass(frozen=True)
class Ordered:
    """A distribution whose outcomes jump to a neighbour; the last parameter is differentiated.

    Attributes:
        quantile: ``(uniform number, *params)`` to the outcome.
        grows: ``(outcome, *params)`` to numerator and denominator of the rate in the table above,
            for a growing parameter.
        shrinks: the same for a shrinking parameter.
        step: jump of the outcome for a growing parameter, 1 or -1.
    """

    quantile: Callable[..., Array]
    grows: Callable[..., tuple[Any, Any]]
    shrinks: Callable[..., tuple[Any, Any]]
    step: int = 1

    def sample(self, params: tuple[Array, ...], xi: Array) -> Array:
        """Return the outcomes for uniform numbers ``xi``; all arrays have one shape."""
        return self.quantile(xi, *params)

    def jump(
        self, params: tuple[Array, ...], tangents: tuple[Array, ...], x: Array, u: Array
    ) -> tuple[Array, Array]:
        """Return the rate of a jump of each outcome, at least 0, and the new outcome.

        Args:
            params: the parameters.
            tangents: derivatives of the parameters along the direction.
            x: the outcomes of the primal run.
            u: a uniform number, for a choice among several targets.
        """
        dp = tangents[-1]
        grows, shrinks = (_ratio(*rate(x, *params)) for rate in (self.grows, self.shrinks))
        return jnp.abs(dp) * jnp.where(dp > 0, grows, shrinks), x + self.step * jnp.sign(dp)


def _binomial(xi: Array, n: Array, p: Array) -> Array:
    sure = p >= 1
    q = jnp.where(sure, 0.5, p)
    x = _invert(
        xi,
        first=xlog1py(n, -q),
        log_ratio=lambda k: jnp.log(jnp.maximum(n - k, 0)) - jnp.log(k + 1) + logit(q),
        last=n,
    )
    return jnp.where(sure, n, x)


def _poisson(xi: Array, rate: Array) -> Array:
    return _invert(
        xi,
        first=-rate,
        log_ratio=lambda k: jnp.log(rate) - jnp.log(k + 1),
        last=jnp.ceil(rate + 40 * jnp.sqrt(rate) + 40),  # beyond is less likely than rounding
    )


BERNOULLI = Ordered(
    lambda xi, p: (xi < p).astype(xi.dtype), lambda x, p: (1 - x, 1 - p), lambda x, p: (x, p)
)
"""1 with probability p, else 0; the parameter is (p,)."""

BINOMIAL = Ordered(_binomial, lambda x, n, p: (n - x, 1 - p), lambda x, n, p: (x, p))
"""Number of successes in n trials; the parameters are (n, p)."""

GEOMETRIC = Ordered(
    lambda xi, p: jnp.floor(jnp.log1p(-xi) / jnp.log1p(-p)),
    lambda x, p: (x, p * (1 - p)),
    lambda x, p: (x + 1, p),
    step=-1,
)
"""Number of failures before the first success; the parameter is (p,), the success's."""

POISSON = Ordered(
    _poisson, lambda x, rate: (jnp.ones_like(x), jnp.ones_like(x)), lambda x, rate: (x, rate)
)
"""Number of events; the parameter is (rate,), their mean."""


@dataclass(frozen=True)
class Categorical:
    r"""Class k with probability q_k; the parameter is (q,), classes along the last axis.

    Classes have no order, and a class of probability 0 may lie between two others. Outcomes
    therefore do not jump to a neighbour. They jump from classes that shrink, at the rate
    :math:`-dq_x/q_x`, to classes that grow, in proportion to the growth. No coupling of the
    perturbed samples has fewer jumps.
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


CATEGORICAL = Categorical()
Distribution: TypeAlias = Ordered | Categorical


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Divide; a numerator of 0 gives 0, also with a denominator of 0."""
    return jnp.where(numerator > 0, numerator / jnp.where(numerator > 0, denominator, 1.0), 0.0)


def _class(cumulative: Array, level: Array) -> Array:
    """Return the index of the first class whose cumulative weight is above the level."""
    below = jnp.sum(cumulative <= level[..., None], axis=-1)
    # Rounding may leave the last cumulative weight below the level. The last class with a weight
    # is then chosen: the first class that reaches the total.
    last = jnp.argmax(cumulative, axis=-1)
    return jnp.minimum(below, last).astype(level.dtype)


def _invert(xi: Array, first: Array, log_ratio: Callable[[Array], Array], last: Array) -> Array:
    """Return the smallest k with F(k) > xi, from a sum of probabilities.

    ``first`` is log P(0), and ``log_ratio(k)`` is log P(k+1)/P(k). The sum needs logarithms because
    P(0) may underflow.
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
