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

import jax
import jax.numpy as jnp
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
        run = program(params, noise, FIXED)
        bounds = [round(b * n_steps / self.n_blocks) for b in range(self.n_blocks + 1)]
        keys = jax.random.split(key, self.n_blocks)
        # One row per step, the sites of all layers side by side.
        weight, s = (
            jnp.concatenate([part(layer) for layer in run.trace], axis=1)
            for part in (
                lambda x: self.coupling.weighted_slope(x.v, x.s, x.escape),
                lambda x: x.s,
            )
        )
        cotangent, n_run = jnp.zeros_like(weight), 0.0
        for first, end, key in zip(bounds, bounds[1:], keys, strict=False):
            q = _importance(weight[first:end])
            site = self.draw(key, q, self.flips_per_block)
            step, unit = first + site // weight.shape[1], site % weight.shape[1]
            before = s[step, unit]
            difference = self._differences(program, params, noise, run, first, (step, unit, before))
            term = weight[step, unit] * difference / (self.flips_per_block * q[site])
            cotangent = cotangent.at[step, unit].add(term)
            n_run += self.flips_per_block * (n_steps - first) / n_steps
        cotangent = jax.lax.stop_gradient(cotangent)

        def objective(p: Params) -> Array:
            again = program(p, noise, FIXED)
            v = jnp.concatenate([layer.v for layer in again.trace], axis=1)
            return jnp.sum(cotangent * v) + again.loss

        return Estimate(jax.grad(objective)(params), run.loss, jnp.asarray(1 + n_run))

    def _differences(
        self,
        program: Program,
        params: Params,
        noise: Noise,
        run: Run,
        first: int,
        flips: tuple[Array, Array, Array],
    ) -> Array:
        """L(s := 1) - L(s := 0) for sites at step ``first`` or later: step, unit and spike."""
        states = states_at(program, params, run, first)
        ends, begins, widths = [], [], [layer.s.shape[1] for layer in run.trace]
        for width in widths:
            begins.append(sum(ends[-1:]))
            ends.append(begins[-1] + width)
        ends, begins, widths = (jnp.array(values) for values in (ends, begins, widths))

        def replay(flip: tuple[Array, Array, Array]) -> Array:
            step, unit, s = flip
            layer = jnp.searchsorted(ends, unit, side="right")
            index = step * widths[layer] + unit - begins[layer]
            forced = Override(noise, layer, index, jnp.where(s > 0.5, SILENT, FIRE))
            suffix, _ = program.network(
                params, program.x[first:], FromStep(forced, first), FIXED, start=states
            )
            loss = program.loss(jnp.concatenate([run.output[:first], suffix]))
            return (loss - run.loss) * (1 - 2 * s)

        return map_batched(replay, flips, self.replay_batch)

    def _check(self, program: Program) -> int:
        network = program.network
        if type(network) is not LIFNetwork or type(network.neuron) is not LIF:
            raise ValueError(
                f"SuffixReplays: got {type(network).__name__}, expected a snn.LIFNetwork of plain "
                f"snn.LIF neurons, whose states follow from its trace. Use StochasticAD."
            )
        if not 1 <= self.n_blocks <= program.x.shape[0]:
            raise ValueError(
                f"SuffixReplays.n_blocks: got {self.n_blocks}, expected 1 to "
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
