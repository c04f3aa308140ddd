"""Stochastic triples and derivatives of programs ``(theta, draw) -> (result, draw)``."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.estimators.base import map_batched
from snn.value_object import value_object
from snn_tools.stochad.draw import Alternative, Draw

StochasticProgram = Callable[[Any, Draw], tuple[Any, Draw]]
"""A JAX function ``(theta, draw) -> (result, draw)``; results are pytrees of floats."""


@value_object
class StochasticTriple:
    r"""Change of a random quantity X when its parameter grows by an infinitesimal step h.

    X changes by :math:`\delta h`, and with probability :math:`|w| h` it jumps to Y instead:

    .. math::
        \frac{d}{d\theta} E[f(X)] = E[f'(X)\,\delta + w\,(f(Y) - f(X))]

    for every differentiable f. A negative weight means a jump when the parameter shrinks.
    Values are pytrees of arrays; the parts of one pytree jump together.

    Attributes:
        value: X, the result of the primal evaluation.
        delta: the derivative of X at fixed outcomes of all discrete draws.
        alternative: Y, the result with another outcome of one draw.
        weight: w, a scalar; 0 if nothing can jump.

    Reference: Arya et al., NeurIPS 2022.
    """

    value: Any
    delta: Any
    alternative: Any
    weight: Array

    @property
    def derivative(self) -> Any:
        """Return an unbiased estimate of the derivative of E[X]: delta + w (Y - X)."""

        def estimate(x: Array, dx: Array, y: Array) -> Array:
            # Trailing axes of the weight let a batch of triples work like a single triple.
            trailing = (1,) * (jnp.ndim(x) - self.weight.ndim)
            return dx + jnp.reshape(self.weight, self.weight.shape + trailing) * (y - x)

        return jax.tree.map(estimate, self.value, self.delta, self.alternative)


def triple(
    program: StochasticProgram, theta: Any, key: Key, tangent: Any | None = None
) -> StochasticTriple:
    r"""Evaluate a program, its infinitesimal change and a finite alternative.

    The primal evaluation is differentiated forwards at fixed outcomes of the draws. Pruning keeps
    the alternative outcome of one draw. A second evaluation with the same random numbers follows
    this alternative. The cost is two evaluations, one with derivatives, for any number of draws.
    Works in `jit` and `vmap`.

    Args:
        program: the program, a pure JAX function that returns the last draw along with its result.
        theta: the parameters, a pytree of floats.
        key: a JAX random key.
        tangent: the direction of the derivative, like ``theta``; optional for a single number.

    Returns:
        The triple. The mean of ``triple.derivative`` over keys is the derivative of the expected
        result along the direction.

    Raises:
        ValueError: if the direction is missing, or the program does not return its draw.

    Reference: Arya et al., NeurIPS 2022; tools/docs/stochastic_triples.md.
    """
    theta = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.result_type(float)), theta)

    def primal(theta: Any) -> tuple[Any, Alternative]:
        result, draw = _run(program, theta, Draw.start(key))
        return result, draw.kept

    if tangent is None and (n := sum(leaf.size for leaf in jax.tree.leaves(theta))) != 1:
        raise ValueError(
            f"tangent: got None for {n} parameters, expected a direction in their structure. "
            f"Forward mode differentiates along one direction; a single number needs none."
        )
    along = jax.tree.map(jnp.ones_like, theta) if tangent is None else tangent
    along = jax.tree.map(lambda leaf, d: jnp.asarray(d, leaf.dtype), theta, along)
    (value, _), (delta, kept) = jax.jvp(primal, (theta,), (along,))
    # If no draw can jump, there is no alternative, and the second evaluation equals the first.
    kept = kept._replace(number=jnp.where(kept.weight > 0, kept.number, -1.0))
    alternative, _ = _run(program, theta, Draw.start(key, forced=kept))
    return StochasticTriple(value, delta, alternative, kept.weight)


@partial(jax.jit, static_argnames=("program", "n_samples", "batch_size"))
def derivative(
    program: StochasticProgram,
    theta: Any,
    key: Key,
    n_samples: int,
    tangent: Any | None = None,
    *,
    batch_size: int = 1024,
) -> Any:
    """Return independent unbiased estimates of the derivative of the expected result.

    Args:
        program: as in `triple`.
        theta: as in `triple`.
        key: a JAX random key.
        n_samples: number of estimates.
        tangent: as in `triple`.
        batch_size: evaluations at once; limits the memory.

    Returns:
        The estimates, in the structure of the result, with a leading axis of ``n_samples``; see
        `snn.stats.mean_and_se`.

    Raises:
        ValueError: if ``n_samples`` is below 1, and as in `triple`.
    """
    if n_samples < 1:
        raise ValueError(f"n_samples: got {n_samples}, expected at least 1 sample.")
    return map_batched(
        lambda key: triple(program, theta, key, tangent).derivative,
        jax.random.split(key, n_samples),
        batch_size,
    )


def _run(program: StochasticProgram, theta: Any, draw: Draw) -> tuple[Any, Draw]:
    returned = program(theta, draw)
    if not (isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[1], Draw)):
        raise ValueError(
            f"stochad program: got a return value of type {type(returned).__name__}, expected "
            f"(result, draw). Return the draw of the last random number after the result."
        )
    result, draw = returned
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.result_type(float)), result), draw
