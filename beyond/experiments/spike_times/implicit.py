r"""Derivatives of spike times by implicit differentiation.

A spike k of neuron n obeys :math:`V_n(t_k) = \theta`. The potential is written as a sum of
responses to all earlier spikes, so that

.. math::
    dt_k = - \frac{1}{\dot V_n(t_k)} \Big( dV_n(t_k) + \sum_{j < k} \frac{\partial V_n(t_k)}
    {\partial t_j} dt_j \Big) ,

with dV at fixed spike times. Spikes are solved for in order; no equation is integrated backward.

Reference: Göltz et al., "Fast and energy-efficient neuromorphic deep learning with first-spike
times", 2021.
"""

import numpy as np

from beyond.experiments.spike_times.lif import Network, Neurons, Spike


def spike_time_derivatives(
    network: Network, spikes: list[Spike], times: np.ndarray, channels: np.ndarray
) -> np.ndarray:
    """Return derivatives of all spike times with respect to all weights.

    Args:
        network: The network.
        spikes: What `Network.run` returned.
        times: Times of the input spikes, ms.
        channels: Channel of each.

    Returns:
        ms per weight, ``(spike, neuron, channel + neuron)``: input weights, then recurrent ones.
    """
    cells = network.neurons
    n, n_channels = network.inputs.shape
    weights = np.hstack([network.inputs, network.recurrent])
    moved = np.zeros((len(spikes), n, n_channels + n))
    for k, spike in enumerate(spikes):
        own = spike.neuron
        # Earlier arrivals: input spikes, whose times are fixed, and spikes.
        earlier = [j for j in range(k) if spikes[j].time <= spike.time]
        came = times < spike.time
        arrived = np.concatenate([times[came], [spikes[j].time for j in earlier]])
        source = np.concatenate(
            [channels[came], [n_channels + spikes[j].neuron for j in earlier]]
        ).astype(int)
        resets = [j for j in earlier if spikes[j].neuron == own]
        response, slope = _response(cells, spike.time - arrived)
        if cells.reset == "hard" and resets:
            past = spikes[resets[-1]].time - arrived
            kept = np.exp(-(spike.time - spikes[resets[-1]].time) / cells.tau_m)
            before, slope_before = _response(cells, np.maximum(past, 0.0))
            response = response - kept * before
            slope = slope - kept * np.where(past > 0, slope_before, 0.0)
        change = np.zeros((n, n_channels + n))
        np.add.at(change[own], source, response)
        weight = weights[own, source]
        for place, j in enumerate(earlier):
            change -= weight[came.sum() + place] * slope[came.sum() + place] * moved[j]
        for j in resets[-1:] if cells.reset == "hard" else resets:
            kept = np.exp(-(spike.time - spikes[j].time) / cells.tau_m)
            lost = spikes[j].i[own] if cells.reset == "hard" else cells.theta
            change -= lost / cells.tau_m * kept * moved[j]
        moved[k] = -change / ((spike.i[own] - spike.v[own]) / cells.tau_m)
    return moved


def _response(cells: Neurons, lag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the response of the potential to a spike, and its slope, by the time since then."""
    slow, fast = np.exp(-lag / cells.tau_m), np.exp(-lag / cells.tau_s)
    slope = cells.gain * (fast / cells.tau_s - slow / cells.tau_m)
    return cells.gain * (slow - fast), slope
