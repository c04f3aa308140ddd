"""The neurons that experiments choose from, one line each."""

from collections.abc import Callable

import snn
from snn.adaptive_lif import AdaptiveLIF

NEURONS: dict[str, Callable[[float], snn.Neuron]] = {
    "LIF": lambda dt: snn.LIF(dt=dt),
    "AdaptiveLIF": lambda dt: AdaptiveLIF(snn.LIF(dt=dt)),
}
"""By name: the neuron of a time step, in s."""
