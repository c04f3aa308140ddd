r"""Exact second moments of estimates from a single run of a neuron with a hard reset.

Each estimate is a sum over the intervals between spikes. With a last spike at s and a next one at
t, the moments of what follows s come from those of what follows t by a backward Volterra equation.
No sampling is involved: in low noise rare spikes carry the variance of the pathwise estimate, and
samples would miss them.

- **Pathwise**: :math:`\sum_k g'(t_k) dt_k`, plus the boundary :math:`g(T) (d\Lambda + \partial_s
  \Lambda \, dt)` of the last interval.
- **Score function**, without baseline: f times the derivative of the log-likelihood.
- **SG**, detached: :math:`\int g \rho' du/dw \, dt` along the run.
"""

import numpy as np

from beyond.experiments.spike_times.renewal import Renewal
from beyond.experiments.spike_times.truth import Loss

Moments = tuple[float, float]
"""Mean and standard deviation of one run's estimate."""


def pathwise(neuron: Renewal, loss: Loss) -> Moments:
    """Return the moments of the pathwise estimate with its boundary.

    A spike is moved by p + q times the previous displacement. What follows a spike that is moved by
    x has the mean a + b x, and the mean square c + d x + e x^2.
    """
    slope, density = loss.slope(neuron.t), neuron.density
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(neuron.after, -neuron.d_integral / neuron.hazard, 0.0)
        q = np.where(neuron.after, -neuron.d_last / neuron.hazard, 0.0)
    silent = neuron.survival[:, -1]
    end = loss.value(neuron.t[-1])
    stay, move = end * neuron.d_integral[:, -1], end * neuron.d_last[:, -1]
    b = neuron.backward(silent * move + neuron.over_time(density * slope * q), density * q)
    a = neuron.backward(silent * stay + neuron.over_time(density * (slope + b) * p), density)
    square = slope**2 + 2 * slope * b
    e = neuron.backward(
        silent * move**2 + neuron.over_time(density * square * q**2), density * q**2
    )
    first = 2 * (square + e) * p * q + 2 * slope * a * q
    d = neuron.backward(2 * silent * stay * move + neuron.over_time(density * first), density * q)
    zeroth = (square + e) * p**2 + (2 * slope * a + d) * p
    c = neuron.backward(silent * stay**2 + neuron.over_time(density * zeroth), density)
    return _moments(a[0], c[0])


def score_function(neuron: Renewal, loss: Loss) -> Moments:
    """Return the moments of the score function, from those of loss and score together."""
    cost, density, silent = loss.value(neuron.t), neuron.density, neuron.survival[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(neuron.hazard > 0, neuron.slope * neuron.unit / neuron.hazard, 0.0)
    score, last = rate - neuron.d_integral, -neuron.d_integral[:, -1]
    # After the last spike the loss is 0, so that only moments without the loss start there.
    follow = {(0, 0): np.ones(neuron.n + 1)}
    for i in range(3):
        for j in range(3):
            if (i, j) == (0, 0):
                continue
            sums = np.zeros_like(density)
            for m in range(i + 1):
                for k in range(j + 1):
                    if (m, k) == (i, j):
                        continue
                    ways = _BINOMIAL[i][m] * _BINOMIAL[j][k]
                    sums += ways * cost ** (i - m) * score ** (j - k) * follow[m, k]
            start = neuron.over_time(density * sums) + (silent * last**j if i == 0 else 0.0)
            follow[i, j] = neuron.backward(start, density)
    return _moments(follow[1, 1][0], follow[2, 2][0])


_BINOMIAL = ((1,), (1, 1), (1, 2, 1))


def surrogate(neuron: Renewal, loss: Loss) -> Moments:
    """Return the moments of the matched SG at fixed resets."""
    along = neuron.integral(loss.value(neuron.t) * neuron.slope * neuron.unit)
    density, silent, last = neuron.density, neuron.survival[:, -1], along[:, -1]
    mean = neuron.backward(silent * last + neuron.over_time(density * along), density)
    first = density * (along**2 + 2 * along * mean)
    square = neuron.backward(silent * last**2 + neuron.over_time(first), density)
    return _moments(mean[0], square[0])


def _moments(mean: float, square: float) -> Moments:
    return float(mean), float(np.sqrt(max(square - mean**2, 0.0)))
