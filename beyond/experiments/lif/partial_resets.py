r"""Surrogate derivatives through the reset, detached, and through a changed reset.

The reset passes :math:`\alpha B` on from a potential u to that of the next step, with

.. math::
    B = (1 - s) - u \, g(u - \theta)

and the surrogate derivative g. If the slope of g is large, this bracket is negative with a size
above 1, so that products over steps grow. `Changed` replaces B by a function of B; spikes do not
change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from jax import Array
from jax.lax import stop_gradient

import snn
from beyond.experiments.lif.lif_task import DT

NEURON = "LIF"
"""Neuron whose reset is changed."""


def bounded(bracket: Array) -> Array:
    """Return the bracket, clipped to -1 and 1."""
    return bracket.clip(-1, 1)


@dataclass(frozen=True)
class Changed:
    """Multiplicative reset u (1 - s) of a LIF neuron, with a changed derivative.

    Attributes:
        change: function that replaces B.
        beta: slope of the matched surrogate derivative, 1/theta.
    """

    change: Callable[[Array], Array]
    beta: float

    def __call__(self, decayed: Array, s: Array) -> Array:
        """Return the reset of a potential after the decay of one step."""
        neuron = snn.LIF(dt=DT)
        u = decayed / exp(-DT / neuron.tau_mem)
        g = snn.surrogate.Sigmoid(self.beta)(u - neuron.theta, s, None)
        slope = stop_gradient(self.change((1 - s) - u * g))
        return stop_gradient(decayed * (1 - s)) + (decayed - stop_gradient(decayed)) * slope
