r"""Stochastic automatic differentiation by coupled replays: unbiased.

Let :math:`D_i = L(s_i{:=}1) - L(s_i{:=}0)`. One of the two losses is that of the trial. The other
is the loss of a replay with site i flipped: earlier sites keep their spikes, and later sites run
again with the same noise. Then

.. math::
    g = \sum_i c_i D_i \nabla_\theta p_i |_{\text{spikes fixed}}
        + \nabla_\theta L |_{\text{spikes fixed}} .

A spike site is one neuron in one time step. Its probability is p_i = p(v_i), so that its gradient
is p'(v_i) times that of the potential. The weight c_i of the coupling depends on the drawn spike,
and has the mean 1 over both outcomes; with the default coupling it is always 1. The second term is
the direct term, the dependence of the loss on the parameters at fixed spikes. If the loss has such
a dependence, an estimate without the direct term is biased.

Arya et al. propagate one perturbation forward, in stochastic triples. The estimator here works in
reverse mode with replays instead. If only ``n_flips`` sites are drawn, with probabilities q_i > 0
that depend only on the trial, each term is multiplied by 1/(n_flips q_i), and the estimate stays
unbiased.

Reference: Arya et al., NeurIPS 2022 (couplings); docs/estimators/stochastic_ad.md (derivation).
"""

from __future__ import annotations

from typing import final

import jax.numpy as jnp
from jax import Array

from snn.arguments import Key
from snn.coupling import Coupling, StraightThrough
from snn.estimators.base import Estimator, map_batched, refuse_fixed_derivatives
from snn.estimators.fixed_spikes import fixed_pullback
from snn.flips import (
    Draw,
    Independent,
    flatten_sites,
    flipped,
    importance_probabilities,
    locate,
    unflatten_sites,
)
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@final
@value_object
class StochasticAD(Estimator):
    """Unbiased stochastic derivative, with a forward and a reverse pass, and a replay per flip.

    The difference of two large losses is rounded like the losses: use float64 there.

    Attributes:
        coupling: weights of flips from silence to spike and from spike to silence.
        n_flips: number of sites to flip, drawn by importance; None flips every site.
        max_sites: largest number of sites if every site is flipped.
        replay_batch: number of replays of a trial that run at once. The memory is that of
            ``batch_size * replay_batch`` trials.
        draw: method of drawing sites; see `snn.flips`. `snn.flips.Systematic` has the
            least variance in time-stepped networks, and the cheapest draw.
    """

    coupling: Coupling = StraightThrough()
    n_flips: int | None = static(default=None)
    max_sites: int = static(default=4096)
    replay_batch: int = static(default=64)
    draw: Draw = Independent()

    @property
    def needs_key(self) -> bool:
        """True if sites are drawn at random."""
        return self.n_flips is not None

    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the stochastic derivative of one trial.

        Raises:
            ValueError: if ``n_flips`` is below 1 or above the number of sites, or if it is None
                and the program has more than ``max_sites`` sites; or if the program calls
                `snn.spike`.
        """
        refuse_fixed_derivatives(type(self).__name__, program, params)
        run, pullback = fixed_pullback(program, params, noise)
        s = flatten_sites([layer.s for layer in run.trace])
        # c_i p'(v_i), by site
        slope = flatten_sites(
            [self.coupling.weighted_slope(layer.v, layer.s, layer.escape) for layer in run.trace]
        )
        site, scale = self._choose(slope, key)
        layer, index = locate([layer.v.size for layer in run.trace], site)

        def replay(flip: tuple[Array, Array, Array]) -> Array:
            """Return L(s_i := 1) - L(s_i := 0)."""
            at_layer, at_index, drawn = flip
            other = flipped(noise, at_layer, at_index, drawn)
            # If the trial has the spike, the replay lacks it: the difference changes its sign.
            return (program(params, other, FIXED).loss - run.loss) * (1 - 2 * drawn)

        difference = map_batched(replay, (layer, index, s[site]), self.replay_batch)
        term = (slope[site] * difference * scale).astype(slope.dtype)
        # A site may be drawn more than once: its terms add up.
        terms = unflatten_sites(jnp.zeros_like(slope).at[site].add(term), run.trace)
        # Each term is multiplied by the gradient of its potential, and the direct term is added.
        return Estimate(pullback(terms), run.loss, n_evaluations=1 + site.size)

    def _choose(self, slope: Array, key: Key) -> tuple[Array, Array]:
        """Return the sites to flip, and the factor 1/(n_flips q) of each."""
        n = slope.size
        if self.n_flips is None:
            if n > self.max_sites:
                raise ValueError(
                    f"StochasticAD: got {n} spike sites, expected at most max_sites="
                    f"{self.max_sites} when every site is flipped. Set n_flips, or raise max_sites."
                )
            return jnp.arange(n), jnp.ones(n, slope.dtype)
        if not 1 <= self.n_flips <= n:
            raise ValueError(
                f"StochasticAD.n_flips: got {self.n_flips}, expected 1 to {n}, the number of spike "
                f"sites. Use n_flips=None to flip every site."
            )
        q = importance_probabilities(slope)
        site = self.draw(key, q, self.n_flips)
        return site, 1 / (self.n_flips * q[site])
