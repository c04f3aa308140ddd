"""Programs: one trial of a network with its input and its loss, without any derivative.

A *program* is any pytree with the signature ``program(params, noise, spike) -> Run``. It receives
its randomness (`snn.noise`) and the meaning of a spike (`snn.spikes`) as arguments, and does not
know how it will be differentiated. For each layer, and each time step if there is time, a network
calls ``xi = noise.draw(layer, t, shape)`` and then ``s = spike(escape, v, xi)``. A *spike site* is
one neuron in one time step; the *trace* has the potentials and spikes of all sites.

Objects of this package are value objects (`snn.value_object`): frozen dataclasses that are pytrees.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from snn.arguments import Key, check_array, check_key
from snn.interop.spike_function import Recorded
from snn.noise import Constant, Shapes, Uniforms
from snn.spikes import FIXED, Spike, threshold
from snn.types import Network, Noise, Params, Run
from snn.value_object import as_pytree, value_object


@value_object
class Program:
    """Trial of a network on an input, with a loss.

    Attributes:
        network: a function ``(params, x, noise, spike) -> (output, trace)``; see `snn.networks`.
            Or a function ``(params, x) -> output`` that makes its spikes with `snn.SpikeFunction`.
        x: the input, in the shape of the network's input.
        loss: a function from the output to a scalar; see `snn.losses`.

    Plain functions are wrapped as pytrees. JAX compares them by identity: define a function once,
    since each new lambda is compiled again.
    """

    network: Network | Callable[..., Any]
    x: Any
    loss: Callable[[Array], Any]

    def __post_init__(self) -> None:
        check_array("Program.x", self.x)
        object.__setattr__(self, "network", as_network(self.network))
        object.__setattr__(self, "loss", as_pytree("loss", self.loss))

    def __call__(self, params: Params, noise: Noise, spike: Any) -> Run:
        """Run one trial.

        Args:
            params: the network's parameters.
            noise: one uniform number per spike site.
            spike: decides how spikes are computed and differentiated.

        Returns:
            The loss, the output, and the trace of all spike sites.

        Raises:
            ValueError: if the loss is not a scalar, or stored noise has another network's shape.
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
        # `draw` checks the shape of a time step alone: noise of more layers or steps would pass.
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


def as_network(network: Any) -> Any:
    """Return a network of four arguments unchanged, and a function of two as `Recorded`.

    Raises:
        TypeError: if there is another number of arguments.
    """
    plain = as_pytree("network", network)
    n = n_arguments(network)
    if n == 4:
        return plain
    if n == 2 and plain is not network:  # `as_pytree` wraps bare functions alone.
        return Recorded(plain)
    name = getattr(network, "__name__", type(network).__name__)
    raise TypeError(
        f"network: got {name} of {n} arguments, expected a network (params, x, noise, "
        f"spike) or a plain function (params, x). A flax.nnx module becomes one by "
        f"snn.from_nnx(module), a function of one time step by snn.Steps(step, state)."
    )


def n_arguments(function: Callable) -> int:
    """Return the number of positional arguments that a callable requires."""
    parameters = inspect.signature(function).parameters.values()
    return sum(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in parameters)


def site_shapes(program: Program, params: Params) -> Shapes:
    """Return the shape of the spike sites of each layer, without running the program."""
    # JAX keeps the trace of a named function: a program is traced once. Thresholds, since a network
    # without noise has no firing probability.
    run = jax.eval_shape(_thresholded, program, params)
    return tuple(layer.v.shape for layer in run.trace)


def _thresholded(program: Program, params: Params) -> Run:
    return program(params, Constant(), Spike(threshold))


def run_fixed(program: Program, params: Params) -> Run:
    """Run a trial with constant noise and without derivatives of spikes, to trace a program.

    ``jax.eval_shape(run_fixed, program, params)`` and ``jax.make_jaxpr(run_fixed)`` trace a program
    once and then reuse the trace, unlike the same calls with a new lambda.

    Returns:
        The loss, the output and the trace of the trial.
    """
    return program(params, Constant(), FIXED)


def draw_noise(program: Program, params: Params, key: Key, n_trials: int) -> Uniforms:
    """Draw independent uniform numbers for ``n_trials`` trials of a program.

    Args:
        program: the program whose spike sites get numbers.
        params: parameters of the program; only their shapes matter.
        key: a JAX random key.
        n_trials: number of trials, the length of the leading axis of every array.

    Returns:
        The noise, with arrays ``(trial, neuron)`` or ``(trial, time, neuron)``, one per layer.

    Raises:
        ValueError: if ``n_trials`` is below 1.
    """
    check_key("draw_noise", key)
    if n_trials < 1:
        raise ValueError(f"n_trials: got {n_trials}, expected at least 1 trial.")
    return Uniforms.sample(key, site_shapes(program, params), n_trials)
