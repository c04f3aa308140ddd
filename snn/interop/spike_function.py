r"""Networks of other libraries, and plain functions, without changes to their code.

Libraries take the function that makes spikes as an argument: spyx ``activation=``, jaxpike
``surrogate=``, slax and snnax ``spike_fn=``. If that function is a `SpikeFunction`, the program
decides whether spikes are sampled, thresholded or averaged, supplies the noise, and records the
trace.

The calls of one forward pass are the layers, in the order of the calls. A library may compute a
spike twice, once for the output and once for the reset. Two calls are therefore the same spike,
with one site and one random number, if their potentials are the same expression of the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jax.extend.core import Literal
from jaxtyping import Float

from snn.escape import EscapeNoise, Sigmoid, check_escape
from snn.spikes import Spike, spike
from snn.surrogate import Matched
from snn.types import LayerTrace, Trace
from snn.value_object import as_pytree, value_object


@value_object
class SpikeFunction:
    """Spike function for networks of other libraries, ``potential - threshold -> spike``.

    Outside a program the function is a step whose derivative is the slope of the escape noise.

    Attributes:
        escape: escape noise of the neurons.
    """

    escape: EscapeNoise = Sigmoid()

    def __post_init__(self) -> None:
        check_escape(self, self.escape)

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the spikes, same shape as ``v``."""
        recorder = _recorder.get()
        if recorder is None:
            return spike(v, Matched(), escape=self.escape)
        return recorder(v, self.escape)


@value_object
class Recorded:
    """Network that calls a function ``(params, x) -> output``; each spike call is a layer.

    Loops are unrolled, including `jax.lax.scan`. With more than about ten steps, `Steps` compiles
    faster.

    Attributes:
        function: function that computes the output and makes its spikes with `SpikeFunction`.
    """

    function: Callable[..., Any]

    def __call__(self, params: Any, x: Any, noise: Any, spike: Any) -> tuple[Any, Trace]:
        """Run one trial, and return the output and the trace."""
        sites = _find_sites(self.function, params, x)
        output, calls = _record(Recorder(noise, spike, None, sites), self.function, params, x)
        return output, tuple(calls[first] for first in sites.firsts)


@value_object
class Steps:
    """Network that calls a function of one time step in a scan over the steps of the input.

    Attributes:
        step: function ``(params, state, x[t]) -> (state, output)`` that makes its spikes with
            `SpikeFunction`. The input may be a pytree of arrays with a leading axis of time.
        state: the state before the first step, of one trial.
    """

    step: Callable[..., Any]
    state: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", as_pytree("step", self.step))

    def __call__(self, params: Any, x: Any, noise: Any, spike: Any) -> tuple[Any, Trace]:
        """Run one trial, and return the outputs of all steps and the trace."""
        sites = _find_sites(self.step, params, self.state, jax.tree.map(lambda leaf: leaf[0], x))
        _check_step(self.state, sites.out)
        # Libraries start from float32 zeros; a loop's state must have one type throughout.
        start = jax.tree.map(lambda s, like: jnp.asarray(s, like.dtype), self.state, sites.out[0])

        def body(state: Any, inputs: tuple[Array, Any]) -> tuple[Any, Any]:
            t, x_t = inputs
            recorder = Recorder(noise, spike, t, sites)
            (state, output), calls = _record(recorder, self.step, params, state, x_t)
            return state, (output, [(calls[first].v, calls[first].s) for first in sites.firsts])

        _, (output, sampled) = jax.lax.scan(
            body, start, (jnp.arange(len(jax.tree.leaves(x)[0])), x)
        )
        layers = zip(sampled, sites.escapes, strict=True)
        return output, tuple(LayerTrace(v, s, escape) for (v, s), escape in layers)


def _check_step(state: Any, out: Any) -> None:
    expected = "expected (state, output), the state like the one before the step"
    if not (isinstance(out, tuple | list) and len(out) == 2):
        got = f"{len(out)} values" if isinstance(out, tuple | list) else "one value"
        raise TypeError(f"step: got {got} from a step (params, state, x[t]), {expected}.")
    before, after = (jax.tree.map(jnp.shape, tree) for tree in (state, out[0]))
    if before != after:
        raise TypeError(
            f"step: got a state of shape {after} after a step and {before} before it, {expected}. "
            f"A flax.nnx module returns (output, state): snn.from_nnx takes it as it is."
        )


class Sites(NamedTuple):
    """Assignment of the calls of spike functions to layers.

    Attributes:
        layers: layer of each call.
        firsts: first call of each layer.
        escapes: escape noise of each layer.
        out: shapes and types of the function's results.
    """

    layers: tuple[int, ...]
    firsts: tuple[int, ...]
    escapes: tuple[EscapeNoise, ...]
    out: Any


class Recorder:
    """Make the spikes of a forward pass, and record potentials and spikes."""

    def __init__(self, noise: Any, spike: Any, t: Any, sites: Sites | None) -> None:
        self.noise, self.spike, self.t, self.sites = noise, spike, t, sites
        self.calls: list[LayerTrace] = []

    def __call__(self, v: Array, escape: EscapeNoise) -> Array:
        if self.sites is None:
            xi = jnp.full(v.shape, 0.5, v.dtype)
        else:
            xi = self.noise.draw(self.sites.layers[len(self.calls)], self.t, v.shape)
        s = self.spike(escape, v, xi)
        self.calls.append(LayerTrace(v, s, escape))
        return s


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


def _record(recorder: Recorder, function: Callable, *args: Any) -> tuple[Any, list[LayerTrace]]:
    """Call a function whose spikes the recorder makes.

    Compilation is disabled: spikes inside compiled parts and loops could not be recorded, and JAX
    would take the result of a second call from its cache without calling the recorder.
    """
    token = _recorder.set(recorder)
    try:
        with jax.disable_jit():
            output = function(*args)
    finally:
        _recorder.reset(token)
    return output, recorder.calls


def _find_sites(function: Callable, *args: Any) -> Sites:
    """Trace a function without running it, and find its calls of spike functions.

    Raises:
        ValueError: if there are none, or if a transformation inside the function hides them.
    """
    escapes: list[EscapeNoise] = []

    def potentials(*args: Any) -> tuple[list[Array], Any]:
        output, calls = _record(Recorder(None, Spike(), None, None), function, *args)
        escapes[:] = [call.escape for call in calls]
        return [call.v for call in calls], output

    jaxpr, (_, out) = jax.make_jaxpr(potentials, return_shape=True)(*args)
    consts = zip(jaxpr.jaxpr.constvars, jaxpr.consts, strict=True)
    elsewhere = {id(var) for var, const in consts if isinstance(const, Tracer)}
    if any(id(var) in elsewhere for var in jaxpr.jaxpr.outvars[: len(escapes)]):
        raise ValueError(
            "SpikeFunction: got a call inside vmap, checkpoint or another transformation of the "
            "network, out of which its potentials cannot be kept, expected one in plain code or a "
            "loop. Write the network for one trial without a batch, or step by step: snn.Steps."
        )
    if not escapes:
        raise ValueError(
            "network: got a function that calls no snn.SpikeFunction, expected a call for each "
            "spiking layer. Hand it to the network: activation= in spyx, surrogate= in jaxpike, "
            "spike_fn= in slax and snnax."
        )
    numbers: dict[Any, int] = {}
    layers = [
        numbers.setdefault(
            (expression, *map(id, jax.tree.leaves(escape)), type(escape)), len(numbers)
        )
        for expression, escape in zip(_same_expressions(jaxpr, len(escapes)), escapes, strict=True)
    ]
    firsts = [layers.index(layer) for layer in range(len(numbers))]
    return Sites(tuple(layers), tuple(firsts), tuple(escapes[k] for k in firsts), out)


def _same_expressions(traced: Any, n: int) -> list[int]:
    """Return a number for each of the first n outputs, equal for equal expressions.

    The method is value numbering. Inputs and constants are numbered, and equal operations on equal
    numbers with equal parameters get one number. Operations that contain functions are considered
    to be all different.

    Args:
        traced: result of `jax.make_jaxpr`.
        n: number of outputs to compare.
    """
    jaxpr, table = traced.jaxpr, {}

    def number(key: Any) -> int:
        return table.setdefault(key, len(table))

    number_of = {var: number(("input", k)) for k, var in enumerate(jaxpr.invars)}
    number_of |= {
        var: number(("constant", id(const)))
        for var, const in zip(jaxpr.constvars, traced.consts, strict=True)
    }

    def value(atom: Any) -> int:
        if not isinstance(atom, Literal):
            return number_of[atom]
        return number(("literal", atom.aval, np.asarray(atom.val).tobytes()))

    for eqn in jaxpr.eqns:
        key = (eqn.primitive, tuple(sorted(eqn.params.items())), *map(value, eqn.invars))
        try:
            hash(key)
        except TypeError:
            key = (id(eqn),)
        for k, var in enumerate(eqn.outvars):
            number_of[var] = number((key, k))
    return [value(atom) for atom in jaxpr.outvars[:n]]
