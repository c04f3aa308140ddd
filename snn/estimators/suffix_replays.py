r"""Stochastic AD over time with replays that start shortly before the flipped step.

Until the flip, a replay equals the trial and need not run again. Time is divided into B blocks. The
flips of a block are drawn by importance within the block, and their replays start at the first step
of the block, from the states of the trial. The flips of a block give an unbiased estimate of the
sum of its terms, and all flips therefore of the sum of all terms. A replay to the end of the trial
takes (B + 1)/(2B) of the steps on average.

Replays may also stop early, at random and without bias. A replay of a flip in block b runs block b
and h further blocks, the horizon. It then continues with each next block with probability s, the
survival, for N further blocks in all. Let :math:`D_j` be the difference of losses if the output of
the replay is used up to block b + j, and the output of the trial after that. The estimate of the
difference is

.. math::
    \hat D = D_h + \sum_{j > h} \frac{1[N \geq j]}{P(N \geq j)} (D_j - D_{j-1}), \qquad
    P(N \geq j) = s^{j - h} .

It is unbiased for s > 0, since the sum telescopes on average. For s = 0 it is biased, because later
blocks have no effect.

Reference: McLeish, "A general method for debiasing a Monte Carlo estimator", Monte Carlo Methods
and Applications 17(4), 2011; Rhee and Glynn, Operations Research 63(5), 2015;
docs/estimators/suffix_replays.md; docs/estimators/stochastic_ad.md for the estimate.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from snn.arguments import Key, Real
from snn.coupling import Coupling, StraightThrough
from snn.estimators.base import Estimator, map_batched, refuse_fixed_derivatives
from snn.estimators.fixed_spikes import fixed_pullback
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


@final
@value_object
class SuffixReplays(Estimator):
    """Unbiased stochastic derivative of a `snn.LIFNetwork`, by replays of parts of a trial.

    Any neuron works if its state contains everything that influences later steps. If replays stop
    early, trials of a batch run until the longest replay ends: with ``batch_size=1`` each trial
    stops separately.

    Attributes:
        coupling: weights of flips from silence to spike and from spike to silence.
        flips_per_block: number of sites flipped in each block of time.
        n_blocks: number of blocks, at most the number of time steps.
        draw: method of drawing the flipped sites of a block.
        replay_batch: number of replays that run at once, which bounds the memory.
        survival: probability that a replay continues with each further block; None runs every
            replay to the end. Other numbers cause no recompilation.
        horizon: number of blocks after the block of the flip that every replay runs, if there is a
            survival.
    """

    coupling: Coupling = StraightThrough()
    flips_per_block: int = static(default=4)
    n_blocks: int = static(default=4)
    draw: Draw = Systematic()
    replay_batch: int = static(default=64)
    survival: Real | None = None
    horizon: Real = 0

    def __post_init__(self) -> None:
        # Arrays and JAX's placeholders for leaves are not checked.
        if isinstance(self.survival, int | float) and not 0 <= self.survival <= 1:
            raise ValueError(
                f"SuffixReplays.survival: got {self.survival}, expected a probability, 0 to 1, or "
                f"None for replays to the end."
            )

    @property
    def needs_key(self) -> bool:
        """True, because sites are drawn at random."""
        return True

    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the stochastic derivative of one trial.

        Raises:
            ValueError: if the network is not a `snn.LIFNetwork`, if there are more blocks than
                steps, or if replays stop early and the blocks have different lengths.
        """
        network, n_steps = _network(program), program.x.shape[0]
        if not 1 <= self.n_blocks <= n_steps:
            raise ValueError(
                f"SuffixReplays.n_blocks: got {self.n_blocks}, expected 1 to {n_steps}, the number "
                f"of time steps. Use fewer blocks."
            )
        if self.survival is not None and n_steps % self.n_blocks:
            raise ValueError(
                f"SuffixReplays.n_blocks: got {self.n_blocks}, expected a divisor of {n_steps}, "
                f"the number of time steps: replays stop at the end of a block, and blocks must be "
                f"equal. Use survival=None otherwise."
            )
        refuse_fixed_derivatives("SuffixReplays", program, params)
        run, pullback = fixed_pullback(program, params, noise)
        # Rows are steps, columns the sites of all layers.
        s = jnp.concatenate([layer.s for layer in run.trace], axis=1)
        slopes = [self.coupling.weighted_slope(x.v, x.s, x.escape) for x in run.trace]
        slope = jnp.concatenate(slopes, axis=1)

        states = network.initial_states()
        bounds = [round(b * n_steps / self.n_blocks) for b in range(self.n_blocks + 1)]
        # Every block has a key for drawing flips and a key for the length of its replays. With a
        # common key, lengths would depend on the flips, which biases the estimate.
        keys = jax.random.split(key, (2, self.n_blocks))
        weights, n_run = jnp.zeros_like(slope), 0.0
        for first, end, draw_key, length_key in zip(bounds, bounds[1:], *keys, strict=False):
            q = importance_probabilities(slope[first:end])
            site = self.draw(draw_key, q, self.flips_per_block)
            step, unit = first + site // slope.shape[1], site % slope.shape[1]
            flips = step, unit, s[step, unit]
            block = Block(network, program, params, noise, run, first, states)
            if self.survival is None:
                difference, share = self._to_the_end(block, flips)
            else:
                n_further = self._n_further(length_key, self.survival, block)
                difference, share = self._stopped(block, flips, n_further)
            term = slope[step, unit] * difference / (self.flips_per_block * q[site])
            weights = weights.at[step, unit].add(term)
            n_run += self.flips_per_block * share
            # The states at the next block's first step. Only the trial itself needs to run here:
            # its replays start from the same states.
            *_, states = network.resume(
                params, program.x[first:end], OffsetNoise(noise, step=first), FIXED, states
            )
        ends = np.cumsum([layer.s.shape[1] for layer in run.trace])[:-1]
        layers = jnp.split(weights, ends, axis=1)
        return Estimate(pullback(layers), run.loss, jnp.asarray(1 + n_run))

    def _to_the_end(self, block: Block, flips: Flip) -> tuple[Array, float]:
        """Return L(s := 1) - L(s := 0) of flips, and the share of the trial's steps that run."""
        network, program, params, _, run, first, states = block

        def replay(flip: Flip) -> Array:
            noise = OffsetNoise(block.flipped(flip), step=first)
            suffix, *_ = network.resume(params, program.x[first:], noise, FIXED, states)
            loss = program.loss(jnp.concatenate([run.output[:first], suffix]))
            return (loss - run.loss) * (1 - 2 * flip[2])

        n_steps = run.output.shape[0]
        return map_batched(replay, flips, self.replay_batch), (n_steps - first) / n_steps

    def _stopped(self, block: Block, flips: Flip, last: Array) -> tuple[Array, Array]:
        """Return the same as `_to_the_end`, by replays that stop ``last`` blocks later."""
        network, program, params, _, run, first, states = block
        n_steps = run.output.shape[0]
        length = n_steps // self.n_blocks

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

    def _n_further(self, key: Key, survival: Real, block: Block) -> Array:
        """Draw the number of blocks that replays run after the block of their flip.

        All flips of a block share one number. In a batch of replays, those that stop would
        otherwise wait for those that continue.
        """
        n_steps = block.run.output.shape[0]
        later = jnp.arange(1, (n_steps - block.first) // (n_steps // self.n_blocks))
        survives = jax.random.uniform(key, later.shape) < survival
        return jnp.sum(jnp.cumprod((later <= self.horizon) | survives))

    def _reach(self, j: Array) -> Array:
        """Return the probability that a replay reaches the j-th block after the flip's block."""
        survival = 1.0 if self.survival is None else self.survival
        return jnp.asarray(survival, jnp.result_type(float)) ** jnp.maximum(j - self.horizon, 0)

    def runs_per_flip(self) -> Float[Array, ""]:
        r"""Return the mean share of a forward pass that a flip costs.

        The share is :math:`B^{-2} \sum_j (B - j) P(N \geq j)`.
        """
        j = jnp.arange(self.n_blocks)
        return jnp.sum((self.n_blocks - j) * self._reach(j)) / self.n_blocks**2


def _network(program: Program) -> LIFNetwork:
    if not isinstance(program.network, LIFNetwork):
        raise ValueError(
            f"SuffixReplays: got {type(program.network).__name__}, expected a snn.LIFNetwork (of "
            f"any neuron), which can be run from the middle of a trial on. Use StochasticAD."
        )
    return program.network
