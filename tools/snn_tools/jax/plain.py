"""Plain functions as networks: loops around spike functions with a derivative of their own.

A spike function is found in the traced program: `snn.spike` or `snn.SpikeFunction`, or a function
with a derivative of its own (`jax.custom_jvp`, `jax.custom_vjp`) whose values are a step. The
program is then interpreted, with spikes of a `snn.Program` in place of these calls. A
`jax.lax.scan` remains a loop, whose steps are the axis of time: the findings are those of an
unrolled loop, and compilation does not take longer with more steps.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, final
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun

import snn.spikes
from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, jaxprs_in
from snn.interop.spike_function import Recorded, _same_expressions
from snn.program import site_shapes
from snn.types import LayerTrace
from snn.value_object import as_pytree, static, value_object
from snn_tools.jax.problem import Problem
from snn_tools.shared.step import Step, step_of

CUSTOM = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
OPENED = ("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat2")


@dataclass(frozen=True, eq=False)
class Call:
    """Call of a spike function, as a function of a single operand.

    Attributes:
        equation: the call in the traced program.
        step: place of the potential among the operands, and the threshold.
        settings: structure of derivative and escape noise of a `snn.spike`, whose numbers are the
            operands after the potential; None of another function.
    """

    equation: Any
    step: Step
    settings: Any = None

    def noise(self, operands: list[Any]) -> EscapeNoise | None:
        """Return the escape noise that the code has for the spike."""
        return jax.tree.unflatten(self.settings, operands[1:])[1] if self.settings else None

    def slope(self, v: Array, operands: Any, arriving: float = 1.0) -> Array:
        """Return the derivative in the code, for a gradient of this size that arrives.

        Args:
            v: potentials minus threshold, in any shape.
            operands: those of the call, or numbers of its first neuron.
            arriving: the gradient.
        """
        pairs = zip(operands, self.equation.invars, strict=True)
        operands = [jnp.broadcast_to(x, var.aval.shape) for x, var in pairs]
        threshold = self.step.threshold(operands)

        def spikes(u: Array) -> Array:
            values = list(operands)
            values[self.step.operand] = u.astype(values[self.step.operand].dtype)
            return _evaluated(self.equation, values)[0]

        def at(v: Array) -> Array:
            s, back = jax.vjp(spikes, v + threshold)
            return back(arriving * jnp.ones_like(s))[0]

        # The equation has a fixed shape: potentials of another shape fill several layers.
        shape = self.equation.outvars[0].aval.shape
        layers = jnp.resize(v, (-(-v.size // int(np.prod(shape))), *shape))
        return jax.vmap(at)(layers).reshape(-1)[: v.size].reshape(v.shape)


def step_call(equation: Any, opened: dict[str, Any]) -> Call | None:
    """Return the call if an equation calls a spike function, else None.

    Args:
        equation: the equation.
        opened: settings of each `snn.spike`, by the name of its function.
    """
    if equation.primitive.name not in CUSTOM or len(equation.outvars) != 1:
        return None
    inner = equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))
    forward, out = jaxpr_as_fun(inner), equation.outvars[0].aval
    numbers = {
        k: var.aval
        for k, var in enumerate(equation.invars)
        if not isinstance(var, Literal) and jnp.issubdtype(var.aval.dtype, jnp.floating)
    }
    same = [k for k, x in numbers.items() if (x.shape, x.dtype) == (out.shape, out.dtype)]

    def spikes(operand: int, moved: int | None, potentials: np.ndarray) -> np.ndarray:
        operands = [
            var.val
            if isinstance(var, Literal)
            else np.full(var.aval.shape, 1 + (k == moved), var.aval.dtype)
            for k, var in enumerate(equation.invars)
        ]

        def first(v: Array) -> Array:
            operands[operand] = jnp.full(out.shape, v, out.dtype)
            return forward(*operands)[0].reshape(-1)[0]

        with jax.ensure_compile_time_eval():
            return np.asarray(jax.vmap(first)(jnp.asarray(potentials)))

    step = step_of(same, numbers, spikes)
    name = getattr(inner.jaxpr.debug_info, "func_name", "")
    return None if step is None else Call(equation, step, opened.get(name))


def _evaluated(equation: Any, values: list[Any]) -> list[Any]:
    """Evaluate an equation with these operands."""
    bound = equation.primitive.get_bind_params(equation.params)
    functions, params = bound if isinstance(bound, tuple) else ((), bound)  # depends on JAX
    outputs = equation.primitive.bind(*functions, *values, **params)
    return outputs if equation.primitive.multiple_results else [outputs]


# Interpretation of a traced program.

Changed = Callable[[Any, list[Any]], "list[Any] | None"]


def interpreted(traced: Any, args: list[Any], changed: Changed) -> list[Any]:
    """Evaluate a traced program, with some equations replaced.

    Args:
        traced: the program, from `jax.make_jaxpr`, or the body of one of its loops.
        args: its arguments, flat.
        changed: called with each equation and the values of its operands. Returns the outputs, or
            None to leave the equation unchanged.
    """
    jaxpr, consts = traced.jaxpr, traced.consts
    values = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args), strict=True))

    def value(var: Any) -> Any:
        return var.val if isinstance(var, Literal) else values[var]

    for eqn in jaxpr.eqns:
        inputs = [value(var) for var in eqn.invars]
        outputs = changed(eqn, inputs)
        if outputs is None and eqn.primitive.name in OPENED:
            outputs = interpreted(_closed(eqn), inputs, changed)
        elif outputs is None:
            outputs = _evaluated(eqn, inputs)
        values.update(zip(eqn.outvars, outputs, strict=True))
    return [value(var) for var in jaxpr.outvars]


def scanned(eqn: Any, values: list[Any], step: Callable[..., tuple[list[Any], Any]]) -> Any:
    """Evaluate a `scan` with another body.

    Args:
        eqn: the loop.
        values: its operands.
        step: function of the body, its arguments and the number of the step; it returns the body's
            outputs and more, which is stacked over the steps.

    Returns:
        The outputs of the loop, and what is stacked.
    """
    body, length, reverse = _closed(eqn), eqn.params["length"], eqn.params["reverse"]
    n_consts, n_carry = _parts(eqn)
    consts, carry = values[:n_consts], values[n_consts : n_consts + n_carry]

    def once(carry: list[Any], inputs: tuple[Any, list[Any]]) -> tuple[Any, Any]:
        t, row = inputs
        out, more = step(body, [*consts, *carry, *row], t)
        kept = [jnp.asarray(x, like.dtype) for x, like in zip(out[:n_carry], carry, strict=True)]
        return kept, (out[n_carry:], more)

    rows = jnp.arange(length), values[n_consts + n_carry :]
    carry = [jnp.asarray(x) for x in carry]
    carry, (stacked, more) = jax.lax.scan(once, carry, rows, length=length, reverse=reverse)
    return [*carry, *stacked], more


def _closed(eqn: Any) -> ClosedJaxpr:
    """Return the inner program of an equation, with constants."""
    inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr"))
    return inner if hasattr(inner, "consts") else ClosedJaxpr(inner, ())


def _parts(eqn: Any) -> tuple[int, int]:
    """Return the numbers of constants and of states of a `scan`.

    Inputs are constants, states and arrays with a row for each step; outputs are states and such
    arrays. JAX's versions store the two numbers in different parameters.
    """
    body = _closed(eqn).jaxpr

    def rows(of_loop: Any, of_step: Any) -> int:
        return sum(x.aval.ndim > y.aval.ndim for x, y in zip(of_loop, of_step, strict=True))

    carried = len(eqn.outvars) - rows(eqn.outvars, body.outvars)
    return len(eqn.invars) - rows(eqn.invars, body.invars) - carried, carried


class Marked(NamedTuple):
    """Traced function whose calls of spike functions are known.

    Attributes:
        traced: the program.
        out: structure of its output.
        calls: the calls, by id of the equation.
    """

    traced: ClosedJaxpr
    out: Any
    calls: dict[int, Call]

    def spikes_in(self, eqn: Any) -> bool:
        """Return whether a loop or branch has spikes."""
        return any(id(e) in self.calls for x in jaxprs_in(eqn) for e in equations_in(x))

    def loops(self) -> bool:
        """Return whether a loop has spikes."""
        scans = (e for e in equations_in(self.traced.jaxpr) if e.primitive.name == "scan")
        return any(map(self.spikes_in, scans))

    def layers(self, program: ClosedJaxpr, args: list[Any]) -> list[int]:
        """Return the layer of each call outside of loops; equal potentials are one layer."""

        def potentials(*args: Any) -> list[Any]:
            found = []

            def noted(eqn: Any, values: list[Any]) -> None:
                if call := self.calls.get(id(eqn)):
                    found.append(values[call.step.operand] - call.step.threshold(values))

            interpreted(program, list(args), noted)
            return found

        traced = jax.make_jaxpr(potentials)(*args)
        return _same_expressions(traced, len(traced.jaxpr.outvars))


_CONTEXT = jax.make_user_context(0)
_COUNT = itertools.count(1)


def _open_spike(name: str) -> Callable[..., Array]:
    """Make a `snn.spike` of this name whose derivative at other potentials is known, too."""

    def step(v: Array, derivative: Any, escape: Any) -> Array:
        return (v > 0).astype(v.dtype)

    step.__name__ = step.__qualname__ = name
    spike = jax.custom_jvp(step)

    @spike.defjvp
    def _(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
        v, derivative, escape = primals
        s = spike(*primals)
        return s, derivative(v, s, escape) * tangents[0]

    return spike


def marked_of(function: Callable[..., Any], args: tuple[Any, ...]) -> Marked:
    """Trace a function and find its calls of spike functions."""
    opened: dict[str, Any] = {}

    def spike(v: Array, derivative: Any, s: Array, escape: EscapeNoise | None) -> Array:
        settings, name = (as_pytree("derivative", derivative), escape), f"snn_spike_{len(opened)}"
        opened[name] = jax.tree.structure(settings)
        return _open_spike(name)(v, *settings)

    # Otherwise JAX would take traces of inner functions from its cache, without their spikes.
    with (
        _CONTEXT(next(_COUNT)),
        patch.multiple(snn.spikes, _spike=spike, checkpoint_name=lambda s, name: s),
    ):
        traced, out = jax.make_jaxpr(function, return_shape=True)(*args)
    equations = equations_in(traced.jaxpr)
    calls = {id(eqn): call for eqn in equations if (call := step_call(eqn, opened))}
    return Marked(traced, jax.tree.structure(out), calls)


def _delegated(name: str) -> Any:
    return lambda self, *args: getattr(self.escape, name)(*args)


@final
@value_object
class NoiseOfCall(EscapeNoise):
    """Escape noise that also stores the replaced call of a spike function, and its operands."""

    escape: EscapeNoise
    operands: tuple[Any, ...]
    call: Call = static()

    prob = _delegated("prob")
    slope = _delegated("slope")
    log_prob = _delegated("log_prob")
    slope_over_prob = _delegated("slope_over_prob")
    slope_over_silence = _delegated("slope_over_silence")


def slope_in_code(v: Array, s: Array, escape: Any) -> Array:
    """Return the derivative that the network's code has for the layer of this escape noise."""
    return escape.call.slope(v, escape.operands)


@value_object
class Plain:
    """Network that calls a function ``(params, x) -> output``; each spike call is a layer.

    Attributes:
        function: the function.
        escape: escape noise of the spike functions in its code, whose derivatives are those of the
            code. None for `snn.SpikeFunction`, which has a noise, and derivatives of the program.
    """

    function: Callable[..., Any]
    escape: EscapeNoise | None

    def __call__(self, params: Any, x: Any, noise: Any, spike: Any) -> tuple[Any, Any]:
        """Run one trial, and return the output and the trace.

        Raises:
            ValueError: if the function has no spikes, or spikes where they cannot be replaced.
        """
        marked = marked_of(self.function, (params, x))

        def site(layer: int, call: Call, values: list[Any], t: Any) -> LayerTrace:
            v, escape = values[call.step.operand] - call.step.threshold(values), call.noise(values)
            if self.escape is not None:
                potential = {call.step.operand: jnp.zeros((), v.dtype)}
                operands = tuple(potential.get(k, jnp.asarray(x)) for k, x in enumerate(values))
                escape = NoiseOfCall(self.escape, operands, call)
            if escape is None:
                raise _refusal("spikes without an escape noise")
            return LayerTrace(v, spike(escape, v, noise.draw(layer, t, v.shape)), escape)

        def evaluate(
            first: int, program: ClosedJaxpr, args: list[Any], t: Any = None
        ) -> tuple[list[Any], list[LayerTrace]]:
            """Evaluate the function, or a step of its loop, whose layers have these numbers."""
            numbers, sites, trace = iter(marked.layers(program, args)), {}, []

            def changed(eqn: Any, values: list[Any]) -> list[Any] | None:
                if (call := marked.calls.get(id(eqn))) is not None:
                    if (number := next(numbers)) not in sites:
                        sites[number] = site(first + len(trace), call, values, t)
                        trace.append(sites[number])
                    return [sites[number].s]
                if eqn.primitive.name in OPENED or not marked.spikes_in(eqn):
                    return None
                if eqn.primitive.name != "scan" or t is not None:
                    inside = "a loop inside of a loop" if t is not None else eqn.primitive.name
                    raise _refusal(f"spikes inside {inside}")
                outputs, layers = scanned(eqn, values, partial(evaluate, first + len(trace)))
                for v, s, escape in layers:  # the noise and operands of the first step
                    trace.append(LayerTrace(v, s, jax.tree.map(lambda x: x[0], escape)))
                return outputs

            return interpreted(program, args, changed), trace

        output, trace = evaluate(0, marked.traced, jax.tree.leaves((params, x)))
        if not trace:
            raise _refusal("no step function")
        return jax.tree.unflatten(marked.out, output), tuple(trace)


def _refusal(what: str) -> ValueError:
    return ValueError(
        f"network: got a function with {what}, expected spikes in plain code or in one "
        f"jax.lax.scan, each from a step function with a derivative of its own (jax.custom_jvp or "
        f"custom_vjp) or from snn.spike. A sum such as p + stop_gradient(s - p) cannot be found: "
        f"write it with jax.custom_jvp. For functions without a noise, the network is "
        f"doctor.adopted(function, snn.escape.Sigmoid(beta))."
    )


def adopted(function: Callable[..., Any], escape: EscapeNoise) -> Plain:
    """Make the spike functions in a plain function stochastic.

    Args:
        function: ``(params, x) -> output``, with spikes from functions with a derivative of their
            own, in plain code or in a `jax.lax.scan`.
        escape: escape noise of its neurons, which you choose.

    Returns:
        A network for `snn.Program`.
    """
    return Plain(as_pytree("function", function), escape)


def as_loop(problem: Problem) -> Problem:
    """Turn a plain function with `snn.SpikeFunction` in a `jax.lax.scan` into a `Plain` network.

    `snn.Program` unrolls such a loop, and each of its steps would be a layer.

    Raises:
        ValueError: if spikes are in a Python loop.
    """
    network, params, x = problem.program.network, problem.params, problem.program.x
    if not isinstance(network, Recorded):
        return problem
    if marked_of(network.function, (params, x)).loops():
        plain = Plain(network.function, None)
        return problem._replace(program=replace(problem.program, network=plain))
    if len(site_shapes(*problem)) <= max(2, len(jax.tree.leaves(params))):
        return problem
    raise ValueError(
        "network: got a plain function with spikes in a Python loop, each step of which would be "
        "examined as a layer by itself. Expected a function (params, x) with a jax.lax.scan over "
        "time, or snn.SpikeFunction in the step of snn.Steps(step, state)."
    )


def is_adopted(problem: Problem) -> bool:
    """Return whether spikes of the program replace spike functions of the network's code."""
    network = problem.program.network
    return isinstance(network, Plain) and network.escape is not None
