r"""Stochastic AD over time with replays from the flip's block to the end of the trial.

With B blocks of time, a replay takes (B + 1)/(2B) of the steps on average. Replays are never
truncated, so the estimate is unbiased.

Reference: docs/estimators/suffix_replays.md; docs/estimators/stochastic_ad.md for the estimate.
"""

from __future__ import annotations

from typing import final

import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.estimators.base import map_batched
from snn.estimators.block_replays import Block, BlockReplays, Flip
from snn.noise import OffsetNoise
from snn.spikes import FIXED
from snn.value_object import value_object


@final
@value_object
class SuffixReplays(BlockReplays):
    """Unbiased stochastic derivative of a `snn.LIFNetwork`, by replays up to the last step."""

    def differences(self, block: Block, flips: Flip, key: Key) -> tuple[Array, Array | float]:
        network, program, params, _, run, first, states = block

        def replay(flip: Flip) -> Array:
            noise = OffsetNoise(block.flipped(flip), step=first)
            suffix, *_ = network.resume(params, program.x[first:], noise, FIXED, states)
            loss = program.loss(jnp.concatenate([run.output[:first], suffix]))
            return (loss - run.loss) * (1 - 2 * flip[2])

        n_steps = run.output.shape[0]
        return map_batched(replay, flips, self.replay_batch), (n_steps - first) / n_steps
