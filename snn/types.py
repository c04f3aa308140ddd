"""The vocabulary every other module speaks: what a program is, and what an estimator returns.

A *program* is any pytree with the signature ``program(params, noise, spike) -> Run``. It is
one trial of a network and its loss. It receives its randomness (`snn.noise`) and the meaning of
a spike (`snn.spike`) as arguments, and never knows how it will be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import jax.numpy as jnp
from jax import Array

from snn.spike_function import as_network, as_pytree
from snn.trace import LayerTrace as LayerTrace
from snn.trace import Trace as Trace
from snn.uniforms import Uniforms
from snn.value_object import value_object

Params: TypeAlias = Any
"""A pytree of arrays: the only thing that is differentiated."""


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
        """Runs one trial on input ``x``."""
        ...


@value_object
class Program:
    """A network, its input and the loss of its output, as one differentiable trial.

    Attributes:
        network: maps ``(params, x, noise, spike)`` to ``(output, trace)``; see `snn.networks`. Or a
            function ``(params, x)`` to the output, in which `snn.SpikeFunction` makes the spikes.
        x: the input, in the shape that the network asks for.
        loss: output to scalar; see `snn.losses`.

    Plain functions are wrapped as pytrees. Like any argument of a jitted function they are told
    apart by identity: define one once, since each new lambda is compiled again.
    """

    network: Network | Callable[..., Any]
    x: Array
    loss: Callable[[Array], Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", as_network(self.network))
        object.__setattr__(self, "loss", as_pytree("loss", self.loss))

    def __call__(self, params: Params, noise: Noise, spike: Any) -> Run:
        """Runs the network once under the given noise and meaning of a spike.

        Raises:
            ValueError: if the loss is not a scalar, or stored noise is another network's.
            TypeError: if the network does not return an output and a trace.
        """
        result = self.network(params, self.x, noise, spike)
        if not (
            isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple | list)
        ):
            raise TypeError(
                f"network: got {type(result).__name__} from a network (params, x, noise, spike), "
                f"expected (output, trace), the trace a tuple with a snn.types.LayerTrace(v, s, "
                f"escape) for each spiking layer."
            )
        output, trace = result
        if isinstance(noise, Uniforms):
            noise.check(tuple(layer.v.shape for layer in trace))
        loss = self.loss(output)
        if jnp.shape(loss) != ():
            raise ValueError(
                f"loss: got an array of shape {jnp.shape(loss)} of an output of shape "
                f"{jnp.shape(output)}, expected one number for a trial. Sum or average it in the "
                f"loss."
            )
        return Run(loss, output, trace)


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
