r"""Stochastic AD over time, any neuron, whose replays start shortly before the flipped step.

Before its flip a replay is the trial itself, so nothing has to be run again there. Time is divided
into equal blocks; flips of a block are drawn by importance within it, and replayed from the block's
first step on, out of the states that the trial had then. Each block's terms are summed without bias
by its own flips, hence all terms by all flips. How far replays go is what subclasses decide.

The network is a `snn.LIFNetwork`, which can be run from the middle of a trial on. Nothing is asked
of its neuron, `snn.LIF` or another, but that its state is all it remembers.

Reference: docs/estimators/suffix_replays.md; docs/estimators/stochastic_ad.md for the estimate.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.coupling import Coupling, StraightThrough
from snn.estimators.base import Estimator, refuse_fixed_derivatives
from snn.flips import Draw, Systematic, flipped, importance_probabilities, locate
from snn.networks import LIFNetwork, States
from snn.noise import OffsetNoise
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params, Run
from snn.value_object import static, value_object

Flip: TypeAlias = tuple[Array, Array, Array]
"""Step, unit and spike of a site; units of all layers are numbered through."""


class Block(NamedTuple):
    """A block of time of a trial, out of which flips are replayed.

    Attributes:
        network: the network of the trial.
        program: the whole program.
        params: its parameters.
        noise: the noise of the trial.
        run: what came out of it.
        first: the block's first step.
        states: the states of all layers at that step.
    """

    network: LIFNetwork
    program: Program
    params: Params
    noise: Noise
    run: Run
    first: int
    states: States

    def flipped(self, flip: Flip) -> Noise:
        """Return the trial's noise, but for one site, which is forced to the other outcome."""
        step, unit, s = flip
        widths = [layer.s.shape[1] for layer in self.run.trace]
        layer, neuron = locate(widths, unit)
        return flipped(self.noise, layer, step * jnp.asarray(widths)[layer] + neuron, s)


@value_object
class BlockReplays(Estimator):
    """Unbiased stochastic derivative of a `snn.LIFNetwork`, given unbiased `differences`.

    Attributes:
        coupling: how flips are attributed to outcomes.
        flips_per_block: number of sites flipped in each block of time.
        n_blocks: number of blocks; those of one step are the finest.
        draw: how the flipped sites of a block are drawn.
        replay_batch: replays of a block that run at once; bounds the memory.
    """

    coupling: Coupling = StraightThrough()
    flips_per_block: int = static(default=4)
    n_blocks: int = static(default=4)
    draw: Draw = Systematic()
    replay_batch: int = static(default=64)

    @property
    def needs_key(self) -> bool:
        """Always true: sites are drawn."""
        return True

    @abstractmethod
    def differences(self, block: Block, flips: Flip, key: Key) -> tuple[Array, Array | float]:
        """L(s := 1) - L(s := 0) for sites of a block, by replays.

        Returns:
            The differences, ``(flip,)``, and the share of the trial's steps that a replay ran.
        """

    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the stochastic derivative of one trial.

        Raises:
            ValueError: if the network is another than a `snn.LIFNetwork`, or has fewer steps than
                blocks.
        """
        network, name = program.network, type(self).__name__
        if not isinstance(network, LIFNetwork):
            raise ValueError(
                f"{name}: got {type(network).__name__}, expected a snn.LIFNetwork (of any neuron), "
                f"which can be run from the middle of a trial on. Use StochasticAD."
            )
        n_steps = program.x.shape[0]
        if not 1 <= self.n_blocks <= n_steps:
            raise ValueError(
                f"{name}.n_blocks: got {self.n_blocks}, expected 1 to {n_steps}, the number of "
                f"time steps. Use fewer blocks."
            )
        refuse_fixed_derivatives(name, program, params)

        def forward(p: Params) -> tuple[tuple[Array, Array], Run]:
            run = program(p, noise, FIXED)
            # One row per step, the sites of all layers side by side.
            return (jnp.concatenate([layer.v for layer in run.trace], axis=1), run.loss), run

        (v, loss), backward, run = jax.vjp(forward, params, has_aux=True)
        states = network.initial_states()
        bounds = [round(b * n_steps / self.n_blocks) for b in range(self.n_blocks + 1)]
        # Of each block: one key for its draw of flips, one for choices about their replays.
        keys = jax.random.split(key, (2, self.n_blocks))
        s = jnp.concatenate([layer.s for layer in run.trace], axis=1)
        weights = [self.coupling.weighted_slope(x.v, x.s, x.escape) for x in run.trace]
        weight = jnp.concatenate(weights, axis=1)
        cotangent, n_run = jnp.zeros_like(v), 0.0
        for first, end, draw_key, own_key in zip(bounds, bounds[1:], *keys, strict=False):
            q = importance_probabilities(weight[first:end])
            site = self.draw(draw_key, q, self.flips_per_block)
            step, unit = first + site // weight.shape[1], site % weight.shape[1]
            flips = step, unit, s[step, unit]
            block = Block(network, program, params, noise, run, first, states)
            difference, share = self.differences(block, flips, own_key)
            term = weight[step, unit] * difference / (self.flips_per_block * q[site])
            cotangent = cotangent.at[step, unit].add(term)
            n_run += self.flips_per_block * share
            *_, states = network.resume(
                params, program.x[first:end], OffsetNoise(noise, step=first), FIXED, states
            )
        (grad,) = backward((cotangent, jnp.ones_like(loss)))
        return Estimate(grad, loss, jnp.asarray(1 + n_run))
