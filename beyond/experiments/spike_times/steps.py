r"""A neuron in discrete time: exact means of the true gradient and of SGs by step length.

In a step a spike has the probability :math:`1 - e^{-\rho(u) dt}` ("intensity"), or one that does
not depend on the step, :math:`\sigma(\beta (u - \theta))` ("fixed"), as in the networks of the
paper. The potential depends on the last spike alone, so that sums over all spike trains take a
number of operations that is quadratic in the number of steps.

Reference: Gygax & Zenke, 2025 (matched SG; detached and through the reset).
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import scipy

from beyond.experiments.spike_times.intensity import LARGEST, Exponential
from beyond.experiments.spike_times.renewal import TAU_M, THETA, psp
from beyond.experiments.spike_times.truth import Loss

Kind = Literal["intensity", "fixed"]


@dataclass(frozen=True)
class Steps:
    """Tables of a neuron in steps, with axes (last spike, step); last spike 0 means none.

    Attributes:
        w: Input weight.
        noise: Exponential, or the slope of a fixed probability.
        duration: Length of a trial, ms.
        n: Number of steps; a spike can occur at the end of each.
        kind: How the noise makes a probability.
    """

    w: float
    noise: Exponential
    duration: float
    n: int
    kind: Kind = "intensity"

    @cached_property
    def t(self) -> np.ndarray:
        """Times of possible spikes, ms, after a first 0, ``(n + 1,)``."""
        return np.linspace(0, self.duration, self.n + 1)

    @cached_property
    def after(self) -> np.ndarray:
        """True where a step comes after the last spike."""
        return self.t > self.t[:, None]

    @cached_property
    def unit(self) -> np.ndarray:
        """Potential at weight 1."""
        decay = np.exp(-np.maximum(self.t - self.t[:, None], 0) / TAU_M)
        return np.where(self.after, psp(self.t) - psp(self.t)[:, None] * decay, 0.0)

    def probability(self, w: float) -> np.ndarray:
        """Return the probability of a spike in each step, for an input weight."""
        v = w * self.unit - THETA
        if self.kind == "fixed":
            p = scipy.special.expit(self.noise.beta * v)
        else:
            p = -np.expm1(-self.noise.rate(v) * self.duration / self.n)
        return np.where(self.after, p, 0.0)

    @cached_property
    def slope(self) -> np.ndarray:
        """Matched surrogate derivative: that of the probability."""
        v = self.w * self.unit - THETA
        if self.kind == "fixed":
            p = self.probability(self.w)
            return self.noise.beta * p * (1 - p)
        dt = self.duration / self.n
        slope = self.noise.slope(v) * dt * np.exp(-self.noise.rate(v) * dt)
        return np.where(self.after, slope, 0.0)

    @cached_property
    def silent(self) -> np.ndarray:
        """Probability of no spike between the last one and each step."""
        kept = np.cumprod(1 - self.probability(self.w), axis=1)
        return np.where(self.after, np.hstack([np.ones((self.n + 1, 1)), kept[:, :-1]]), 0.0)

    @cached_property
    def spikes(self) -> np.ndarray:
        """Probability of a spike in each step; 1 in the first entry, which means none yet."""
        first = self.probability(self.w) * self.silent
        chances = np.zeros(self.n + 1)
        chances[0] = 1.0
        for j in range(1, self.n + 1):
            chances[j] = chances[:j] @ first[:j, j]
        return chances

    def mean_loss(self, loss: Loss) -> float:
        """Return the expected loss of a trial."""
        return float(self.spikes[1:] @ loss.value(self.t[1:]))

    def true_gradient(self, loss: Loss) -> float:
        """Return the derivative of the expected loss: the effects of all flips, averaged."""
        cost, p = loss.value(self.t), self.probability(self.w)
        value = np.zeros(self.n + 1)
        effect = np.zeros_like(p)
        for i in range(self.n, -1, -1):
            # Mean loss from each step on, if the last spike was in step i.
            rest = 0.0
            for j in range(self.n, i, -1):
                gain = cost[j] + value[j]
                effect[i, j] = gain - rest
                rest += p[i, j] * (gain - rest)
            value[i] = rest
        change = self.slope * self.unit * self.silent * effect
        return float(self.spikes @ change.sum(axis=1))

    def surrogate(self, loss: Loss, *, through: bool) -> float:
        """Return the mean of the matched SG, through the reset or detached."""
        du = self._through() if through else self.unit
        return float(self.spikes @ (loss.value(self.t) * self.slope * du * self.silent).sum(axis=1))

    def surrogate_in_decimals(self, loss: Loss) -> float:
        """Return `surrogate` through the reset, computed in 50 decimal digits.

        In low noise and short steps the terms of the mean exceed it by 20 orders of magnitude, so
        that double precision returns nothing but rounding errors. At 320 steps it takes seconds.

        Args:
            loss: Loss whose values are decimals for a time that is one.

        Raises:
            ValueError: For a fixed probability.
        """
        if self.kind == "fixed":
            raise ValueError("kind: got 'fixed', expected 'intensity'")
        with localcontext(prec=50):
            w, beta, rho0, tau = map(Decimal, (self.w, self.noise.beta, self.noise.rho0, TAU_M))
            steps, dt = range(self.n + 1), Decimal(self.duration) / self.n
            decay = [(-dt * k / tau).exp() for k in steps]
            response = [4 * (z - z * z) for z in decay]
            drive = [0, *(y - decay[1] * x for x, y in pairwise(response))]
            cost = [loss.value(dt * k) for k in steps]
            # Sums over the spikes before step j: probability of a spike, and -du/dw times u p'.
            spikes, left = [Decimal(k == 0) for k in steps], [Decimal(0) for _ in steps]
            total = Decimal(0)
            for i in steps:
                now, silent = (-left[i] / spikes[i] if i else Decimal(0)), spikes[i]
                for j in steps[i + 1 :]:
                    u = response[j] - response[i] * decay[j - i]
                    exponent = beta * (w * u - Decimal(THETA))
                    mean = rho0 * min(exponent, Decimal(LARGEST)).exp() * dt
                    kept = (-mean).exp()
                    slope = beta * mean * kept if exponent < LARGEST else Decimal(0)
                    du = decay[1] * now + drive[j]
                    total += silent * cost[j] * slope * du
                    spikes[j] += silent * (1 - kept)
                    left[j] += silent * (1 - kept) * w * u * slope * du
                    now = du * (1 - w * u * slope)
                    silent *= kept
            return float(total)

    def _through(self) -> np.ndarray:
        """Return the mean du/dw through the reset, a table (last spike, step).

        A spike leaves -u p' du/dw behind. What follows is linear in it, so that its mean over what
        came before the spike is enough.
        """
        alpha = np.exp(-self.duration / self.n / TAU_M)
        drive = psp(self.t[1:]) - alpha * psp(self.t[:-1])
        lost = self.w * self.unit * self.slope
        first = self.probability(self.w) * self.silent
        du, kept = np.zeros_like(self.unit), np.zeros(self.n + 1)
        for i in range(self.n + 1):
            if i and self.spikes[i] > 0:
                weights = self.spikes[:i] * first[:i, i] / self.spikes[i]
                kept[i] = -weights @ (lost[:i, i] * du[:i, i])
            now = kept[i]
            for j in range(i, self.n):
                du[i, j + 1] = alpha * now + drive[j]
                now = du[i, j + 1] * (1 - lost[i, j + 1])
        return du
