r"""Smoothed stochastic automatic differentiation: each finite flip replaced by its mean size.

A coupling weighs the flip of a spike by c (see `snn.coupling`). Smoothing replaces the flip by
its expected size given the sample, an infinitesimal

.. math::
    ds_i = c_i\, dp_i = c_i\, p'(v_i)\, dv_i ,

which the chain rule propagates. Biased in deep networks. With the straight-through mixture it
equals the matched surrogate gradient sample by sample; with the others it does not. The two-sided
one is exact for a loss that is quadratic in the spikes of one stochastic layer.

Reference: Arya et al., NeurIPS 2022, section on smoothing; Gygax and Zenke, 2025.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import jax
from jax import Array

from snn.arguments import Key
from snn.coupling import Coupling, StraightThrough
from snn.escape import EscapeNoise
from snn.estimators.base import Estimator
from snn.program import Program
from snn.spikes import Spike, detached, sample
from snn.surrogate import require_escape
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@value_object
class CouplingDerivative:
    """The spike derivative c p'(v) of a coupling."""

    coupling: Coupling

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.coupling.weighted_slope(v, s, require_escape(self, escape))


@final
@value_object
class SmoothedStochasticAD(Estimator):
    """Smoothed stochastic derivative: one forward and one reverse pass.

    Attributes:
        coupling: how flips are attributed to outcomes.
        reset: `snn.detached`, `snn.through` or `snn.ignored`.
    """

    coupling: Coupling = StraightThrough()
    reset: Callable[..., Array] = static(default=detached)

    @property
    def depends_only_on_spikes(self) -> bool:
        """Always true: weights follow from potentials and spikes."""
        return True

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the smoothed stochastic derivative of one trial."""
        spike = Spike(sample, CouplingDerivative(self.coupling), self.reset)
        loss, grad = jax.value_and_grad(lambda p: program(p, noise, spike).loss)(params)
        return Estimate(grad, loss, 1)
