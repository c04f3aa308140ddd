"""Plain functions as networks, with the spike functions in their code.

A surrogate gradient is declared to the doctor, but the derivative in the network's code trains the
network. Two kinds of spike functions are found while the program is traced: calls of `snn.spike`,
and functions with a derivative of their own (`jax.custom_jvp`, `jax.custom_vjp`) whose values are a
step. `adopted` turns step functions into spikes of the program, under the noise of the program.

A plain function is traced once and then interpreted: each call of a spike function is a layer, and
a `jax.lax.scan` remains a loop whose steps are the layer's axis of time.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, final

import jax
import numpy as np
from jax import Array
from jax.extend.core import ClosedJaxpr, Literal

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, jaxprs_in
from snn.estimators.surrogate import Surrogate
from snn.interop.spike_function import Recorded, SpikeFunction, Steps, _recorder
from snn.noise import Constant
from snn.program import n_arguments
from snn.spikes import FIXED, record_derivatives
from snn.surrogate import Matched, SurrogateDerivative
from snn.types import LayerTrace
from snn.value_object import as_pytree, static, value_object
from snn_tools.jax.problem import Problem
from snn_tools.jax.step_calls import (
    Call,
    closed,
    inlined,
    interpreted,
    name_of,
    parts_of_scan,
    scanned,
    step_call,
)


class Called(NamedTuple):
    """Spike function in a network's code, with its derivative by JAX."""

    name: str
    derivative: SurrogateDerivative


def _delegated(name: str) -> Any:
    return lambda self, *args: getattr(self.escape, name)(*args)


@final
@value_object
class NoiseOfCall(EscapeNoise):
    """Escape noise that also stores the replaced call of a step function."""

    escape: EscapeNoise
    call: Call = static()

    prob = _delegated("prob")
    slope = _delegated("slope")
    log_prob = _delegated("log_prob")
    slope_over_prob = _delegated("slope_over_prob")
    slope_over_silence = _delegated("slope_over_silence")


def slope_in_code(v: Array, s: Array, escape: Any) -> Array:
    """Return the derivative that the network's code has for the layer of this escape noise."""
    if isinstance(escape, NoiseOfCall):
        return escape.call.slope(v, s, escape)
    return Matched()(v, s, escape)


class Marked(NamedTuple):
    """Traced function whose calls of spike functions are known.

    Attributes:
        traced: the program.
        out: structure of its output.
        layers: layer of each call, by id of the equation; equal potentials are one layer.
        calls: first call of each layer.
        escapes: escape noise of each layer; None for a step function of the code.
    """

    traced: ClosedJaxpr
    out: Any
    layers: dict[int, int]
    calls: tuple[Call, ...]
    escapes: tuple[EscapeNoise | None, ...]


@contextmanager
def _marking() -> Iterator[list[EscapeNoise]]:
    """Make each `SpikeFunction` a step function that has a name, and collect their noises."""
    escapes: list[EscapeNoise] = []

    def mark(v: Array, escape: EscapeNoise) -> Array:
        step = lambda v: (v > 0).astype(v.dtype)  # noqa: E731
        step.__name__ = f"{MARK}{len(escapes)}"
        marked = jax.custom_jvp(step)
        marked.defjvp(lambda primals, tangents: (marked(*primals), tangents[0]))
        escapes.append(escape)
        return marked(v)

    token = _recorder.set(mark)  # type: ignore[arg-type]
    try:
        # Otherwise JAX would take the traces of inner functions without marks from its cache, and
        # the user's training those with marks.
        with _CONTEXT(next(_COUNT)):
            yield escapes
    finally:
        _recorder.reset(token)


_CONTEXT = jax.make_user_context(0)
_COUNT = itertools.count(1)
MARK = "snn_spike_function_"


def marked_of(function: Callable[..., Any], args: tuple[Any, ...], steps: bool) -> Marked:
    """Trace a function and number its calls of spike functions.

    Args:
        function: the function.
        args: its arguments.
        steps: whether step functions of the code count, beside `SpikeFunction`.
    """
    with _marking() as escapes:
        traced, out = jax.make_jaxpr(function, return_shape=True)(*args)
    traced = inlined(traced, jax.tree.leaves(args))
    layers: dict[int, int] = {}
    calls: list[Call] = []
    noises: list[EscapeNoise | None] = []
    for jaxpr in _jaxprs(traced.jaxpr):
        numbers = _numbered(jaxpr)
        known: dict[Any, int] = {}
        for eqn in jaxpr.eqns:
            if (call := step_call(eqn)) is None:
                continue
            name = name_of(eqn)
            if not (steps or name.startswith(MARK)):
                continue
            escape = escapes[int(name.removeprefix(MARK))] if name.startswith(MARK) else None
            own = id(escape) if escape is not None else name
            key = own, *(_number(var, numbers) for var in eqn.invars)
            layer = known.setdefault(key, len(calls))
            layers[id(eqn)] = layer
            if layer == len(calls):
                calls.append(call)
                noises.append(escape)
    return Marked(traced, jax.tree.structure(out), layers, tuple(calls), tuple(noises))


def _jaxprs(jaxpr: Any) -> Any:
    """Yield a program and all programs inside, except inside of spike functions."""
    yield jaxpr
    for eqn in jaxpr.eqns:
        if step_call(eqn) is None:
            for inner in jaxprs_in(eqn):
                yield from _jaxprs(inner)


def _number(var: Any, numbers: dict[Any, int]) -> Any:
    if isinstance(var, Literal):
        return str(var.aval), np.asarray(var.val).tobytes()
    return numbers[var]


def _numbered(jaxpr: Any) -> dict[Any, int]:
    """Give equal expressions of a program the same number."""
    numbers: dict[Any, int] = {}
    table: dict[Any, int] = {}
    for var in (*jaxpr.constvars, *jaxpr.invars):
        numbers[var] = len(table)
        table[id(var)] = len(table)
    for eqn in jaxpr.eqns:
        operands = tuple(_number(var, numbers) for var in eqn.invars)
        key: Any = (eqn.primitive, tuple(sorted(eqn.params.items())), operands)
        try:
            hash(key)
        except TypeError:
            key = id(eqn)
        for k, var in enumerate(eqn.outvars):
            numbers[var] = table.setdefault((key, k), len(table))
    return numbers


@value_object
class Plain:
    """Network that calls a function ``(params, x) -> output``; each spike call is a layer.

    Attributes:
        function: the function.
        escape: escape noise of the step functions in its code; None if they are no spikes.
        calls: calls of its step functions, with the operands that `with_operands` recorded.
    """

    function: Callable[..., Any]
    escape: EscapeNoise | None = None
    calls: tuple[Call, ...] = static(default=())

    def __call__(self, params: Any, x: Any, noise: Any, spike: Any) -> tuple[Any, Any]:
        """Run one trial, and return the output and the trace.

        Raises:
            ValueError: if the function has no spikes, or spikes in a `while` loop or a branch.
        """
        marked = marked_of(self.function, (params, x), self.escape is not None)
        refuse_hidden(marked)
        escapes = []
        for call, escape in zip(self.calls or marked.calls, marked.escapes, strict=True):
            own: Any = self.escape
            escapes.append(escape if escape is not None else NoiseOfCall(own, call))

        def evaluate(traced: Any, args: list[Any], t: Any) -> tuple[list[Any], dict[int, Any]]:
            sites: dict[int, Any] = {}

            def changed(eqn: Any, values: list[Any]) -> list[Any] | None:
                if (layer := marked.layers.get(id(eqn))) is None:
                    return None
                if layer not in sites:
                    call = marked.calls[layer]
                    v = values[call.operand] - call.threshold
                    sites[layer] = v, spike(escapes[layer], v, noise.draw(layer, t, v.shape))
                return [sites[layer][1]]

            def loop(eqn: Any, values: list[Any]) -> list[Any] | None:
                if not spikes_in(eqn, marked):
                    return None
                if t is not None:
                    raise ValueError(
                        "network: got spikes in a loop inside of a loop, expected one loop, over "
                        "time."
                    )
                outputs, inside = scanned(eqn, values, evaluate)
                sites.update(inside)
                return outputs

            return interpreted(traced, args, changed, loop), sites

        output, sites = evaluate(marked.traced, jax.tree.leaves((params, x)), None)
        pairs = ((sites[k], escape) for k, escape in enumerate(escapes))
        trace = tuple(LayerTrace(v, s, escape) for (v, s), escape in pairs)
        return jax.tree.unflatten(marked.out, output), trace


def spikes_in(eqn: Any, marked: Marked) -> bool:
    """Return whether a loop or branch has spikes."""
    return any(id(e) in marked.layers for x in jaxprs_in(eqn) for e in equations_in(x))


def refuse_hidden(marked: Marked) -> None:
    """Refuse a function without spikes, or with spikes where they cannot be replaced.

    Raises:
        ValueError: if there are none outside of `while` loops and branches.
    """
    hidden = [
        eqn.primitive.name
        for eqn in equations_in(marked.traced.jaxpr)
        if eqn.primitive.name in ("while", "cond") and spikes_in(eqn, marked)
    ]
    if hidden or not marked.calls:
        what = f"spikes inside {', '.join(hidden)}" if hidden else "no step function"
        raise ValueError(
            f"network: got a function with {what}, expected spikes in plain code or in "
            f"jax.lax.scan, each from a step function with a derivative of its own (jax.custom_jvp "
            f"or custom_vjp) or from a snn.SpikeFunction. A sum such as p + stop_gradient(s - p) "
            f"cannot be found: write it with jax.custom_jvp."
        )


@value_object
class AdoptedStep:
    """Step function of a network whose own step functions are spikes of the program.

    Attributes:
        function: the function ``(params, state, x[t]) -> (state, output)``.
        escape: escape noise of its neurons.
        calls: calls of its step functions, with the operands that `with_operands` recorded.
    """

    function: Callable[..., Any]
    escape: EscapeNoise
    calls: tuple[Call, ...] = static(default=())

    def __call__(self, *args: Any) -> Any:
        """Call the function with spikes in place of its step functions."""
        marked = marked_of(self.function, args, steps=True)
        refuse_hidden(marked)

        def changed(eqn: Any, values: list[Any]) -> list[Any] | None:
            if (layer := marked.layers.get(id(eqn))) is None:
                return None
            call = (self.calls or marked.calls)[layer]
            escape = marked.escapes[layer] or NoiseOfCall(self.escape, call)
            return [SpikeFunction(escape)(values[call.operand] - call.threshold)]

        output = interpreted(marked.traced, jax.tree.leaves(args), changed)
        return jax.tree.unflatten(marked.out, output)


def adopted(function: Callable[..., Any], escape: EscapeNoise) -> Plain | AdoptedStep:
    """Make the step functions stochastic in a plain function or in a step.

    Args:
        function: ``(params, x)`` or ``(params, state, x)``. Its spikes come from functions with a
            derivative of their own; the first may have them in a `jax.lax.scan`.
        escape: escape noise of its neurons, which you choose.

    Returns:
        A network for `snn.Program` if the function has two arguments, a step for `snn.Steps` if it
        has three.
    """
    plain = as_pytree("function", function)
    return Plain(plain, escape) if n_arguments(function) == 2 else AdoptedStep(plain, escape)


def with_loops(problem: Problem) -> Problem:
    """Turn a recorded function with spikes in a loop into a `Plain` network.

    `snn.Program` unrolls such a loop, and each of its steps would be a layer.

    Raises:
        ValueError: if the spikes of a plain function or step do not follow the program's noise
            (`adopted` helps), or if they are made in a Python loop.
    """
    network = problem.program.network
    function, args = _function(problem)
    if isinstance(network, Plain) or function is None or isinstance(function, AdoptedStep):
        return problem
    marked = marked_of(function, args, steps=True)
    own = [name_of(call.equation) for call in marked.calls]
    if own and not any(name.startswith(MARK) for name in own):
        raise ValueError(
            f"network: got a function whose spikes come from {', '.join(dict.fromkeys(own))}, "
            f"with a derivative of its own and without noise, expected spikes under the program's "
            f"noise: doctor.adopted(function, snn.escape.Sigmoid(beta)) makes them so, and the "
            f"derivative is examined as it is called."
        )
    if isinstance(network, Steps) or not own:
        return problem
    loops = [e for e in equations_in(marked.traced.jaxpr) if e.primitive.name == "scan"]
    if any(spikes_in(loop, marked) for loop in loops):
        return problem._replace(program=replace(problem.program, network=Plain(function)))
    arrays = len(jax.tree.leaves(problem.params))
    if len(own) > max(2, arrays):
        raise ValueError(
            f"network: got a plain function that calls its spike functions {len(own)} times with "
            f"{arrays} arrays, as in a Python loop, each step of which would be examined as a "
            f"layer by itself, expected jax.lax.scan or snn.Steps(step, state)."
        )
    return problem


def with_operands(problem: Problem) -> Problem:
    """Record the operands of an adopted network's step functions, such as slopes.

    Operands may be parameters or computed values. They are recorded in a first step without noise.
    """
    function, args = _function(problem)
    network: Any = problem.program.network
    adopted_step = isinstance(function, AdoptedStep)
    if not (adopted_step or isinstance(network, Plain)):
        return problem
    inner: Any = function.function if isinstance(function, AdoptedStep) else function
    marked = marked_of(inner, args, adopted_step or network.escape is not None)
    recorded: dict[int, Call] = {}

    def note(eqn: Any, values: list[Any]) -> None:
        layer = marked.layers.get(id(eqn))
        if layer is not None and layer not in recorded:
            operands = tuple(map(np.asarray, values))
            recorded[layer] = replace(marked.calls[layer], recorded=operands)

    def loop(eqn: Any, values: list[Any]) -> None:
        if eqn.params["length"] and spikes_in(eqn, marked):
            n = sum(parts_of_scan(eqn))
            first = [row[-1 if eqn.params["reverse"] else 0] for row in values[n:]]
            interpreted(closed(eqn), [*values[:n], *first], note, loop)

    interpreted(marked.traced, jax.tree.leaves(args), note, loop)
    calls = tuple(recorded.get(k, call) for k, call in enumerate(marked.calls))
    if adopted_step:
        network = replace(network, step=replace(function, calls=calls))
    else:
        network = replace(network, calls=calls)
    return problem._replace(program=replace(problem.program, network=network))


def as_called(problem: Problem) -> tuple[Called, ...]:
    """Find the spike functions in a network's code, in the order of their first calls."""
    with record_derivatives() as derivatives:
        run = lambda p, q: p(q, Constant(), FIXED)  # noqa: E731
        traced, out = jax.make_jaxpr(run, return_shape=True)(*problem)
    if is_adopted(problem):
        escapes = [layer.escape for layer in out.trace]
        calls = [escape.call for escape in escapes if isinstance(escape, NoiseOfCall)]
    else:
        calls = [call for eqn in equations_in(traced.jaxpr) if (call := step_call(eqn))]
    named = [*{str(d): (str(d), d) for d in derivatives}.values()]
    named += [(name_of(call.equation), call.slope) for call in calls]
    return tuple(Called(name, as_pytree("derivative", d)) for name, d in named)


def is_adopted(problem: Problem) -> bool:
    """Return whether spikes of the program replace step functions of the network's code."""
    network = problem.program.network
    own = isinstance(network, Plain) and network.escape is not None
    return own or isinstance(_function(problem)[0], AdoptedStep)


def _function(problem: Problem) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
    """Return the function or step inside a network, and the arguments of its first call."""
    network, (program, params) = problem.program.network, problem
    if isinstance(network, Steps):
        first = jax.tree.map(lambda leaf: leaf[0], program.x)
        return network.step, (params, network.state, first)
    function = network.function if isinstance(network, Recorded | Plain) else None
    return function, (params, program.x)


def in_code(problem: Problem, surrogate: Surrogate) -> Surrogate:
    """Put the derivatives of an adopted network's step functions into a surrogate gradient."""
    return replace(surrogate, derivative=slope_in_code) if is_adopted(problem) else surrogate
