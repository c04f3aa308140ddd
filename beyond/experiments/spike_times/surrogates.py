r"""Means of surrogate gradients (SGs) of one neuron in continuous time, and EventProp.

In steps of length dt a spike has the probability :math:`1 - e^{-\rho(u) dt}`, and the matched SG
replaces the derivative of a spike by that of its probability, :math:`\rho'(u) dt`. As dt goes to 0,

.. math:: \text{SG} = \mathbb E \int_0^T g(t) \, \rho'(u) \, \frac{du}{dw} \, dt .

Detached, du/dw is taken at fixed resets. Through the reset it obeys

.. math::
    \frac{d}{dt} \frac{du}{dw} = \frac{1}{\tau_m} \Big(\frac{dI}{dw} - \frac{du}{dw}\Big)
    - u \, \rho'(u) \, \frac{du}{dw} ,

and is 0 after each spike: the reset multiplies the potential by one minus the spike.

References:
    Gygax & Zenke, 2025 (matched SG; detached and through the reset).
    Wunderlich & Pehle, "Event-based backpropagation can compute exact gradients for spiking neural
    networks", 2021 (event-based gradient).
"""

import numpy as np

from beyond.experiments.spike_times.renewal import TAU_M, THETA, Renewal, current
from beyond.experiments.spike_times.truth import Loss


def detached(neuron: Renewal, loss: Loss) -> float:
    """Return the mean of the matched SG at fixed resets."""
    return _mean(neuron, loss, neuron.unit)


def through(neuron: Renewal, loss: Loss) -> float:
    """Return the mean of the matched SG through the reset."""
    return _mean(neuron, loss, through_reset(neuron))


def _mean(neuron: Renewal, loss: Loss, du: np.ndarray) -> float:
    along = loss.value(neuron.t) * neuron.slope * du * neuron.survival
    return neuron.over_pasts(neuron.over_time(along))


def through_reset(neuron: Renewal) -> np.ndarray:
    """Return du/dw through the reset, a table (last spike, time).

    Each cell is integrated as if its decay and its current were constant.
    """
    h, n = neuron.step, neuron.n
    pull = neuron.w * neuron.unit * neuron.slope
    du = np.zeros((n + 1, n + 1))
    drive = current(neuron.t) / TAU_M
    for j in range(n):
        past = slice(0, j + 1)
        decay = 1 / TAU_M + (pull[past, j] + pull[past, j + 1]) / 2
        kept = np.exp(-decay * h)
        du[past, j + 1] = kept * du[past, j] + (1 - kept) / decay * (drive[j] + drive[j + 1]) / 2
    return du


def event_based(w: float, loss: Loss, duration: float) -> float:
    r"""Return the derivative of the loss without noise: 0 below threshold.

    The potential crosses the threshold where :math:`4 w (z - z^2) = \\theta`, with
    :math:`z = e^{-t / \\tau_m}`. The loss must not depend on a second spike: the potential is reset
    to 0, and what is left of the current must not reach the threshold again.

    Args:
        w: weight: the largest potential, in units of the threshold.
        loss: loss of a spike train.
        duration: length of the trial, ms.

    Returns:
        The derivative with respect to the weight.
    """
    if w <= THETA:
        return 0.0
    z = (1 + np.sqrt(1 - THETA / w)) / 2
    t = -TAU_M * np.log(z)
    if t >= duration:
        return 0.0
    potential_slope = 4 * w * (2 * z**2 - z) / TAU_M
    return float(loss.slope(np.array(t)) * -(THETA / w) / potential_slope)
