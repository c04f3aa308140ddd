"""Types of noise, networks, traces, trials and estimates."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import jax.numpy as jnp
from jax import Array

from snn.escape import EscapeNoise

Params: TypeAlias = Any
"""A pytree of floating point arrays: the variables of the gradient."""


class LayerTrace(NamedTuple):
    """Potentials and spikes of one layer in one trial.

    Attributes:
        v: membrane potential minus threshold, dimensionless, ``(neuron,)`` or ``(time, neuron)``.
        s: spikes (or their mean, for the smoothed network), same shape.
        escape: the layer's escape noise, which gives the probabilities.
    """

    v: Array
    s: Array
    escape: EscapeNoise

    @property
    def p(self) -> Array:
        """Firing probability of each site given its potential, same shape as ``v``."""
        return self.escape.prob(self.v)

    @property
    def log_prob(self) -> Array:
        """Log-probability of each site's outcome given its potential, same shape as ``v``."""
        # At v = -inf it is constant: a derivative by a slope would be 0 times infinity.
        refractory = jnp.isneginf(self.v)
        log = self.escape.log_prob(jnp.where(refractory, 0.0, self.v), self.s)
        return jnp.where(refractory, jnp.where(self.s > 0.5, -jnp.inf, 0.0), log)


Trace: TypeAlias = tuple[LayerTrace, ...]
"""A `LayerTrace` per spiking layer, input side first; unused parts cost nothing under jit."""


class Run(NamedTuple):
    """Scalar loss, network output, and trace of all spike sites of a trial."""

    loss: Array
    output: Array
    trace: Trace


@runtime_checkable
class Noise(Protocol):
    """Interface of a source of one uniform number per spike site."""

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return the uniform numbers of a layer.

        Args:
            layer: index of the layer, input side first.
            t: time step, or None in a network without time.
            shape: shape of the result, ``(neuron,)`` or with batch axes.
        """
        ...


@runtime_checkable
class Network(Protocol):
    """Interface of a network, a pure function that does not define losses or derivatives."""

    def __call__(self, params: Params, x: Array, noise: Noise, spike: Any) -> tuple[Array, Trace]:
        """Run one trial on the input ``x``, and return the output and the trace."""
        ...


class Estimate(NamedTuple):
    """Result of a gradient estimator.

    Attributes:
        grad: estimate of the gradient of the expected loss, same structure as the parameters. From
            ``estimator(...)`` it is the mean over trials; from ``estimator.per_trial(...)`` every
            leaf has a leading trial axis.
        loss: loss of the same trials, also the mean or per trial.
        n_evaluations: number of forward passes per trial. Reverse passes do not count.
    """

    grad: Params
    loss: Array
    n_evaluations: Array | int
