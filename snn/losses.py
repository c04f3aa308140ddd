r"""Losses of a network's output: callable pytrees, output to scalar.

Outputs are spikes, ``(neuron,)`` or ``(time, neuron)``; the spikes of the smoothed network are
numbers in [0, 1]. Outputs of classifiers are potentials, ``(time, *batch, class)``, and their loss
is the mean over the batch.

Spikes are 0 or 1, so the values of a loss between 0 and 1 are a choice: see `Between`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Float

from snn.arguments import Real
from snn.neurons import psp
from snn.value_object import value_object


@value_object
class Linear:
    """Weighted sum of the output; with the default weight, the number of output spikes.

    With a one-hot weight the loss is one output spike, and the gradient of its expectation is the
    derivative of a firing probability.

    Attributes:
        weight: a scalar, or an array that broadcasts against the output.
    """

    weight: Real = 1.0

    def curvature(self, output: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the second derivative with respect to each output: 0."""
        return jnp.zeros_like(output)

    def __call__(self, output: Float[Array, "..."]) -> Float[Array, ""]:
        return jnp.sum(self.weight * output)


@value_object
class Squared:
    r"""Half the squared distance to a target, :math:`\frac12 \sum (S - z)^2`: the L2 loss.

    Attributes:
        target: array in the shape of the output.
    """

    target: Array

    def curvature(self, output: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the second derivative with respect to each output: 1."""
        return jnp.ones_like(output)

    def __call__(self, output: Float[Array, "..."]) -> Float[Array, ""]:
        if jnp.shape(self.target) != output.shape:
            raise ValueError(
                f"Squared: got a target of shape {jnp.shape(self.target)}, expected that of the "
                f"output, {output.shape}."
            )
        return 0.5 * jnp.sum((output - self.target) ** 2)


@value_object
class VanRossum:
    r"""Van Rossum distance, :math:`\frac12\sum_t (\epsilon * S - \epsilon * z)^2`, mean of outputs.

    The kernel is :math:`\epsilon(t) = a (e^{-t/\tau_{mem}} - e^{-t/\tau_{syn}})`.

    Reference: van Rossum, Neural Computation 13(4), 2001.

    Attributes:
        target: target spike trains, ``(time, neuron)``.
        tau_mem: slow time constant of the kernel, s.
        tau_syn: fast time constant of the kernel, s.
        dt: time step, s.
        amplitude: a, the kernel's scale.
    """

    target: Array
    tau_mem: Real = 10e-3
    tau_syn: Real = 5e-3
    dt: Real = 1e-3
    amplitude: Real = 1.0

    def filtered(self, spikes: Float[Array, "time neuron"]) -> Float[Array, "time neuron"]:
        """Spike trains convolved with the kernel, causally."""
        return self.amplitude * psp(spikes, self.tau_mem, self.tau_syn, self.dt)

    def correlated(self, signal: Float[Array, "time neuron"]) -> Float[Array, "time neuron"]:
        """Apply the transpose of `filtered`, which weighs present and later values."""
        return self.filtered(signal[::-1])[::-1]

    def curvature(self, output: Float[Array, "time neuron"]) -> Float[Array, "time neuron"]:
        r"""Return the second derivative with respect to each spike.

        It is the energy of the filtered spike until the end of the trial, over the number of
        outputs.
        """
        trace = self.filtered(jnp.zeros_like(output).at[0].set(1.0))
        return jnp.cumsum(trace**2, axis=0)[::-1] / output.shape[1]

    def __call__(self, output: Float[Array, "time neuron"]) -> Float[Array, ""]:
        return 0.5 * jnp.mean(jnp.sum(self.filtered(output - self.target) ** 2, axis=0))


@value_object
class Between:
    r"""Loss with the values of another loss on spikes, but another curvature between them.

    .. math::
        F_\lambda(s) = F(s) + \frac{\lambda - 1}{2} \sum_i c_i (s_i^2 - s_i), \qquad
        c_i = \frac{\partial^2 F}{\partial s_i^2} .

    The sum is 0 if every output is 0 or 1. The values, the exact gradient and all estimates that
    use only values are therefore the same as for F. Estimators that differentiate F at the spikes,
    such as surrogate gradients, are affine in :math:`\lambda`.

    :math:`\lambda = 1` gives F. :math:`\lambda = 0` gives the multilinear extension of F, which is
    the expectation of F over independent spikes with the probabilities s.

    Attributes:
        loss: F, at most quadratic: `Squared`, `VanRossum` or `Linear`.
        lam: :math:`\lambda`.
    """

    loss: Any
    lam: Real = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.loss, Linear | Squared | VanRossum):
            raise TypeError(
                f"Between.loss: got {self.loss!r}, expected a loss of spikes that is at most "
                f"quadratic: Linear, Squared or VanRossum. Write the multilinear extension of "
                f"another one as a function of the output."
            )
        if not isinstance(self.lam, Tracer) and not np.isfinite(self.lam).all():
            raise ValueError(
                f"Between.lam: got {self.lam}, expected a finite number: 1 for the loss as it is, "
                f"0 for its multilinear extension."
            )

    def __call__(self, output: Float[Array, "..."]) -> Float[Array, ""]:
        beside = jnp.sum(self.loss.curvature(output) * (output**2 - output))
        return self.loss(output) + (self.lam - 1) / 2 * beside


@value_object
class MaxOverTime:
    r"""Cross-entropy of each class's maximum over time, :math:`-\log softmax(\max_t u[t])_y`.

    Attributes:
        label: the class of each sample, integers ``(*batch,)``.
    """

    label: Array

    def scores(self, output: Float[Array, "time *batch class"]) -> Float[Array, "*batch class"]:
        """Return the logits of the classes; the largest is the answer."""
        return output.max(axis=0)

    def __call__(self, output: Float[Array, "time *batch class"]) -> Float[Array, ""]:
        return _cross_entropy(self.scores(output), self.label)


@value_object
class SumOverTime:
    r"""Cross-entropy of the summed softmax, :math:`-\log softmax(\sum_t softmax(u[t]))_y`.

    Attributes:
        label: the class of each sample, integers ``(*batch,)``.
    """

    label: Array

    def scores(self, output: Float[Array, "time *batch class"]) -> Float[Array, "*batch class"]:
        """Return the logits of the classes; the largest is the answer."""
        return jax.nn.softmax(output, axis=-1).sum(axis=0)

    def __call__(self, output: Float[Array, "time *batch class"]) -> Float[Array, ""]:
        return _cross_entropy(self.scores(output), self.label)


def _cross_entropy(scores: Float[Array, "*batch class"], label: Array) -> Float[Array, ""]:
    log_p = jax.nn.log_softmax(scores, axis=-1)
    return -jnp.mean(jnp.take_along_axis(log_p, jnp.expand_dims(label, -1), axis=-1))


def too_many_spikes(
    s: Float[Array, "time *batch neuron"], limit: float | Array
) -> Float[Array, ""]:
    r"""Penalise many spikes, by :math:`\langle \max(c - limit, 0)^2 \rangle_{batch}`.

    c is the spike count of a sample, averaged over the neurons of the layer.

    Args:
        s: spikes of a layer, ``(time, *batch, neuron)``.
        limit: spikes per neuron that cost nothing.

    Returns:
        The penalty, a mean over the batch.
    """
    count = n_spikes(s) / s.shape[-1]
    return jnp.mean(jax.nn.relu(count - limit) ** 2)


def too_few_spikes(s: Float[Array, "time *batch neuron"], limit: float | Array) -> Float[Array, ""]:
    r"""Penalise silent neurons, by :math:`\langle \max(limit - c, 0)^2 \rangle`.

    c is the spike count of a neuron in a sample. The mean is over samples and neurons.

    Args:
        s: spikes of a layer, ``(time, *batch, neuron)``.
        limit: spike count from which on the penalty is 0.

    Returns:
        The penalty, a mean over the batch and the neurons of the layer.
    """
    return jnp.mean(jax.nn.relu(limit - s.sum(axis=0)) ** 2)


def n_spikes(s: Float[Array, "time *batch neuron"]) -> Float[Array, "*batch"]:
    """Count the spikes of each sample over all steps and all neurons of a layer."""
    s = s if jnp.issubdtype(s.dtype, jnp.floating) else s.astype(float)
    # A quarter of the time of `s.sum((0, -1))` when measured, with the same whole number.
    return (s @ jnp.ones(s.shape[-1:], s.dtype)).sum(axis=0)
