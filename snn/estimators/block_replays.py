r"""Stochastic AD over time with replays that start shortly before the flipped step.

Until the flip, a replay equals the trial and need not run again. Time is divided into equal blocks.
The flips of a block are drawn by importance within the block, and their replays start at the first
step of the block, from the states of the trial. The flips of a block give an unbiased estimate of
the sum of its terms, and all flips therefore of the sum of all terms. Subclasses decide where
replays end.

The network is a `snn.LIFNetwork`, which can run from the middle of a trial. Any neuron works if its
state contains everything that influences later steps.

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
"""Step, unit and spike of a site; units are counted through all layers."""


class Block(NamedTuple):
    """Block of time of a trial, with everything that its replays need.

    Attributes:
        network: the network of the trial.
        program: the whole program.
        params: the parameters.
        noise: the noise of the trial.
        run: loss, output and trace of the trial.
        first: first step of the block.
        states: states of all layers at the first step.
    """

    network: LIFNetwork
    program: Program
    params: Params
    noise: Noise
    run: Run
    first: int
    states: States

    def flipped(self, flip: Flip) -> Noise:
        """Return the noise of the trial with one spike flipped."""
        step, unit, s = flip
        widths = [layer.s.shape[1] for layer in self.run.trace]
        layer, neuron = locate(widths, unit)
        return flipped(self.noise, layer, step * jnp.asarray(widths)[layer] + neuron, s)


@value_object
class BlockReplays(Estimator):
    """Base of unbiased stochastic derivatives by replays of parts of a trial.

    Estimates are unbiased if the `differences` of the subclass are.

    Attributes:
        coupling: weights of flips from silence to spike and from spike to silence.
        flips_per_block: number of sites flipped in each block of time.
        n_blocks: number of blocks, at most the number of time steps.
        draw: method of drawing the flipped sites of a block.
        replay_batch: number of replays that run at once, which bounds the memory.
    """

    coupling: Coupling = StraightThrough()
    flips_per_block: int = static(default=4)
    n_blocks: int = static(default=4)
    draw: Draw = Systematic()
    replay_batch: int = static(default=64)

    @property
    def needs_key(self) -> bool:
        """True, because sites are drawn at random."""
        return True

    @abstractmethod
    def differences(self, block: Block, flips: Flip, key: Key) -> tuple[Array, Array | float]:
        """Return L(s := 1) - L(s := 0) for sites of a block, by replays.

        Args:
            block: the block of time.
            flips: steps, units and spikes of the sites, each ``(flip,)``.
            key: a JAX random key, for random choices about replays.

        Returns:
            The differences, ``(flip,)``, and the fraction of the trial's steps that a replay ran.
        """

    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the stochastic derivative of one trial.

        Raises:
            ValueError: if the network is not a `snn.LIFNetwork`, or if there are more blocks than
                steps.
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
            # Rows are steps, columns the sites of all layers.
            return (jnp.concatenate([layer.v for layer in run.trace], axis=1), run.loss), run

        (v, loss), backward, run = jax.vjp(forward, params, has_aux=True)
        states = network.initial_states()
        bounds = [round(b * n_steps / self.n_blocks) for b in range(self.n_blocks + 1)]
        # Every block has a key for drawing flips and a key for choices about replays.
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
