r"""A network of current-based LIF neurons without noise, simulated from event to event.

Between events each neuron obeys

.. math:: \tau_m \dot V = I - V , \qquad \tau_s \dot I = -I .

A spike that arrives adds its weight to I. Where V reaches the threshold the neuron spikes, and V is
set to 0 ("hard") or lowered by the threshold ("subtract"). Since a spike enters a current, V is
continuous for all who receive it: two spikes that change order change nothing abruptly. Both resets
are one, since the potential is at the threshold; with noise they differ.

With :math:`\tau_m = 2 \tau_s` the next crossing is the root of a quadratic in
:math:`e^{-t/\tau_m}` (Göltz et al. 2021); otherwise it is bracketed by the potential's only maximum
and found by Brent's method.

Defined answers:

- A neuron that cannot reach its threshold has no spike, and derivatives of 0.
- A potential that touches the threshold and turns back does not spike.
- Neurons that reach the threshold at one instant all spike, in the order of their numbers.

References:
    Göltz et al., "Fast and energy-efficient neuromorphic deep learning with first-spike times",
    2021.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from experiments.engine.errors import UserError

MAX_SPIKES = 10_000
"""A trial with more spikes is refused: nothing in this chapter needs as many."""


@dataclass(frozen=True)
class Neurons:
    """Parameters that all neurons share.

    Attributes:
        tau_m: Time constant of the membrane, ms.
        tau_s: Time constant of the synapse, ms.
        theta: Threshold.
        reset: What a spike does to the potential.
    """

    tau_m: float = 10.0
    tau_s: float = 5.0
    theta: float = 1.0
    reset: Literal["hard", "subtract"] = "hard"

    def __post_init__(self) -> None:
        if self.tau_m == self.tau_s:
            raise UserError(
                "membrane and synapse have one time constant",
                f"tau_m=tau_s={self.tau_m}",
                "time constants that differ: the solution is a sum of two exponentials",
                f"tau_s={0.99 * self.tau_m:g}",
            )

    @property
    def gain(self) -> float:
        """Factor of the exponentials in the response to a current."""
        return self.tau_s / (self.tau_m - self.tau_s)

    def flow(self, v: np.ndarray, i: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Return potential and current after a time t in ms without events.

        Args:
            v: potential, in units of the threshold.
            i: synaptic current.
            t: time, ms.
        """
        slow, fast = np.exp(-t / self.tau_m), np.exp(-t / self.tau_s)
        return slow * v + self.gain * (slow - fast) * i, fast * i

    def crossing(self, v: float, i: float, limit: float) -> float:
        """Return after how many ms the potential reaches the threshold; infinity if not by then.

        Args:
            v: Potential, at most the threshold up to rounding.
            i: Synaptic current.
            limit: End of the search, ms.
        """
        if v >= self.theta:
            # The potential is at the threshold up to rounding: if it rises, the neuron spikes.
            return 0.0 if i > v else np.inf
        # V(t) = a z + b y, with z = exp(-t / tau_m) and y = exp(-t / tau_s).
        a, b = v + self.gain * i, -self.gain * i
        # V tends to I, which decays: V never exceeds the larger of both, and turns at most once.
        turns = -b * self.tau_m / self.tau_s
        if i <= self.theta or not turns * a > 0:
            return np.inf
        if self.tau_m == 2 * self.tau_s:
            square = a**2 - 4 * self.gain * i * self.theta
            if square <= 0:
                return np.inf
            t = -self.tau_m * np.log((a + np.sqrt(square)) / (2 * self.gain * i))
            # Rounding may put a crossing at the threshold a little before now.
            return max(float(t), 0.0) if t < limit else np.inf
        rates = 1 / self.tau_s - 1 / self.tau_m
        top = np.log(turns / a) / rates

        def above(t: float) -> float:
            return a * np.exp(-t / self.tau_m) + b * np.exp(-t / self.tau_s) - self.theta

        end = min(top, limit)
        if not above(end) > 0:
            return np.inf
        return float(scipy.optimize.brentq(above, 0.0, end, xtol=1e-14, rtol=1e-15))


@dataclass(frozen=True)
class Spike:
    """A spike of the network, with the state just before.

    Attributes:
        time: Time, ms.
        neuron: Number of the neuron.
        v: Potentials of all neurons just before it.
        i: Currents of all neurons just before it.
    """

    time: float
    neuron: int
    v: np.ndarray
    i: np.ndarray


@dataclass(frozen=True)
class Network:
    """Weights of a network.

    Attributes:
        inputs: Weights of input channels, ``(neuron, channel)``.
        recurrent: Weights between neurons, ``(to, from)``; block triangular if feed-forward.
        neurons: Parameters that all share.
    """

    inputs: np.ndarray
    recurrent: np.ndarray
    neurons: Neurons = Neurons()

    def run(self, times: np.ndarray, channels: np.ndarray, duration: float) -> list[Spike]:
        """Return the spikes of one trial, in order.

        Args:
            times: Times of the input spikes, ms, rising.
            channels: Channel of each.
            duration: End of the trial, ms. A spike exactly at the end is not counted.

        Raises:
            UserError: If there are more than `MAX_SPIKES`.
        """
        n = len(self.inputs)
        v, i, now, spikes = np.zeros(n), np.zeros(n), 0.0, []
        events = [*zip(np.append(times, duration), np.append(channels, -1), strict=True)]
        for at, channel in events:
            while True:
                waits = [self.neurons.crossing(v[k], i[k], at - now) for k in range(n)]
                k = int(np.argmin(waits))
                if not now + waits[k] < at:
                    break
                v, i = self.neurons.flow(v, i, waits[k])
                now += waits[k]
                spikes.append(Spike(now, k, v, i))
                v, i = v.copy(), i + self.recurrent[:, k]
                v[k] = 0.0 if self.neurons.reset == "hard" else v[k] - self.neurons.theta
                if len(spikes) > MAX_SPIKES:
                    raise UserError(
                        "a trial with too many spikes",
                        f"more than {MAX_SPIKES} before {now:g} ms",
                        "weights that do not make the network explode",
                    )
            if channel >= 0:
                v, i = self.neurons.flow(v, i, at - now)
                i = i + self.inputs[:, int(channel)]
                now = float(at)
        return spikes
