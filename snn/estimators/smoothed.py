r"""Smoothed stochastic automatic differentiation, which replaces flips by their mean size.

A coupling weighs the flip of a spike by c (see `snn.coupling`). Smoothing replaces the flip by the
expected size of the flip given the sample, an infinitesimal

.. math::
    ds_i = c_i\, dp_i = c_i\, p'(v_i)\, dv_i ,

which the chain rule propagates. The estimate is biased in deep networks. With the straight-through
mixture, and with no other coupling, it equals the matched surrogate gradient in every sample. With
the two-sided coupling it is exact for a loss that is quadratic in the spikes of one stochastic
layer.

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
    """Spike derivative c p'(v) of a coupling."""

    coupling: Coupling

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.coupling.weighted_slope(v, s, require_escape(self, escape))


@final
@value_object
class SmoothedStochasticAD(Estimator):
    """Smoothed stochastic derivative, with a forward and a reverse pass.

    Attributes:
        coupling: weights of flips from silence to spike and from spike to silence.
        reset: `snn.detached`, `snn.through` or `snn.ignored`.
    """

    coupling: Coupling = StraightThrough()
    reset: Callable[..., Array] = static(default=detached)

    @property
    def depends_only_on_spikes(self) -> bool:
        """True, since weights are functions of potentials and spikes."""
        return True

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the smoothed stochastic derivative of one trial."""
        spike = Spike(sample, CouplingDerivative(self.coupling), self.reset)
        loss, grad = jax.value_and_grad(lambda p: program(p, noise, spike).loss)(params)
        return Estimate(grad, loss, 1)
