r"""Source of a program's random numbers, with an alternative outcome of one draw.

Every discrete draw i jumps to another outcome at a rate :math:`w_i`. Following every alternative
would cost one evaluation each. *Pruning* keeps a single alternative: draw i replaces the stored
alternative with probability :math:`w_i / (w_1 + \dots + w_i)`. At the end, the alternative of
draw i is stored with probability :math:`w_i / W` and weighted by the sum W, which is unbiased.

The rates depend on the derivatives of the parameters, which exist only in forward mode. The
alternative is therefore stored in the *tangents* of `Draw.kept`, while the values of `Draw.kept` do
not change. The state has a fixed size, and loops can carry it. The tangents are not linear in the
direction: programs with draws can be differentiated forwards (`jax.jvp`), not backwards.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from snn.arguments import Key
from snn.draws import draw_numbers
from snn.value_object import value_object
from snn_tools.stochad import distributions
from snn_tools.stochad.distributions import Distribution


class Alternative(NamedTuple):
    """Alternative outcome of a draw; all fields are floating-point scalars with tangents.

    Attributes:
        weight: sum of the rates of all draws so far.
        number: number of the draw in the program, from 0; -1 without an alternative.
        element: position in the draw's flattened array.
        outcome: the alternative outcome.
    """

    weight: Array
    number: Array
    element: Array
    outcome: Array


@value_object
class Draw:
    """Random numbers for a program, passed on from draw to draw like a random key.

    Every method returns ``(outcome, draw)``; use the new draw from then on, carry it through
    `lax.scan`, `while_loop` and `cond`, and return it at the end. Parameters may be arrays, with
    independent draws for the elements.

    Attributes:
        key: a JAX random key.
        number: number of draws so far.
        kept: the alternative of pruning, in the tangents.
        forced: the alternative that this evaluation follows.
    """

    key: Key
    number: Array
    kept: Alternative
    forced: Alternative

    @classmethod
    def start(cls, key: Key, forced: Alternative | None = None) -> Draw:
        """Return the first draw; equal keys give equal outcomes, apart from ``forced``."""
        zero = jnp.zeros((), jnp.result_type(float))
        nothing = Alternative(zero, zero - 1, zero, zero)
        return cls(key, jnp.asarray(0), nothing, nothing if forced is None else forced)

    def bernoulli(self, p: Any) -> tuple[Array, Draw]:
        """Draw 1 with probability ``p``, else 0."""
        return self._draw(distributions.BERNOULLI, _floats(p))

    def binomial(self, n: Any, p: Any) -> tuple[Array, Draw]:
        """Draw the successes in ``n`` trials of probability ``p``; ``n`` may be an outcome."""
        return self._draw(distributions.BINOMIAL, _floats(n, p))

    def geometric(self, p: Any) -> tuple[Array, Draw]:
        """Draw the failures before the first success, with ``p`` > 0 the success probability."""
        return self._draw(distributions.GEOMETRIC, _floats(p))

    def poisson(self, rate: Any) -> tuple[Array, Draw]:
        """Draw a number of events with mean ``rate``."""
        return self._draw(distributions.POISSON, _floats(rate))

    def categorical(self, q: Any) -> tuple[Array, Draw]:
        """Draw the index of a class; ``q`` has probabilities along the last axis, with sum 1."""
        return self._draw(distributions.CATEGORICAL, _floats(q), event_axes=1)

    def uniform(self, shape: tuple[int, ...] = ()) -> tuple[Array, Draw]:
        """Draw uniform numbers in [0, 1) without derivative, for differentiable functions.

        ``u < p`` is not differentiable: use `bernoulli`.
        """
        return draw_numbers(jax.random.uniform, self._keys()[0], shape), self._next()

    def normal(self, shape: tuple[int, ...] = ()) -> tuple[Array, Draw]:
        """Return standard normal numbers z, to be used as ``mean + std * z``."""
        return draw_numbers(jax.random.normal, self._keys()[0], shape), self._next()

    def _draw(
        self, distribution: Distribution, params: tuple[Array, ...], event_axes: int = 0
    ) -> tuple[Array, Draw]:
        shape = params[0].shape[: params[0].ndim - event_axes]
        key, key_prune = self._keys()
        xi = draw_numbers(jax.random.uniform, key, shape)
        u = jax.random.uniform(key_prune, (2,), jnp.result_type(float))
        x = stop_gradient(distribution.sample(stop_gradient(params), xi))
        number = self.number.astype(u.dtype)
        kept = _prune(distribution, self.kept, params, x, number, u)
        here = jnp.reshape(jnp.arange(x.size) == self.forced.element, shape)
        forced = here & (self.number == self.forced.number)
        return jnp.where(forced, self.forced.outcome, x), self._next(kept)

    def _keys(self) -> Array:
        return jax.random.split(jax.random.fold_in(self.key, self.number))

    def _next(self, kept: Alternative | None = None) -> Draw:
        kept = self.kept if kept is None else kept
        return dataclasses.replace(self, number=self.number + 1, kept=kept)


def _floats(*params: Any) -> tuple[Array, ...]:
    """Convert parameters to floating-point arrays of one shape; only scalars are broadcast."""
    arrays = [jnp.asarray(p, jnp.result_type(float)) for p in params]
    shape = jnp.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(jnp.broadcast_to(a, shape) for a in arrays)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _prune(
    distribution: Distribution,
    kept: Alternative,
    params: tuple[Array, ...],
    x: Array,
    number: Array,
    u: Array,
) -> Alternative:
    """Return the alternative after a draw: unchanged values, pruned tangents."""
    return kept


@_prune.defjvp
def _prune_jvp(
    distribution: Distribution, primals: tuple, tangents: tuple
) -> tuple[Alternative, Alternative]:
    kept, params, x, number, u = primals
    so_far, dparams, *_ = tangents
    rate, outcome = distribution.jump(params, dparams, x, u[1])
    cumulative = jnp.cumsum(jnp.ravel(rate))
    total = so_far.weight + cumulative[-1]
    element = jnp.sum(cumulative <= u[0] * total)  # the size, if it falls on an earlier draw
    replaces = element < x.size
    element = jnp.minimum(element, x.size - 1)
    new = Alternative(total, number, element.astype(u.dtype), jnp.ravel(outcome)[element])
    old = so_far._replace(weight=total)
    return kept, jax.tree.map(lambda a, b: jnp.where(replaces, a, b), new, old)
