r"""Stochastic AD over time with replays that stop early, at random and without bias.

A replay of a flip in block b runs block b and h further blocks, the horizon. It then continues with
each next block with probability s, the survival, for N further blocks in all. Let :math:`D_j` be
the difference of losses if the output of the replay is used up to block b + j, and the output of
the trial after that. The estimate of the difference is

.. math::
    \hat D = D_h + \sum_{j > h} \frac{1[N \geq j]}{P(N \geq j)} (D_j - D_{j-1}), \qquad
    P(N \geq j) = s^{j - h} .

It is unbiased for s > 0, since the sum telescopes on average. For s = 0 it is biased, because later
blocks have no effect. For s = 1 it equals `SuffixReplays`.

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
    """Stochastic derivative with replays that stop early; unbiased if survival is above 0.

    One random length applies to all flips of a block in a trial, so that later steps do not run.
    Trials of a batch run until the longest replay ends: with ``batch_size=1`` each trial stops
    separately. Other values of the two attributes cause no recompilation.

    Attributes:
        horizon: number of blocks after the block of the flip that every replay runs.
        survival: probability of each further block.
    """

    horizon: Real = 0
    survival: Real = 0.5

    def __post_init__(self) -> None:
        # Arrays and JAX's placeholders for leaves are not checked.
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
        r"""Return the mean share of a forward pass that a flip costs.

        The share is :math:`B^{-2} \sum_j (B - j) P(N \geq j)`.
        """
        j = jnp.arange(self.n_blocks)
        return jnp.sum((self.n_blocks - j) * self._reach(j)) / self.n_blocks**2

    def _reach(self, j: Array) -> Array:
        """Return the probability that a replay reaches the j-th block after the flip's block."""
        beyond = jnp.maximum(j - self.horizon, 0)
        return jnp.asarray(self.survival, jnp.result_type(float)) ** beyond

    def differences(self, block: Block, flips: Flip, key: Key) -> tuple[Array, Array]:
        """Return L(s := 1) - L(s := 0) for sites of a block, by replays that stop early.

        Arguments and results are those of `BlockReplays`.

        Raises:
            ValueError: if the blocks have different lengths.
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
