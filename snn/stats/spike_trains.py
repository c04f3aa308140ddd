"""Statistics of spike trains: rates, Fano factors and interspike intervals."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float


def population_rate(spikes: Float[Array, "*trial time neuron"], dt: float) -> Array:
    """Return the mean firing rate over trials, time and neurons, Hz.

    Args:
        spikes: spike trains.
        dt: time step, s.
    """
    return spikes.mean() / dt


def fano_per_bin(spikes: Float[Array, "trial time neuron"]) -> Array:
    """Return the mean Fano factor of single bins, variance over mean across trials (ddof 0).

    Bins without a spike in any trial are left out; without any spike the result is NaN. For
    independent Bernoulli spikes of probability p the expected value over n trials is
    1 - p/(1 - (1-p)^n). The factor therefore reflects mostly the rate.
    """
    return _mean_fano(spikes)


def fano_of_counts(spikes: Float[Array, "trial time neuron"]) -> Array:
    """Return the mean Fano factor of spike counts of whole trials, over firing neurons (ddof 0)."""
    return _mean_fano(spikes.sum(axis=-2))


def _mean_fano(counts: Float[Array, "trial ..."]) -> Array:
    mean, variance = counts.mean(axis=0), counts.var(axis=0)
    # Bins with NaN count, since NaN differs from 0.
    fires = mean != 0
    return jnp.sum(jnp.where(fires, variance / jnp.where(fires, mean, 1.0), 0.0)) / fires.sum()


def interspike_intervals(spikes: np.ndarray, dt: float) -> list[np.ndarray]:
    """Return the interspike intervals of each neuron, s.

    Args:
        spikes: spike trains of one trial, ``(time, neuron)``.
        dt: time step, s.
    """
    return [np.diff(np.flatnonzero(train)) * dt for train in np.asarray(spikes).T]


def cv_of_isi(spikes: np.ndarray, dt: float) -> np.ndarray:
    """Return the coefficient of variation of each neuron's interspike intervals (ddof 0).

    Args:
        spikes: spike trains of one trial, ``(time, neuron)``.
        dt: time step, s.

    Returns:
        An array with one number for each neuron with at least two intervals.
    """
    intervals = [isi for isi in interspike_intervals(spikes, dt) if isi.size > 1]
    return np.array([isi.std() / isi.mean() for isi in intervals])
