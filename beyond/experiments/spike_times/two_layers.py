r"""Two layers of neurons without reset: the effect of a birth, and what surrogates take for it.

Hidden spikes are a Poisson process of intensity :math:`\lambda(s)`. A hidden spike at s adds
:math:`v K(t - s)` to the output's potential, so that the exponential output intensity is multiplied
by :math:`e^x` with :math:`x = \beta v K(t - s)`. By Campbell's theorem

.. math::
    \mathbb E[\mu(t)] = \mu_0 \exp \int \lambda(s) (e^x - 1) \, ds , \quad
    d\,\mathbb E[\mu(t)] = \mathbb E[\mu(t)] \int d\lambda(s) \, E(x) \, ds , \quad E(x) = e^x - 1 .

The matched SG has :math:`x` in place of the effect :math:`E(x)`, since it differentiates the
intensity without the new spike, and two-sided smoothing has :math:`x (1 + e^x) / 2`.

References:
    Kingman, "Poisson Processes", 1993, chapter 3 (Campbell's theorem).
    beyond/docs/event_gradients.md (the three effects).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import psp

Effect = Callable[[np.ndarray], np.ndarray]


def birth(x: np.ndarray) -> np.ndarray:
    """Return the true effect of a birth on the output's intensity, relative to it."""
    return np.expm1(x)


def matched(x: np.ndarray) -> np.ndarray:
    """Return what the matched SG takes for that effect."""
    return x


def two_sided(x: np.ndarray) -> np.ndarray:
    """Return what two-sided smoothing takes for that effect."""
    return x * (1 + np.exp(x)) / 2


def shrinkage(x: np.ndarray) -> np.ndarray:
    """Return SG over truth, x / (e^x - 1): 1 where x is 0."""
    x = np.asarray(x, float)
    small = np.abs(x) < 1e-8
    return np.where(small, 1 - x / 2, x / np.where(small, 1.0, np.expm1(x)))


@dataclass(frozen=True)
class TwoLayers:
    """Hidden neurons driven by an input spike, and an output neuron.

    A hidden neuron has the intensity of the input's response of height w, minus the threshold 1.
    The loss is the output intensity at the end of the trial.

    Attributes:
        w: Input weight of the hidden neurons.
        v: Weight of a hidden spike onto the output, at the maximum of its response.
        noise: Intensity of both layers.
        n_hidden: Number of hidden neurons.
        bias: Output potential minus threshold without hidden spikes.
        n: Number of cells in time.
        window: Length of the trial, ms. The output is read out at its end.
    """

    w: float
    v: float
    noise: Exponential
    n_hidden: int = 10
    bias: float = -1.0
    n: int = 2000
    window: float = 14.0

    @cached_property
    def s(self) -> np.ndarray:
        """Midpoints of the cells, ms, ``(n,)``."""
        return (np.arange(self.n) + 0.5) * self.window / self.n

    @property
    def cell(self) -> float:
        """Width of a cell, ms."""
        return self.window / self.n

    @cached_property
    def hidden(self) -> np.ndarray:
        """Total hidden intensity, 1/ms."""
        return self.n_hidden * self.noise.rate(self.w * psp(self.s) - 1)

    @cached_property
    def d_hidden(self) -> np.ndarray:
        """Derivative of the total hidden intensity with respect to the input weight."""
        return self.n_hidden * self.noise.slope(self.w * psp(self.s) - 1) * psp(self.s)

    @cached_property
    def x(self) -> np.ndarray:
        """Change of the log output intensity by a hidden spike at each time."""
        return self.noise.beta * self.v * psp(self.window - self.s)

    @cached_property
    def mean(self) -> float:
        """Expected output intensity at the end, by Campbell's theorem, 1/ms."""
        quiet = float(self.noise.rate(np.array(self.bias)))
        return quiet * float(np.exp(np.sum(self.hidden * np.expm1(self.x)) * self.cell))

    def derivative(self, effect: Effect = birth) -> float:
        """Return the mean derivative of the output intensity with respect to w, for an effect."""
        return self.mean * float(np.sum(self.d_hidden * effect(self.x)) * self.cell)

    @property
    def typical(self) -> float:
        """Mean of x over the hidden spikes whose probability depends on w."""
        return float(np.sum(self.d_hidden * self.x) / np.sum(self.d_hidden))

    def simulate(self, n_trials: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return one-run estimates: the score function's and the matched SG's, ``(trial,)``.

        Hidden spikes are drawn, and the output's potential follows from them. The SG is the chain
        rule: output slope times weight times hidden slope.
        """
        total = np.sum(self.hidden) * self.cell
        counts = rng.poisson(total, size=n_trials)
        trial = np.repeat(np.arange(n_trials), counts)
        where = rng.choice(self.n, size=len(trial), p=self.hidden / np.sum(self.hidden))
        response = self.v * psp(self.window - self.s)
        potential = self.bias + np.bincount(trial, response[where], n_trials)
        rate = self.d_hidden / self.hidden
        score = np.bincount(trial, rate[where], n_trials) - np.sum(self.d_hidden) * self.cell
        chain = np.sum(response * self.d_hidden) * self.cell
        return self.noise.rate(potential) * score, self.noise.slope(potential) * chain
