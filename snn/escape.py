r"""Escape noise: firing probability as a function of the potential minus threshold.

A neuron with potential `v` above threshold (dimensionless) fires with probability :math:`p(v)`.
Each class computes `p`, the slope :math:`p'(v)`, the log-probability of an outcome, and the two
ratios :math:`p'/p` and :math:`p'/(1-p)`. None overflows or cancels in float32 (slopes up to 1e4,
\|v\| up to 1e3). A *matched* surrogate derivative is the slope of the noise.

Reference: Gerstner, Kistler, Naud, Paninski, "Neuronal Dynamics" (2014), chapter 9.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, final

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import log_ndtr, ndtr
from jaxtyping import Float

from snn.arguments import Real
from snn.value_object import value_object


def check_positive(owner: object, **values: Any) -> None:
    """Raise ValueError for a Python number that is not positive; arrays are not checked."""
    for name, value in values.items():
        if isinstance(value, int | float) and not value > 0:
            raise ValueError(f"{type(owner).__name__}.{name}: got {value}, expected a number > 0.")


class Positive:
    """A value object whose numbers must be positive."""

    def __post_init__(self) -> None:
        check_positive(self, **vars(self))


def check_escape(owner: object, *noises: Any) -> None:
    """Raise TypeError unless all are escape noises."""
    for noise in noises:
        if not isinstance(noise, EscapeNoise):
            got, right = f"{type(owner).__name__}.escape: got {noise!r}", "snn.escape.Sigmoid(10.0)"
            raise TypeError(f"{got}, expected an escape noise, such as {right}.")


class EscapeNoise(ABC):
    """Interface of an escape noise, five functions of the potential minus threshold ``v``.

    ``v`` is dimensionless and has any shape, and so have the results. The last four functions
    follow from `prob`, but each class writes them out because their textbook forms cancel or
    overflow. All are finite for finite v, except `log_prob` of an impossible outcome.

    A refractory neuron has v = -inf. There the probability and the slope are 0, silence has the
    log-probability 0, and the ratios are finite, so that impossible spikes give no NaN.

    Couplings, enumeration, the score function and matched surrogates use only these functions.
    Concrete classes are final value objects.
    """

    @abstractmethod
    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the firing probability p(v), in [0, 1], non-decreasing."""

    @abstractmethod
    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the derivative p'(v), non-negative, in 1/potential."""

    @abstractmethod
    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the log-probability of ``s`` (1 spike, 0 silence); -inf if impossible."""

    @abstractmethod
    def slope_over_prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return p'/p, the derivative of log p, in 1/potential; 0 where p is constant."""

    @abstractmethod
    def slope_over_silence(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return p'/(1-p), minus the derivative of log(1-p), in 1/potential; 0 for constant p."""


@final
@value_object
class Sigmoid(Positive, EscapeNoise):
    r"""Logistic escape noise, :math:`p = 1/(1+e^{-\beta v})`, slope :math:`\beta p (1-p)`.

    Attributes:
        beta: slope parameter, 1/potential; p' has the peak beta/4.
    """

    beta: Real = 10.0

    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jax.nn.sigmoid(self.beta * v)

    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.beta * jax.nn.sigmoid(self.beta * v) * jax.nn.sigmoid(-self.beta * v)

    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        return jax.nn.log_sigmoid((2 * s - 1) * self.beta * v)

    def slope_over_prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.beta * jax.nn.sigmoid(-self.beta * v)

    def slope_over_silence(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.beta * jax.nn.sigmoid(self.beta * v)


@final
@value_object
class SuperSpike(Positive, EscapeNoise):
    r"""Escape noise shaped like SuperSpike, :math:`p = (1 + \beta v/(1+\beta|v|))/2`.

    Its slope, :math:`\frac{\beta}{2} (1+\beta|v|)^{-2}`, is a probability density, and beta/2 times
    the unnormalised surrogate derivative of the same name in `snn.surrogate`.

    Attributes:
        beta: slope parameter, 1/potential; p' has the peak beta/2.
    """

    beta: Real = 10.0

    def _tail(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        # Probability of the less likely outcome. The textbook form cancels, and `abs` has no
        # derivative at v = 0.
        return 0.5 / (1 + self.beta * jnp.where(v < 0, -v, v))

    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(v < 0, self._tail(v), 1 - self._tail(v))

    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return 2 * self.beta * self._tail(v) ** 2

    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        towards = (2 * s - 1) * v  # 1 - p(v) = p(-v)
        tail = self._tail(towards)
        return jnp.where(towards < 0, jnp.log(tail), jnp.log1p(-tail))

    def slope_over_prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(v < 0, 2 * self.beta * self._tail(v), self.slope(v) / self.prob(v))

    def slope_over_silence(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.slope_over_prob(-v)


@final
@value_object
class Exponential(Positive, EscapeNoise):
    r"""Exponential escape noise clipped at one, :math:`p = \min(1, \rho_0 e^{v/\Delta_u})`.

    Clipped from :math:`v = -\Delta_u \ln \rho_0` on (0.4055 delta_u at the default), where the
    slope is 0. :math:`p'/(1-p)` diverges towards the clip.

    Attributes:
        delta_u: width of the exponential, potential.
        rho0: firing probability at threshold.
    """

    delta_u: Real = 0.133
    rho0: Real = 2 / 3

    def _log_unclipped(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return v / self.delta_u + jnp.log(self.rho0)

    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.exp(jnp.minimum(self._log_unclipped(v), 0.0))

    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(self._log_unclipped(v) < 0, self.prob(v) / self.delta_u, 0.0)

    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        x = self._log_unclipped(v)
        below = jnp.where(x < 0, x, -1.0)  # keeps the unused branch's derivative finite
        silent = jnp.where(x < 0, jnp.log(-jnp.expm1(below)), -jnp.inf)
        return jnp.where(s > 0.5, jnp.minimum(x, 0.0), silent)

    def slope_over_prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(self._log_unclipped(v) < 0, 1 / self.delta_u, 0.0).astype(v.dtype)

    def slope_over_silence(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        x = self._log_unclipped(v)
        below = jnp.where(x < 0, x, -1.0)
        return jnp.where(x < 0, 1 / (self.delta_u * jnp.expm1(-below)), 0.0)


@final
@value_object
class Gaussian(Positive, EscapeNoise):
    r"""Gaussian escape noise (probit), :math:`p = \Phi(v/\sigma)`, slope a normal density.

    Attributes:
        sigma: standard deviation of the threshold, potential; the slope's peak is 0.3989/sigma.
    """

    sigma: Real = 0.1

    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return ndtr(v / self.sigma)

    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jax.scipy.stats.norm.pdf(v / self.sigma) / self.sigma

    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        return _log_ndtr((2 * s - 1) * v / self.sigma)

    def slope_over_prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        # The ratio grows without bound towards v = -inf, where a spike is impossible.
        ratio = _inverse_mills(v / self.sigma) / self.sigma
        return jnp.where(jnp.isneginf(v), 0.0, ratio)

    def slope_over_silence(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.slope_over_prob(-v)


@final
@value_object
class Step(EscapeNoise):
    """Neuron without noise: p = 1 where v > 0 and 0 elsewhere; the slope is 0 everywhere."""

    def prob(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return (v > 0).astype(v.dtype)

    def slope(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.zeros_like(v)

    slope_over_prob = slope_over_silence = slope

    def log_prob(self, v: Float[Array, "..."], s: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where((v > 0) == (s > 0.5), 0.0, -jnp.inf).astype(v.dtype)


def _inverse_mills(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return phi(x)/Phi(x), normal density over normal integral, exact also in the left tail."""
    tail = jnp.where(x < -12, x, -12.0)
    series = jnp.zeros_like(x)
    for k in range(12, -1, -1):  # Phi(x) = phi(x)/|x| (1 - 1/x^2 + 3/x^4 - 15/x^6 ...)
        series = 1 - (2 * k + 1) / tail**2 * series
    body = jnp.where(x < -12, 0.0, x)
    ratio = jnp.exp(jax.scipy.stats.norm.logpdf(body) - log_ndtr(body))
    return jnp.where(x < -12, -tail / series, ratio)


@jax.custom_jvp
def _log_ndtr(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """`log_ndtr` with a derivative that stays finite in the far left tail in float32."""
    return log_ndtr(x)


@_log_ndtr.defjvp
def _log_ndtr_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return _log_ndtr(x), _inverse_mills(x) * dx
