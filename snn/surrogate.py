r"""Surrogate derivatives, which replace the derivative of a spike.

A surrogate derivative is a callable pytree, ``derivative(v, s, escape) -> ds/dv``, of the
potential minus threshold ``v``, the spike ``s`` of the same shape, and the layer's escape noise.
Many derivatives used in practice are not normalised and thus not the slope of an escape noise.
Their scale matters in deep networks. `snn.shapes` has the peak and the width of each.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, runtime_checkable

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn import escape as noises
from snn.arguments import Real
from snn.escape import EscapeNoise, Positive
from snn.value_object import value_object

Values: TypeAlias = Float[Array, "..."]
"""Array of one number per neuron, any shape."""


@runtime_checkable
class SurrogateDerivative(Protocol):
    """Interface of a surrogate derivative; ``v`` is potential minus threshold."""

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        """Return the value used for ds/dv.

        Args:
            v: potential minus threshold, dimensionless, any shape.
            s: spikes, same shape.
            escape: the layer's escape noise, or None where there is none.

        Returns:
            The value, in 1/potential, same shape.
        """
        ...


def require_escape(derivative: SurrogateDerivative, escape: EscapeNoise | None) -> EscapeNoise:
    """Return the escape noise that a derivative needs, or raise ValueError if it is None.

    Args:
        derivative: surrogate derivative, for the message.
        escape: escape noise of the layer, if it has one.

    Returns:
        The escape noise.

    Raises:
        ValueError: if there is none.
    """
    if escape is None:
        raise ValueError(
            f"{derivative} needs the escape noise that it matches: got None, expected an "
            f"EscapeNoise. Pass escape=snn.escape.Sigmoid(beta), or a derivative with a slope "
            f"of its own such as snn.surrogate.SuperSpike(beta)."
        )
    return escape


@value_object
class Matched:
    """Slope of the layer's own escape noise, for which the theory holds.

    The integral is 1 (0 for `snn.escape.Step`).
    """

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return require_escape(self, escape).slope(v)


@value_object
class SlopeOf:
    """Slope of a chosen escape noise, whatever the layer's own noise.

    Attributes:
        noise: the escape noise, such as ``snn.escape.SuperSpike(10.0)``.
    """

    noise: EscapeNoise

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return self.noise.slope(v)


@value_object
class SuperSpike(Positive):
    r"""SuperSpike, :math:`(1+\beta|v|)^{-2}`, without normalisation, as in practice.

    Reference: Zenke and Ganguli, "SuperSpike", Neural Computation 30(6), 2018.

    Attributes:
        beta: slope parameter, 1/potential.
    """

    beta: Real = 10.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return (1 + self.beta * jnp.abs(v)) ** -2


@value_object
class Sigmoid(Positive):
    r"""Derivative of a sigmoid, :math:`\beta p (1-p)` with :math:`p = 1/(1+e^{-\beta v})`.

    The slope of `snn.escape.Sigmoid` with the same parameter.

    Attributes:
        beta: slope parameter, 1/potential.
    """

    beta: Real = 10.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return noises.Sigmoid(self.beta).slope(v)


@value_object
class ScaledSigmoid(Positive):
    r"""Derivative of a sigmoid without its slope factor, :math:`p (1-p)`.

    Attributes:
        beta: slope parameter, 1/potential.
    """

    beta: Real = 10.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return jax.nn.sigmoid(self.beta * v) * jax.nn.sigmoid(-self.beta * v)


@value_object
class Arctan(Positive):
    r"""Derivative of an arctangent, :math:`\frac{\alpha}{2} / (1 + (\frac{\pi}{2} \alpha v)^2)`.

    The density of Cauchy noise. It has tails like :math:`1/v^2`, as SuperSpike.

    Reference: Fang et al., "Incorporating learnable membrane time constant to enhance learning of
    spiking neural networks", ICCV 2021.

    Attributes:
        alpha: slope parameter, 1/potential.
    """

    alpha: Real = 2.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return self.alpha / 2 / (1 + (jnp.pi / 2 * self.alpha * v) ** 2)


@value_object
class Triangle(Positive):
    r"""Triangle, :math:`\max(0, 1 - \beta|v|)`, without normalisation, as in practice.

    0 beyond :math:`1/\beta`, where a neuron does not learn.

    Reference: Esser et al., "Convolutional networks for fast, energy-efficient neuromorphic
    computing", PNAS 113(41), 2016.

    Attributes:
        beta: slope parameter, 1/potential.
    """

    beta: Real = 1.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return jnp.maximum(0.0, 1 - self.beta * jnp.abs(v))


@value_object
class Box(Positive):
    r"""Box, :math:`1/w` where :math:`|v| < w/2` and 0 beyond: the density of uniform noise.

    The straight-through derivative, 1 everywhere, has the value of a box of width 1 without the
    edges.

    Attributes:
        width: w, potential.
    """

    width: Real = 1.0

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return jnp.where(jnp.abs(v) < self.width / 2, 1 / self.width, 0.0).astype(v.dtype)


@value_object
class Gaussian(Positive):
    r"""Normal density, :math:`\exp(-v^2/2\sigma^2) / (\sqrt{2\pi} \sigma)`.

    The slope of `snn.escape.Gaussian` with the same parameter.

    Attributes:
        sigma: standard deviation, potential.
    """

    sigma: Real = 0.1

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return noises.Gaussian(self.sigma).slope(v)


@value_object
class MultilayerSpiker(Positive):
    r"""Spike divided by the width of exponential escape noise, :math:`s/\Delta_u`.

    Non-zero only where the neuron fired, and there constant. The mean given v is
    :math:`p(v)/\Delta_u`. Below the clip, the mean equals the slope of exponential escape noise,
    and the integral is 1. Above the clip the slope is 0, but the mean is not.

    Reference: Gardner, Sporea, Grüning, Neural Computation 27(12), 2015.

    Attributes:
        delta_u: width of the exponential escape noise, potential.
    """

    delta_u: Real = 0.133

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return jax.lax.stop_gradient(s) / self.delta_u


@value_object
class Zero:
    """Derivative 0, which makes spikes constants of the differentiation."""

    def __call__(self, v: Values, s: Values, escape: EscapeNoise | None) -> Values:
        return jnp.zeros_like(v)
