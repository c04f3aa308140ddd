"""Catalogue of neurons: all neurons that experiments can use, by name."""

from collections.abc import Callable

import snn
from snn.adaptive_lif import AdaptiveLIF

NEURONS: dict[str, Callable[[float], snn.Neuron]] = {
    "LIF": lambda dt: snn.LIF(dt=dt),
    "AdaptiveLIF": lambda dt: AdaptiveLIF(snn.LIF(dt=dt)),
}
"""Neurons by name, each a function of the time step in s."""
