r"""Couplings of a Bernoulli variable with its infinitesimally perturbed self.

If p grows by dp, a coupled sample may flip. How the flip is attributed to the two outcomes is a
choice; each coupling weighs the finite difference D = L(s=1) - L(s=0) by a factor c of mean 1:

================ ================================== ==============================
coupling         c                                  flips
================ ================================== ==============================
right            :math:`(1-s)/(1-p)`                silence to spike
left             :math:`s/p`                        spike to silence
two-sided        plain mean of right and left       both ways, equally weighted
straight-through (1-p) right + p left               both ways, weights that give 1
================ ================================== ==============================

All four are unbiased, since E[c] = 1 and D does not depend on s. `weighted_slope` returns
:math:`c\,p'(v)` from ratios that the escape noise computes in a stable form, without a division.

Reference: Arya, Schauer, Schäfer, Rackauckas, "Automatic differentiation of programs with
discrete randomness", NeurIPS 2022.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from jax import Array
from jaxtyping import Float

from snn.escape import EscapeNoise
from snn.value_object import value_object


@runtime_checkable
class Coupling(Protocol):
    """Interface of a coupling."""

    def weighted_slope(self, v: Array, s: Array, escape: EscapeNoise) -> Array:
        """Return the weight c of the coupling times the slope p'(v).

        Args:
            v: potential minus threshold, dimensionless, any shape.
            s: spikes, 0 or 1, same shape.
            escape: the layer's escape noise.

        Returns:
            The product, in 1/potential, same shape.
        """
        ...


@value_object
class Right:
    """Only silent sites can flip: c = (1-s)/(1-p). Its variance grows where p nears 1."""

    def weighted_slope(
        self, v: Float[Array, "..."], s: Float[Array, "..."], escape: EscapeNoise
    ) -> Float[Array, "..."]:
        """Return (1-s) p'/(1-p)."""
        return (1 - s) * escape.slope_over_silence(v)


@value_object
class Left:
    """Only spikes can flip: c = s/p. Its variance grows where p nears 0."""

    def weighted_slope(
        self, v: Float[Array, "..."], s: Float[Array, "..."], escape: EscapeNoise
    ) -> Float[Array, "..."]:
        """Return s p'/p."""
        return s * escape.slope_over_prob(v)


@value_object
class TwoSided:
    """The plain mean of right and left. Smoothed, it is ReinMax for binary units.

    Reference: Liu, Dong, Liu, Yu, Gao, "Bridging discrete and backpropagation", NeurIPS 2023.
    """

    def weighted_slope(
        self, v: Float[Array, "..."], s: Float[Array, "..."], escape: EscapeNoise
    ) -> Float[Array, "..."]:
        """Return (right + left) / 2."""
        from_right = Right().weighted_slope(v, s, escape)
        from_left = Left().weighted_slope(v, s, escape)
        return (from_right + from_left) / 2


@value_object
class StraightThrough:
    """The mixture (1-p) right + p left, whose weight is 1 in every sample."""

    def weighted_slope(
        self, v: Float[Array, "..."], s: Float[Array, "..."], escape: EscapeNoise
    ) -> Float[Array, "..."]:
        """Return (1-p) right + p left, computed from the two parts and not from the slope."""
        # Not p' itself: then a test that it equals the surrogate gradient would test nothing.
        p = escape.prob(v)
        from_right = Right().weighted_slope(v, s, escape)
        from_left = Left().weighted_slope(v, s, escape)
        return (1 - p) * from_right + p * from_left
