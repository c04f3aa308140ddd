r"""Stochastic AD over time, any neuron, whose replays stop early, at random, without bias.

A replay of a flip in block b runs it and h further ones, the horizon, then each next block with
probability s, the survival, N further ones in all. With :math:`D_j` the difference of losses when
its output is used up to block b + j, and the trial's own after that,

.. math::
    \hat D = D_h + \sum_{j > h} \frac{1[N \geq j]}{P(N \geq j)} (D_j - D_{j-1}), \qquad
    P(N \geq j) = s^{j - h} .

Unbiased for s > 0, since the sum telescopes on average; biased without survival, by what replays
leave out. With s = 1 it is `SuffixReplays`.

Reference: McLeish, "A general method for debiasing a Monte Carlo estimator", Monte Carlo Methods
and Applications 17(4), 2011; Rhee and Glynn, Operations Research 63(5), 2015;
docs/estimators/truncated_replays.md.
"""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.arguments import Key, Real
from snn.estimators.base import map_batched
from snn.estimators.block_replays import Block, BlockReplays, Flip
from snn.noise import OffsetNoise
from snn.spikes import FIXED
from snn.value_object import value_object


@final
@value_object
class TruncatedReplays(BlockReplays):
    """As `SuffixReplays`, but replays stop early: unbiased with survival above 0, biased without.

    How far replays go is drawn once for all flips of a block in a trial, so that steps that are
    skipped are not run. Trials that run at once go on until the longest of them is done: with
    ``batch_size=1`` each stops for itself. Neither number below causes recompilation.

    Attributes:
        horizon: blocks after that of the flip that every replay runs.
        survival: probability of each next block after those.
    """

    horizon: Real = 0
    survival: Real = 0.5

    def __post_init__(self) -> None:
        # Arrays, and what JAX puts in place of leaves, are let through.
        if isinstance(self.horizon, int | float) and not (
            self.horizon >= 0 and float(self.horizon).is_integer()
        ):
            raise ValueError(
                f"TruncatedReplays.horizon: got {self.horizon}, expected a whole number of blocks, "
                f"0 or more."
            )
        if isinstance(self.survival, int | float) and not 0 <= self.survival <= 1:
            raise ValueError(
                f"TruncatedReplays.survival: got {self.survival}, expected a probability, 0 to 1."
            )

    def runs_per_flip(self) -> Float[Array, ""]:
        r"""Return a flip's mean share of a run, :math:`B^{-2} \sum_j (B - j) P(N \geq j)`."""
        j = jnp.arange(self.n_blocks)
        return jnp.sum((self.n_blocks - j) * self._reach(j)) / self.n_blocks**2

    def _reach(self, j: Array) -> Array:
        """Probability that the j-th block after that of the flip is run, if there is one."""
        beyond = jnp.maximum(j - self.horizon, 0)
        return jnp.asarray(self.survival, jnp.result_type(float)) ** beyond

    def differences(self, block: Block, flips: Flip, key: Key) -> tuple[Array, Array]:
        """As in `BlockReplays`, by replays that stop early.

        Raises:
            ValueError: if blocks are not equal.
        """
        network, program, params, _, run, first, states = block
        n_steps = run.output.shape[0]
        if n_steps % self.n_blocks:
            raise ValueError(
                f"TruncatedReplays.n_blocks: got {self.n_blocks}, expected a divisor of {n_steps}, "
                f"the number of time steps: blocks must be equal. Use SuffixReplays otherwise."
            )
        length = n_steps // self.n_blocks
        later = jnp.arange(1, (n_steps - first) // length)
        survives = jax.random.uniform(key, later.shape, run.loss.dtype) < self.survival
        last = jnp.sum(jnp.cumprod((later <= self.horizon) | survives))

        def replay(flip: Flip) -> Array:
            noise = block.flipped(flip)

            def advance(carry: tuple) -> tuple:
                j, states, output, before, total = carry
                t = first + j * length
                x = jax.lax.dynamic_slice_in_dim(program.x, t, length)
                spikes, _, states = network.resume(
                    params, x, OffsetNoise(noise, step=t), FIXED, states
                )
                output = jax.lax.dynamic_update_slice_in_dim(output, spikes, t, axis=0)
                loss = program.loss(output)
                total = total + ((loss - before) / self._reach(j)).astype(total.dtype)
                return j + 1, states, output, loss, total

            start = jnp.zeros_like(last), states, run.output, run.loss, jnp.zeros_like(run.loss)
            total = jax.lax.while_loop(lambda carry: carry[0] <= last, advance, start)[-1]
            return total * (1 - 2 * flip[2])

        share = (last + 1) * length / n_steps
        return map_batched(replay, flips, self.replay_batch), share
