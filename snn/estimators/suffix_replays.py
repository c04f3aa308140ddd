r"""Stochastic AD for LIF networks whose replays start shortly before the flipped step.

Before its flip a replay is the trial itself, so nothing has to be run again there. Time is divided
into equal blocks; flips of a block are drawn by importance within it, and replayed from the block's
first step on, out of states that follow from the trial's trace:

.. math::
    u[t_b] = v[t_b] + \theta, \qquad I[t_b] = \sum_{t < t_b} \alpha_s^{t_b - 1 - t}\, input[t] .

Each block's terms are summed without bias by its own flips, hence all terms by all flips. With B
blocks a replay takes (B + 1)/(2B) of the steps on average. Exact: nothing is truncated.

Reference: docs/estimators/suffix_replays.md; docs/estimators/stochastic_ad.md for the estimate.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.coupling import Coupling, StraightThrough
from snn.estimators.base import Estimator, map_batched
from snn.estimators.stochastic_ad import FIXED
from snn.flips import Draw, Systematic
from snn.networks import LIFNetwork
from snn.neurons import LIF, LIFState
from snn.noise import FIRE, SILENT, FromStep, Override
from snn.types import Estimate, Noise, Params, Program, Run
from snn.value_object import static, value_object

Flip: TypeAlias = tuple[Array, Array, Array]
"""Step, unit and spike of a site; units of all layers are numbered through."""


class Trial(NamedTuple):
    """A trial that flips are replayed of: what was run, and what came out."""

    program: Program
    params: Params
    noise: Noise
    run: Run

    def flipped(self, flip: Flip) -> Override:
        """The trial's noise, but for one site, which is forced to the other outcome."""
        step, unit, s = flip
        widths = np.array([layer.s.shape[1] for layer in self.run.trace])
        ends = np.cumsum(widths)
        layer = jnp.searchsorted(jnp.asarray(ends), unit, side="right")
        index = step * jnp.asarray(widths)[layer] + unit - jnp.asarray(ends - widths)[layer]
        return Override(self.noise, layer, index, jnp.where(s > 0.5, SILENT, FIRE))


@value_object
class SuffixReplays(Estimator):
    """Unbiased stochastic derivative of a `snn.LIFNetwork`, with replays of suffixes.

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

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """The stochastic derivative of one trial.

        Raises:
            ValueError: if the network is another than a `snn.LIFNetwork` of plain LIF neurons, or
                has fewer steps than blocks.
        """
        n_steps = self._check(program)
        trial = Trial(program, params, noise, program(params, noise, FIXED))
        bounds = [round(b * n_steps / self.n_blocks) for b in range(self.n_blocks + 1)]
        # Of each block: one key for its draw of flips, one for choices about their replays.
        keys = jax.random.split(key, (2, self.n_blocks))
        # One row per step, the sites of all layers side by side.
        weight, s = (
            jnp.concatenate([part(layer) for layer in trial.run.trace], axis=1)
            for part in (
                lambda x: self.coupling.weighted_slope(x.v, x.s, x.escape),
                lambda x: x.s,
            )
        )
        cotangent, n_run = jnp.zeros_like(weight), 0.0
        for first, end, draw_key, own_key in zip(bounds, bounds[1:], *keys, strict=False):
            q = _importance(weight[first:end])
            site = self.draw(draw_key, q, self.flips_per_block)
            step, unit = first + site // weight.shape[1], site % weight.shape[1]
            flips = step, unit, s[step, unit]
            difference, share = self._differences(trial, first, flips, own_key)
            term = weight[step, unit] * difference / (self.flips_per_block * q[site])
            cotangent = cotangent.at[step, unit].add(term)
            n_run += self.flips_per_block * share
        cotangent = jax.lax.stop_gradient(cotangent)

        def objective(p: Params) -> Array:
            again = program(p, noise, FIXED)
            v = jnp.concatenate([layer.v for layer in again.trace], axis=1)
            return jnp.sum(cotangent * v) + again.loss

        return Estimate(jax.grad(objective)(params), trial.run.loss, jnp.asarray(1 + n_run))

    def _differences(
        self, trial: Trial, first: int, flips: Flip, key: Array
    ) -> tuple[Array, Array | float]:
        """L(s := 1) - L(s := 0) for sites of the block that begins at step ``first``.

        Returns:
            The differences, ``(flip,)``, and the share of the trial's steps that a replay ran.
        """
        program, params, _, run = trial
        states = states_at(program, params, run, first)

        def replay(flip: Flip) -> Array:
            forced = FromStep(trial.flipped(flip), first)
            suffix, _ = program.network(params, program.x[first:], forced, FIXED, start=states)
            loss = program.loss(jnp.concatenate([run.output[:first], suffix]))
            return (loss - run.loss) * (1 - 2 * flip[2])

        n_steps = run.output.shape[0]
        return map_batched(replay, flips, self.replay_batch), (n_steps - first) / n_steps

    def _check(self, program: Program) -> int:
        """The number of time steps, once it is known that the program can be replayed."""
        network, name = program.network, type(self).__name__
        if type(network) is not LIFNetwork or type(network.neuron) is not LIF:
            raise ValueError(
                f"{name}: got {type(network).__name__}, expected a snn.LIFNetwork of plain "
                f"snn.LIF neurons, whose states follow from its trace. Use StochasticAD."
            )
        if not 1 <= self.n_blocks <= program.x.shape[0]:
            raise ValueError(
                f"{name}.n_blocks: got {self.n_blocks}, expected 1 to "
                f"{program.x.shape[0]}, the number of time steps. Use fewer blocks."
            )
        return program.x.shape[0]


def states_at(program: Program, params: Params, run: Run, step: int) -> tuple[LIFState, ...]:
    """States of all layers at a time step of a trial, from its trace.

    Args:
        program: a `snn.LIFNetwork` of plain LIF neurons.
        params: its parameters.
        run: the trial.
        step: the time step.
    """
    neuron, below, states = program.network.neuron, program.x, []
    decay = neuron.alpha_syn ** jnp.arange(step)[::-1]
    for w, layer in zip(params, run.trace, strict=True):
        inputs = below[:step] @ w["w"]
        if program.network.recurrent:
            inputs = inputs + layer.s[:step] @ w["rec"]
        states.append(LIFState(layer.v[step] + neuron.theta, decay @ inputs))
        below = layer.s
    return tuple(states)


def _importance(weight: Array) -> Array:
    """Probabilities of a block's sites; a tenth of uniform draws keeps them positive."""
    size = jnp.abs(jnp.ravel(weight))
    total = jnp.sum(size)
    share = jnp.where(total > 0, size / jnp.where(total > 0, total, 1.0), 1 / size.size)
    return 0.9 * share + 0.1 / size.size
