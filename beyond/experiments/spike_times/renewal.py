r"""A stochastic neuron with a hard reset: spike density, spike flux and their exact derivatives.

An input spike at time 0 drives a current-based LIF neuron. A spike sets the potential to 0 and
leaves the current alone, so that the potential depends on the last spike at s alone:

.. math::
    u(t \mid s) = w \big[\kappa(t) - \kappa(s) e^{-(t - s)/\tau_m}\big] , \quad
    \lambda = \rho(u - \theta) , \quad \Lambda(t \mid s) = \int_s^t \lambda , \quad
    S = e^{-\Lambda} .

The density a of spikes solves a Volterra equation. There, last spike 0 means none:

.. math:: a(t) = \lambda S(t \mid 0) + \int_0^t a(s) \, \lambda S(t \mid s) \, ds .

A path moves its k-th spike by :math:`dt_k = -(d\Lambda + \partial_s \Lambda \, dt_{k-1}) /
\lambda(t_k)`. The flux m is the density times the mean of :math:`dt_k`. It solves

.. math::
    m(t) = -d\Lambda S(t \mid 0) - \int_0^t [a(s) \, d\Lambda + m(s) \, \partial_s \Lambda]
    S(t \mid s) \, ds , \qquad \frac{da}{dw} = -\frac{dm}{dt} ,

a continuity equation. Integrals are trapezoidal, and every mean is extrapolated from two grids
(Richardson): errors are of fourth order in the width of a cell, where cells resolve the
intensity. Low noise needs narrower cells.

References:
    Gerstner, Kistler, Naud & Paninski, "Neuronal Dynamics", 2014, chapter 14 (renewal equation).
    beyond/docs/event_gradients.md (flux).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beyond.experiments.spike_times.intensity import Exponential

TAU_M, TAU_S, THETA = 10.0, 5.0, 1.0
"""Time constants of membrane and synapse, ms, and threshold."""


def psp(t: np.ndarray) -> np.ndarray:
    """Return the response of the potential to an input spike at 0, with a maximum of 1."""
    z = np.exp(-t / TAU_M)
    return 4 * (z - z**2)


def current(t: np.ndarray) -> np.ndarray:
    """Return the synaptic current of that input spike, in units of the potential."""
    return 4 * np.exp(-t / TAU_S)


TIME_OF_MAXIMUM = TAU_M * np.log(2)
"""Where `psp` is 1, ms."""


def accumulate(values: np.ndarray, step: float, axis: int = -1) -> np.ndarray:
    """Return trapezoidal integrals from the first entry to each entry of an axis.

    Args:
        values: values on a grid.
        step: width of a cell, ms.
        axis: the axis of time.

    Returns:
        The integrals, same shape; the first entry is 0.
    """
    values = np.moveaxis(values, axis, -1)
    cells = (values[..., 1:] + values[..., :-1]) * (step / 2)
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(cells, axis=-1)], axis=-1)
    return np.moveaxis(total, -1, axis)


@dataclass(frozen=True)
class Renewal:
    """Tables of a neuron on a grid, all with axes (last spike, time).

    Attributes:
        w: Input weight: the largest potential without a spike.
        intensity: The noise.
        duration: Length T of a trial, ms.
        n: Number of cells of the grid.
    """

    w: float
    intensity: Exponential
    duration: float
    n: int

    @cached_property
    def t(self) -> np.ndarray:
        """Times of the grid, ms, ``(n + 1,)``."""
        return np.linspace(0, self.duration, self.n + 1)

    @property
    def step(self) -> float:
        """Width of a cell, ms."""
        return self.duration / self.n

    @cached_property
    def after(self) -> np.ndarray:
        """True where a time is not before the last spike."""
        return self.t >= self.t[:, None]

    @cached_property
    def decay(self) -> np.ndarray:
        """Decay of the membrane since the last spike; 0 before it."""
        lag = self.t - self.t[:, None]
        return np.where(self.after, np.exp(-np.maximum(lag, 0) / TAU_M), 0.0)

    @cached_property
    def unit(self) -> np.ndarray:
        """Potential at weight 1."""
        return np.where(self.after, psp(self.t) - psp(self.t)[:, None] * self.decay, 0.0)

    @cached_property
    def hazard(self) -> np.ndarray:
        """Intensity, 1/ms; 0 before the last spike."""
        return np.where(self.after, self.intensity.rate(self.w * self.unit - THETA), 0.0)

    @cached_property
    def slope(self) -> np.ndarray:
        """Derivative of the intensity with respect to the potential."""
        return np.where(self.after, self.intensity.slope(self.w * self.unit - THETA), 0.0)

    def integral(self, values: np.ndarray) -> np.ndarray:
        """Return a table's integrals from the last spike to each time; 0 before that spike."""
        inside = np.where(self.after, values, 0.0)
        total = accumulate(inside, self.step)
        # The cell before the last spike is not part of the integral.
        return np.where(self.after, total - np.diag(total)[:, None], 0.0)

    @cached_property
    def survival(self) -> np.ndarray:
        """Probability of no further spike since the last spike."""
        return np.where(self.after, np.exp(-self.integral(self.hazard)), 0.0)

    @cached_property
    def density(self) -> np.ndarray:
        """Density of the next spike, 1/ms."""
        return self.hazard * self.survival

    @cached_property
    def d_integral(self) -> np.ndarray:
        """Derivative of the integrated intensity with respect to the weight."""
        return self.integral(self.slope * self.unit)

    @cached_property
    def d_last(self) -> np.ndarray:
        """Derivative of the integrated intensity with respect to the time of the last spike."""
        du = -self.w / TAU_M * current(self.t)[:, None] * self.decay
        return np.where(
            self.after, self.integral(self.slope * du) - np.diag(self.hazard)[:, None], 0.0
        )

    def forward(self, start: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Solve x(t) = start(t) + the integral over s of x(s) kernel(s, t).

        Args:
            start: Source, ``(n + 1,)``.
            kernel: Table (last spike, time).
        """
        x, h = np.zeros_like(start), self.step
        for j in range(len(x)):
            earlier = 0.0
            if j:
                earlier = h * (x[1:j] @ kernel[1:j, j] + x[0] * kernel[0, j] / 2)
            own = h / 2 * kernel[j, j] if j else 0.0
            x[j] = (start[j] + earlier) / (1 - own)
        return x

    def backward(self, start: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Solve x(s) = start(s) + the integral over t of kernel(s, t) x(t)."""
        x, h, n = np.zeros_like(start), self.step, self.n
        for i in range(n, -1, -1):
            earlier = 0.0
            if i < n:
                earlier = h * (kernel[i, i + 1 : n] @ x[i + 1 : n] + kernel[i, n] * x[n] / 2)
            own = h / 2 * kernel[i, i] if i < n else 0.0
            x[i] = (start[i] + earlier) / (1 - own)
        return x

    def over_time(self, values: np.ndarray) -> np.ndarray:
        """Return integrals over the trial of a function, or from the last spike on of a table."""
        if values.ndim == 1:
            return np.trapezoid(values, dx=self.step)
        ends = (np.diag(values) + values[:, -1]) / 2
        total = self.step * (np.where(self.after, values, 0.0).sum(axis=1) - ends)
        # From the end of the trial on, nothing is left.
        total[-1] = 0.0
        return total

    def over_pasts(self, values: np.ndarray) -> float:
        """Return the mean over last spikes of what follows each, plus that of no last spike."""
        return float(values[0] + np.trapezoid(self.spikes * values, dx=self.step))

    @cached_property
    def spikes(self) -> np.ndarray:
        """Density of all spikes, 1/ms, ``(n + 1,)``."""
        return self.forward(self.density[0], self.density)

    @cached_property
    def d_first(self) -> np.ndarray:
        """Source of the flux: displacement times density of a next spike, by last spike."""
        return -self.d_integral * self.survival

    @cached_property
    def flux(self) -> np.ndarray:
        """Density of spikes times their mean derivative with respect to the weight."""
        source = self.forward_source(self.d_first)
        return self.forward(source, -self.d_last * self.survival)

    def forward_source(self, table: np.ndarray) -> np.ndarray:
        """Return a table's sum over last spikes, weighted by their density, at each time.

        The table is 0 at the last spike itself, where the trapezoidal rule takes half of the cell.
        """
        weights = np.full(self.n + 1, self.step)
        weights[0] /= 2
        return table[0] + (weights * self.spikes) @ np.where(self.after, table, 0.0)
