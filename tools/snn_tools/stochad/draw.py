r"""The source of a program's randomness, which keeps one alternative on the way.

Every discrete draw i contributes a rate :math:`w_i` at which it jumps to another outcome. To follow
all alternatives would cost a run each. *Pruning* keeps one: draw i replaces the one kept so far
with probability :math:`w_i / (w_1 + \dots + w_i)`. In the end each is kept with probability
:math:`w_i / W`, and weighed by the sum W, which is unbiased.

The rates are functions of the derivatives of the parameters, which only the forward pass knows.
What is kept therefore lives in the *tangents* of `Draw.kept`, whose values stay as they are: a
state of fixed size, that loops carry along. It is not linear in the direction, so that programs
with draws can be differentiated forwards (`jax.jvp`) and not backwards.
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
    """Another outcome of one draw; all are scalars, and floating-point to have tangents.

    Attributes:
        weight: sum of the rates of all draws up to here.
        number: which draw of the program, from 0; -1 is none.
        element: position in the draw's flattened array.
        outcome: what it is instead.
    """

    weight: Array
    number: Array
    element: Array
    outcome: Array


@value_object
class Draw:
    """Random numbers for a program, handed on from draw to draw like a random key.

    Every method returns ``(outcome, draw)``; use the new draw for what follows, carry it through
    `lax.scan`, `while_loop` and `cond`, and return it at the end. Parameters may be arrays, of
    which each element is drawn independently.

    Attributes:
        key: a JAX random key.
        number: how many draws have been made.
        kept: what pruning has kept, in its tangents.
        forced: the alternative that this run follows.
    """

    key: Key
    number: Array
    kept: Alternative
    forced: Alternative

    @classmethod
    def start(cls, key: Key, forced: Alternative | None = None) -> Draw:
        """Return the first draw of a run; the same key gives the same run, ``forced`` aside."""
        zero = jnp.zeros((), jnp.result_type(float))
        nothing = Alternative(zero, zero - 1, zero, zero)
        return cls(key, jnp.asarray(0), nothing, nothing if forced is None else forced)

    def bernoulli(self, p: Any) -> tuple[Array, Draw]:
        """1 with probability ``p``, else 0."""
        return self._draw(distributions.BERNOULLI, _floats(p))

    def binomial(self, n: Any, p: Any) -> tuple[Array, Draw]:
        """Successes in ``n`` trials of probability ``p``; ``n`` may be an earlier outcome."""
        return self._draw(distributions.BINOMIAL, _floats(n, p))

    def geometric(self, p: Any) -> tuple[Array, Draw]:
        """Failures before the first success, whose probability is ``p`` > 0."""
        return self._draw(distributions.GEOMETRIC, _floats(p))

    def poisson(self, rate: Any) -> tuple[Array, Draw]:
        """Events, ``rate`` of them on average."""
        return self._draw(distributions.POISSON, _floats(rate))

    def categorical(self, q: Any) -> tuple[Array, Draw]:
        """Index of a class; ``q`` holds their probabilities along its last axis, of sum 1."""
        return self._draw(distributions.CATEGORICAL, _floats(q), event_axes=1)

    def uniform(self, shape: tuple[int, ...] = ()) -> tuple[Array, Draw]:
        """Uniform numbers in [0, 1), not differentiated: use them in differentiable functions.

        ``u < p`` is not one; that is what `bernoulli` is for.
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
    """Parameters as floating-point arrays of one shape; only scalars are broadcast."""
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
    """Return what is kept after a draw: unchanged in value, pruned in its tangents."""
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
