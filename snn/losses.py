r"""Losses of a network's output: callable pytrees, output to scalar.

Outputs are spikes, ``(neuron,)`` or ``(time, neuron)``; the spikes of the smoothed network are
numbers in [0, 1]. Those of classifiers are potentials, ``(time, *batch, class)``, and their loss is
the mean over the batch.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.arguments import Real, checked
from snn.neurons import psp
from snn.value_object import value_object


@value_object
class Linear:
    """Weighted sum of the output; with the default weight, the number of output spikes.

    With a one-hot weight it is one output spike, so that its expected gradient is the derivative
    of a firing probability.

    Attributes:
        weight: a scalar, or an array that broadcasts against the output.
    """

    weight: Real = 1.0

    def __call__(self, output: Float[Array, "..."]) -> Float[Array, ""]:
        return jnp.sum(self.weight * output)


@value_object
class Squared:
    r"""Half the squared distance to a target, :math:`\frac12 \sum (S - z)^2`: the L2 loss.

    Attributes:
        target: array in the shape of the output.
    """

    target: Array

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
        """Transpose `filtered`: the signal of now and later, weighted by the kernel."""
        return self.filtered(signal[::-1])[::-1]

    def __call__(self, output: Float[Array, "time neuron"]) -> Float[Array, ""]:
        return 0.5 * jnp.mean(jnp.sum(self.filtered(output - self.target) ** 2, axis=0))


@value_object
class MaxOverTime:
    r"""Cross-entropy of each class's maximum over time, :math:`-\log softmax(\max_t u[t])_y`.

    Attributes:
        label: the class of each sample, integers ``(*batch,)``.
    """

    label: Array

    def scores(self, output: Float[Array, "time *batch class"]) -> Float[Array, "*batch class"]:
        """Logits of the classes; the largest is the answer."""
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
        """Logits of the classes; the largest is the answer."""
        return jax.nn.softmax(output, axis=-1).sum(axis=0)

    def __call__(self, output: Float[Array, "time *batch class"]) -> Float[Array, ""]:
        return _cross_entropy(self.scores(output), self.label)


def _cross_entropy(scores: Float[Array, "*batch class"], label: Array) -> Float[Array, ""]:
    log_p = jax.nn.log_softmax(scores, axis=-1)
    return -jnp.mean(jnp.take_along_axis(log_p, jnp.expand_dims(label, -1), axis=-1))


@checked
def too_many_spikes(
    s: Float[Array, "time *batch neuron"], limit: float | Array
) -> Float[Array, ""]:
    r"""Squared excess of the spike count, :math:`\langle \max(c - limit, 0)^2 \rangle_{batch}`.

    c is the spike count of a sample, averaged over the neurons of the layer.

    Args:
        s: spikes of a layer.
        limit: spikes per neuron that cost nothing.
    """
    count = n_spikes(s) / s.shape[-1]
    return jnp.mean(jax.nn.relu(count - limit) ** 2)


@checked
def n_spikes(s: Float[Array, "time *batch neuron"]) -> Float[Array, "*batch"]:
    """Count the spikes of each sample: all steps, all neurons of a layer."""
    s = s if jnp.issubdtype(s.dtype, jnp.floating) else s.astype(float)
    # Measured: a quarter of the time of `s.sum((0, -1))`, to the same whole number.
    return (s @ jnp.ones(s.shape[-1:], s.dtype)).sum(axis=0)
