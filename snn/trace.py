"""What a run leaves behind: potentials and spikes of every layer."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from jax import Array

from snn.escape import EscapeNoise


class LayerTrace(NamedTuple):
    """What happened at the spike sites of one layer in one trial.

    Attributes:
        v: membrane potential minus threshold, dimensionless, ``(neuron,)`` or ``(time, neuron)``.
        s: spikes (or their mean, for the smoothed network), same shape.
        escape: the layer's escape noise, from which probabilities follow.
    """

    v: Array
    s: Array
    escape: EscapeNoise

    @property
    def p(self) -> Array:
        """Firing probability of each site given its potential, same shape as ``v``."""
        return self.escape.prob(self.v)

    @property
    def log_prob(self) -> Array:
        """Log-probability of each site's outcome given its potential, same shape as ``v``."""
        return self.escape.log_prob(self.v, self.s)


Trace: TypeAlias = tuple[LayerTrace, ...]
"""One `LayerTrace` per spiking layer, input side first. Unused parts cost nothing under jit."""
