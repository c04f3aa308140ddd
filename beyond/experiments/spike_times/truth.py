r"""Derivative of the mean loss of one neuron with a hard reset, by two exact routes.

The loss of a spike train is :math:`f = \sum_k g(t_k)`. A silent trial costs 0, and a spike exactly
at the end T costs g(T).

- **Births**: :math:`\mathbb E \int d\lambda(t) D_t \, dt`, with :math:`D_t` the mean loss with a
  spike at t minus that without one.
- **Moves and boundary**: :math:`\int g' m \, dt - g(T) m(T)`, with the flux m.

Moves are split by the sign of du/dt at the spike: spikes *slide* while the potential rises and
*fly* while it falls. In low noise the slide is the event-based gradient, and the rest is the birth
of spikes at the potential's maximum.

Reference: beyond/docs/event_gradients.md.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import (
    TAU_M,
    THETA,
    TIME_OF_MAXIMUM,
    Renewal,
    accumulate,
    current,
    psp,
)


class Loss(NamedTuple):
    """A loss that is a sum over spikes.

    Attributes:
        value: Cost g of a spike at a time in ms.
        slope: Its derivative.
    """

    value: Callable[[Any], Any]
    slope: Callable[[np.ndarray], np.ndarray]


def reward_near(target: Any, width: Any) -> Loss:
    """Return the loss that rewards spikes near a target time, both in ms.

    With decimals it takes a time that is a decimal.
    """

    def value(t: np.ndarray) -> np.ndarray:
        return -np.exp(-(((t - target) / width) ** 2) / 2)

    return Loss(value, lambda t: -(t - target) / width**2 * value(t))


def value_after(neuron: Renewal, loss: Loss) -> np.ndarray:
    """Return the mean loss of all spikes after a spike, by the time of that spike, ``(n + 1,)``."""
    own = neuron.over_time(neuron.density * loss.value(neuron.t))
    return neuron.backward(own, neuron.density)


def by_births(neuron: Renewal, loss: Loss) -> float:
    """Return the derivative of the mean loss as the sum of the effects of births."""
    gain = loss.value(neuron.t) + value_after(neuron, loss)
    paid = neuron.integral(neuron.density * gain)
    later = np.where(neuron.after, paid[:, -1:] - paid, 0.0)
    effect = neuron.survival * gain - later
    return neuron.over_pasts(neuron.over_time(neuron.slope * neuron.unit * effect))


class Moves(NamedTuple):
    """Parts of the derivative of the mean loss.

    Attributes:
        slide: Spikes that move while the potential rises.
        fly: Spikes that move while the potential falls.
        boundary: Spikes that enter the trial at its end.
    """

    slide: float
    fly: float
    boundary: float


def by_moves(neuron: Renewal, loss: Loss) -> Moves:
    """Return the derivative of the mean loss by what spikes do."""
    moved = neuron.forward_source(_rising(neuron) * neuron.d_first)
    kernel = _rising(neuron) * -neuron.d_last * neuron.survival
    weights = np.full(neuron.n + 1, neuron.step)
    weights[0] /= 2
    # The flux at the first time is 0: no spike is moved before any input.
    later = (weights * neuron.flux) @ np.where(neuron.after, kernel, 0.0)
    later -= neuron.step / 2 * neuron.flux * np.diag(kernel)
    slope = loss.slope(neuron.t)
    slide = float(neuron.over_time(slope * (moved + later)))
    total = float(neuron.over_time(slope * neuron.flux))
    boundary = -float(loss.value(neuron.t[-1]) * neuron.flux[-1])
    return Moves(slide, total - slide, boundary)


def first_slide(w: float, intensity: Exponential, loss: Loss, duration: float, n: int) -> float:
    """Return the part of the derivative by first spikes that move while the potential rises.

    In low noise an input above the threshold causes one spike, so that this is the slide of
    `by_moves`. A single integral over time has room for grids that resolve little noise.

    Args:
        w: input weight: the largest potential without a spike.
        intensity: the noise.
        loss: the loss.
        duration: length of a trial, ms.
        n: number of cells until the potential's maximum.
    """
    t = np.linspace(0, min(TIME_OF_MAXIMUM, duration), n + 1)
    v, step = w * psp(t) - THETA, t[1]
    hazard = intensity.rate(v)
    moved = -accumulate(intensity.slope(v) * psp(t), step)
    density = hazard * np.exp(-accumulate(hazard, step))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(hazard > 0, density * moved / hazard, 0.0)
    return float(accumulate(loss.slope(t) * times, step)[-1])


def _rising(neuron: Renewal) -> np.ndarray:
    """Return which share of the cell around each time has a rising potential.

    The response to one input rises from the last spike to a single maximum.
    """
    lag = neuron.t - neuron.t[:, None]
    du = _potential_slope(neuron, neuron.t, neuron.t[:, None], lag)
    # Sum of two exponentials: its slope changes sign once.
    second = -du / TAU_M - current(neuron.t) / TAU_M * 2 / TAU_M
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(second < 0, -du / second, np.where(du > 0, np.inf, -np.inf))
    share = np.clip(0.5 + distance / neuron.step, 0.0, 1.0)
    return np.where(neuron.after, share, 0.0)


def _potential_slope(neuron: Renewal, t: np.ndarray, last: np.ndarray, lag: np.ndarray):
    return (current(t) - neuron.unit) / TAU_M
