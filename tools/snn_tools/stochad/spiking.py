r"""Stochastic triples of spiking programs ``program(params, noise, spike)``.

Along a direction :math:`\eta` of parameter space, with the derivative :math:`\dot v_i` of a site's
potential at fixed spikes and the weight c of a coupling, site i flips at the rate
:math:`w_i = c_i p'(v_i) \dot v_i (1 - 2 s_i)`. One site is kept with probability
:math:`|w_i|/W`, :math:`W = \sum_j |w_j|`, and the program replayed with its spike flipped:

.. math::
    \dot L + \mathrm{sign}(w_i)\, W\, (L^{flipped} - L), \qquad
    E[\cdot] = \langle \nabla F, \eta \rangle

Reference: Arya et al., NeurIPS 2022; tools/docs/stochastic_triples.md (derivation).
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.coupling import Coupling, Left, Right
from snn.estimators.base import map_batched, n_trials, refuse_fixed_derivatives
from snn.flips import flatten_sites, flipped, locate
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Noise, Params, Trace
from snn_tools.stochad.programs import StochasticTriple


def spiking_triple(
    program: Program,
    params: Params,
    tangent: Params,
    noise: Noise,
    key: Key,
    coupling: Coupling | None = None,
) -> StochasticTriple:
    """Return the triple of one trial's loss along a direction.

    A forward pass with derivatives and one replay, whatever the number of spike sites.

    Args:
        program: the program, ``(params, noise, spike) -> Run``.
        params: its parameters.
        tangent: the direction, in the structure of the parameters.
        noise: noise of one trial.
        key: a JAX random key, for pruning.
        coupling: attribution of flips to outcomes. None uses the right coupling if the firing
            probability grows and the left one if it falls, so that weights are never negative.

    Returns:
        The triple of the loss; the alternative is the loss with one spike flipped and the later
        sites run again under the same noise.
    """

    def differentiable(p: Params) -> tuple[tuple[Array, tuple[Array, ...]], Trace]:
        run = program(p, noise, FIXED)
        return (run.loss, tuple(layer.v for layer in run.trace)), run.trace

    (loss, _), (dloss, dv), trace = jax.jvp(differentiable, (params,), (tangent,), has_aux=True)
    rates = []
    for (v, s, escape), vdot in zip(trace, dv, strict=True):
        sides = (Right(), Left()) if coupling is None else (coupling, coupling)
        rising, falling = (side.weighted_slope(v, s, escape) for side in sides)
        rates.append(jnp.where(vdot > 0, rising, falling) * vdot * (1 - 2 * s))
    weight = flatten_sites(rates)
    size = jnp.abs(weight)
    site = jax.random.categorical(key, jnp.log(size))

    layer, index = locate([layer.v.size for layer in trace], site)
    s = flatten_sites([layer.s for layer in trace])[site]
    alternative = program(params, flipped(noise, layer, index, s), FIXED).loss
    return StochasticTriple(loss, dloss, alternative, jnp.sign(weight[site]) * jnp.sum(size))


@partial(jax.jit, static_argnames="batch_size")
def spiking_derivative(
    program: Program,
    params: Params,
    tangent: Params,
    noise: Noise,
    key: Key,
    coupling: Coupling | None = None,
    *,
    batch_size: int = 1024,
) -> Array:
    """Return unbiased estimates of the expected loss's derivative along a direction.

    Args:
        program: as in `spiking_triple`.
        params: as in `spiking_triple`.
        tangent: as in `spiking_triple`.
        noise: noise of K trials, from `snn.draw_noise`.
        key: a JAX random key, for pruning.
        coupling: as in `spiking_triple`.
        batch_size: trials at once; bounds the memory.

    Returns:
        K estimates, ``(trial,)``.

    Raises:
        ValueError: if the noise has no leading trial axis, or if the program has derivatives of its
            own.
    """
    refuse_fixed_derivatives("spiking_derivative", program, params)
    keys = jax.random.split(key, n_trials(noise))

    def single(trial: tuple[Noise, Array]) -> Array:
        return spiking_triple(program, params, tangent, *trial, coupling).derivative

    return map_batched(single, (noise, keys), batch_size)
