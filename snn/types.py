"""The vocabulary every other module speaks: noise, networks, traces, runs and estimates."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from jax import Array

from snn.escape import EscapeNoise

Params: TypeAlias = Any
"""A pytree of floating point arrays: the only thing that is differentiated."""


class LayerTrace(NamedTuple):
    """What happened at the spike sites of one layer in one trial.

    Attributes:
        v: membrane potential minus threshold, dimensionless, ``(neuron,)`` or ``(time, neuron)``.
        s: spikes (or their mean, for the smoothed network), same shape.
        escape: the layer's escape noise, from which probabilities follow.
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
        return self.escape.log_prob(self.v, self.s)


Trace: TypeAlias = tuple[LayerTrace, ...]
"""One `LayerTrace` per spiking layer, input side first. Unused parts cost nothing under jit."""


class Run(NamedTuple):
    """One trial: its scalar loss, the network's output, and the trace of all spike sites."""

    loss: Array
    output: Array
    trace: Trace


@runtime_checkable
class Noise(Protocol):
    """A source of one uniform number per spike site."""

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Uniform numbers of a layer at time step ``t`` (None: a network without time)."""
        ...


@runtime_checkable
class Network(Protocol):
    """A network of spiking units: pure, and ignorant of losses and derivatives."""

    def __call__(self, params: Params, x: Array, noise: Noise, spike: Any) -> tuple[Array, Trace]:
        """Run one trial on input ``x``."""
        ...


class Estimate(NamedTuple):
    """What an estimator returns.

    Attributes:
        grad: estimate of the gradient of the expected loss, same structure as the parameters. From
            ``estimator(...)`` it is the mean over trials; from ``estimator.per_trial(...)`` every
            leaf has a leading trial axis.
        loss: the loss that was seen, mean or per trial likewise.
        n_evaluations: evaluations of the program per trial. The reverse pass is not counted.
    """

    grad: Params
    loss: Array
    n_evaluations: Array | int
