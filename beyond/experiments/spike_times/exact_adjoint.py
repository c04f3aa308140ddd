"""EventProp against implicit differentiation and finite differences, in random networks.

Networks differ in reset, time constants and recurrence. A finite difference counts only if no spike
appears, vanishes or changes its place in the order: there the loss has no derivative.
"""

from dataclasses import dataclass

import numpy as np

from beyond.experiments.spike_times.event_prop import event_prop
from beyond.experiments.spike_times.implicit import spike_time_derivatives
from beyond.experiments.spike_times.lif import Network, Neurons, Spike
from experiments.engine.declare.experiment import (
    Data,
    Experiment,
    Quantity,
    array,
    band,
    exact,
    param,
    seeds_param,
)

CASES = [
    (reset, tau_s, recurrent)
    for reset in ("hard", "subtract")
    for tau_s in (5.0, 4.0)
    for recurrent in (True, False)
]
"""Reset, time constant of the synapse (ms; 5: closed form) and whether the network is recurrent."""


@dataclass
class ExactAdjoint(Experiment):
    """Differentiates a random loss of all spike times of random networks in three ways."""

    n_neurons: int = param(20, "neurons", low=2, high=100)
    n_channels: int = param(10, "input channels", low=1, high=100)
    duration: float = param(30.0, "length of a trial", unit="ms", above=1, high=1000)
    step: float = param(1e-6, "step of the finite difference", above=0, high=0.01)
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "n_spikes": array("seed, case", "spikes of the trial"),
        "adjoint": array("seed, case", "EventProp minus implicit derivative, relative to its norm"),
        "difference": array("seed, case", "EventProp minus finite difference, relative; NaN: none"),
    }

    def compute(self, seed: int) -> Data:
        """Return distances between derivatives in every case."""
        rows = [self._case(np.random.default_rng([seed, i]), *c) for i, c in enumerate(CASES)]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def _case(self, rng: np.random.Generator, reset, tau_s: float, recurrent: bool) -> dict:
        n, c = self.n_neurons, self.n_channels
        inputs = rng.normal(0.8, 2.0, (n, c))
        between = rng.normal(0.0, 2 / np.sqrt(n), (n, n))
        if not recurrent:
            # The first half projects onto the second, and nothing else.
            between = np.where(np.arange(n)[:, None] >= n // 2, between, 0.0)
            between[:, n // 2 :] = 0.0
            inputs[n // 2 :] = 0.0
            between *= 4
        network = Network(inputs, between, Neurons(10.0, tau_s, 1.0, reset))
        times = np.sort(rng.uniform(0, self.duration * 2 / 3, 2 * c))
        channels = rng.integers(0, c, 2 * c)

        def run(at: Network) -> list[Spike]:
            return at.run(times, channels, self.duration)

        spikes = run(network)
        slopes = rng.normal(size=len(spikes))
        exact = np.tensordot(
            slopes, spike_time_derivatives(network, spikes, times, channels), axes=1
        )
        adjoint = np.hstack(event_prop(network, spikes, times, channels, slopes))
        direction = rng.normal(size=exact.shape) * (np.hstack([inputs, between]) != 0)
        difference = self._difference(network, direction, spikes, slopes, run)
        along = float(np.sum(adjoint * direction))
        return {
            "n_spikes": len(spikes),
            "adjoint": np.linalg.norm(adjoint - exact) / max(np.linalg.norm(exact), 1e-300),
            "difference": abs(difference - along) / max(abs(along), 1e-300),
        }

    def _difference(self, network: Network, direction, spikes, slopes, run) -> float:
        """Return a difference of fourth order; NaN where the order of spikes changes."""
        c = self.n_channels
        losses = {}
        for k in (-2, -1, 1, 2):
            change = k * self.step * direction
            at = Network(
                network.inputs + change[:, :c], network.recurrent + change[:, c:], network.neurons
            )
            moved = run(at)
            if [spike.neuron for spike in moved] != [spike.neuron for spike in spikes]:
                return float("nan")
            losses[k] = sum(s * spike.time for s, spike in zip(slopes, moved, strict=True))
        return (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * self.step)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the largest distances, and how many finite differences there are."""
        kept = np.isfinite(data["difference"])
        return {
            "adjoint_off": exact(data["adjoint"].max(), rtol=0, atol=1e-10),
            "difference_off": exact(np.nanmax(data["difference"]), rtol=0, atol=1e-6),
            "n_differences": band(kept.sum(), 1, kept.size, "orders of spikes that are kept"),
        }
