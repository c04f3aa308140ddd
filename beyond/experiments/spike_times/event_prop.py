r"""EventProp: derivatives of a loss of spike times by an adjoint that jumps at spikes.

p and q are the derivatives of the loss with respect to V and I at a time. Backward between events

.. math:: \dot p = p / \tau_m , \qquad \dot q = q / \tau_s - p / \tau_m .

Where neuron n spikes, the state x jumps to D x plus a constant, and its velocity from f to f'. The
time of the jump moves by :math:`-dV_n / \dot V_n`, hence

.. math::
    p_n \leftarrow (D^\top p)_n + \frac{1}{\dot V_n} \Big[ (f' - D f) \cdot (p, q)
    - \frac{\partial L}{\partial t_k} \Big] .

The derivative with respect to a weight is the sum of the receiver's q over the sender's spikes.

Reference: Wunderlich & Pehle, "Event-based backpropagation can compute exact gradients for spiking
neural networks", 2021.
"""

import numpy as np

from beyond.experiments.spike_times.lif import Network, Spike


def event_prop(
    network: Network,
    spikes: list[Spike],
    times: np.ndarray,
    channels: np.ndarray,
    slopes: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives of a loss with respect to all weights; 0 if nothing spikes.

    Args:
        network: The network.
        spikes: What `Network.run` returned.
        times: Times of the input spikes, ms, rising.
        channels: Channel of each.
        slopes: Derivative of the loss with respect to the time of each spike, 1/ms.

    Returns:
        Derivatives with respect to input weights, ``(neuron, channel)``, and recurrent ones.
    """
    cells = network.neurons
    tau_m, tau_s = cells.tau_m, cells.tau_s
    d_inputs, d_recurrent = np.zeros_like(network.inputs), np.zeros_like(network.recurrent)
    p, q = np.zeros((2, len(network.inputs)))
    # At equal times the spike comes before the input, as in the simulation.
    events = [(spike.time, 0, k) for k, spike in enumerate(spikes)]
    events += [(float(at), 1, j) for j, at in enumerate(times)]
    now = max([at for at, _, _ in events], default=0.0)
    for at, is_input, index in sorted(events, reverse=True):
        slow, fast = np.exp(-(now - at) / tau_m), np.exp(-(now - at) / tau_s)
        p, q = slow * p, fast * q + cells.gain * (slow - fast) * p
        now = at
        if is_input:
            d_inputs[:, int(channels[index])] += q
            continue
        spike = spikes[index]
        k, weight = spike.neuron, network.recurrent[:, spike.neuron]
        d_recurrent[:, k] += q
        velocity = (spike.i[k] - spike.v[k]) / tau_m
        # Jumps of the velocities of V and I; a reset changes that of the neuron's own V.
        jump = weight @ (p / tau_m - q / tau_s)
        if cells.reset == "hard":
            # The potential after the spike does not depend on the one before.
            jump += spike.i[k] / tau_m * p[k]
            p = p.copy()
            p[k] = 0.0
        else:
            jump += cells.theta / tau_m * p[k]
            p = p.copy()
        p[k] += (jump - slopes[index]) / velocity
    return d_inputs, d_recurrent
