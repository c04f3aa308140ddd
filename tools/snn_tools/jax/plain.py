"""Plain functions as networks: loops around spike functions with a derivative of their own.

A spike function is found in the traced program: a call of `snn.spike` or `snn.SpikeFunction`, or of
a function with a derivative of its own (`jax.custom_jvp`, `jax.custom_vjp`) whose values are a
step. The program is then interpreted, with spikes of a `snn.Program` in place of these calls. A
`jax.lax.scan` remains a loop, whose steps are the axis of time: the findings are those of an
unrolled loop, and compilation does not take longer with more steps.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, jaxprs_in
from snn.interop.spike_function import Recorded, _same_expressions
from snn.spikes import _with_slope, record_derivatives
from snn.surrogate import Matched, SurrogateDerivative
from snn.types import LayerTrace
from snn.value_object import as_pytree, static, value_object
from snn_tools.jax.problem import Problem
from snn_tools.shared.step import Step, step_of

CUSTOM = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
OPENED = ("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat2")
MOST_STEPS = 10_000
"""Largest number of steps of a loop with spikes."""


@dataclass(frozen=True, eq=False)
class Call:
    """Call of a spike function, as a function of a single operand.

    Attributes:
        equation: the call in the traced program.
        step: place of the potential among the operands, and the threshold.
        declared: derivative of `snn.spike`; None if the code defines it.
    """

    equation: Any
    step: Step
    declared: SurrogateDerivative | None = None

    def ones(self) -> list[Any]:
        """Return operands that are all 1, but for literals."""
        return [
            var.val if isinstance(var, Literal) else np.ones(var.aval.shape, var.aval.dtype)
            for var in self.equation.invars
        ]

    def slope(self, v: Array, s: Array, escape: Any, operands: Any, arriving: float = 1.0) -> Array:
        """Return the derivative in the code, for a gradient of this size that arrives.

        Operands are those of the call, or numbers of its first neuron.
        """
        if self.declared is not None:
            return arriving * self.declared(v, s, escape)
        pairs = zip(operands, self.equation.invars, strict=True)
        operands = [jnp.broadcast_to(x, var.aval.shape) for x, var in pairs]
        shape, threshold = self.equation.outvars[0].aval.shape, self.step.threshold(operands)
        if shape != v.shape:  # the first neuron represents the others
            threshold = jnp.ravel(threshold)[0]
        u = v + threshold

        def at(u: Array) -> Array:
            def spikes(u: Array) -> Array:
                values = list(operands)
                values[self.step.operand] = u.astype(values[self.step.operand].dtype)
                return _evaluated(self.equation, values)[0]

            s, back = jax.vjp(spikes, u)
            return back(arriving * jnp.ones_like(s))[0]

        if shape == u.shape:
            return at(u)
        one = jax.vmap(lambda x: at(jnp.full(shape, x)).reshape(-1)[0])
        return one(u.reshape(-1)).reshape(u.shape)

    @property
    def name(self) -> str:
        """Return the name of the function."""
        return name_of(self.equation)


def name_of(equation: Any) -> str:
    """Return the name of the function that an equation calls."""
    info = getattr(_inner(equation).jaxpr, "debug_info", None)
    return getattr(info, "func_name", None) or equation.primitive.name


def _inner(equation: Any) -> Any:
    return equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))


def step_call(equation: Any) -> Call | None:
    """Return the call if an equation calls a spike function, else None."""
    if equation.primitive.name not in CUSTOM or len(equation.outvars) != 1:
        return None
    if name_of(equation) == _with_slope.__name__:  # `snn.spike`
        return Call(equation, Step(1), Matched())
    forward, out = jaxpr_as_fun(_inner(equation)), equation.outvars[0].aval
    numbers = {
        k: var.aval
        for k, var in enumerate(equation.invars)
        if not isinstance(var, Literal) and jnp.issubdtype(var.aval.dtype, jnp.floating)
    }
    same = [k for k, x in numbers.items() if (x.shape, x.dtype) == (out.shape, out.dtype)]

    def spikes(operand: int, moved: int | None, potentials: np.ndarray) -> np.ndarray:
        operands = Call(equation, Step(operand)).ones()
        if moved is not None:
            operands[moved] = operands[moved] + 1

        def first(v: Array) -> Array:
            operands[operand] = jnp.full(out.shape, v, out.dtype)
            return forward(*operands)[0].reshape(-1)[0]

        with jax.ensure_compile_time_eval():
            return np.asarray(jax.vmap(first)(jnp.asarray(potentials)))

    step = step_of(same, numbers, spikes)
    return None if step is None else Call(equation, step)


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


def _inlined(traced: ClosedJaxpr, args: list[Any]) -> ClosedJaxpr:
    """Write out the calls of compiled functions, so that each equation is evaluated once.

    JAX has one program for all calls of a compiled function.
    """

    def inlined(program: Any, args: list[Any], t: Any = None) -> tuple[list[Any], Any]:
        def changed(eqn: Any, values: list[Any]) -> list[Any] | None:
            return scanned(eqn, values, inlined)[0] if eqn.primitive.name == "scan" else None

        return interpreted(program, args, changed), ()

    return jax.make_jaxpr(lambda *leaves: inlined(traced, list(leaves))[0])(*args)


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
        layers: layer of each call, by id of the equation; equal potentials are one layer.
        calls: first call of each layer.
        escapes: escape noises of all calls of `snn.SpikeFunction`.
    """

    traced: ClosedJaxpr
    out: Any
    layers: dict[int, int]
    calls: tuple[Call, ...]
    escapes: tuple[EscapeNoise, ...]

    def spikes_in(self, eqn: Any) -> bool:
        """Return whether a loop or branch has spikes."""
        return any(id(e) in self.layers for x in jaxprs_in(eqn) for e in equations_in(x))


_CONTEXT = jax.make_user_context(0)
_COUNT = itertools.count(1)


def marked_of(function: Callable[..., Any], args: tuple[Any, ...]) -> Marked:
    """Trace a function and number its calls of spike functions."""
    # Otherwise JAX would take traces of inner functions from its cache, without their spikes.
    with _CONTEXT(next(_COUNT)), record_derivatives() as spikes:
        traced, out = jax.make_jaxpr(function, return_shape=True)(*args)
    traced = _inlined(traced, jax.tree.leaves(args))
    layers: dict[int, int] = {}
    calls: list[Call] = []
    todo = [traced]
    while todo:
        program = todo.pop(0)
        own = [(eqn, call) for eqn in program.jaxpr.eqns if (call := step_call(eqn)) is not None]
        potentials = [eqn.invars[call.step.operand] for eqn, call in own]
        inside = ClosedJaxpr(program.jaxpr.replace(outvars=potentials), program.consts)
        known: dict[Any, int] = {}
        for (eqn, call), number in zip(own, _same_expressions(inside, len(own)), strict=True):
            layers[id(eqn)] = known.setdefault((call.name, number), len(calls))
            if layers[id(eqn)] == len(calls):
                calls.append(call)
        found = {id(eqn) for eqn, _ in own}
        others = (eqn for eqn in program.jaxpr.eqns if id(eqn) not in found)
        inner = [x for eqn in others for x in jaxprs_in(eqn)]
        todo += [ClosedJaxpr(x, x.constvars) for x in inner]
    named = list({str(d): as_pytree("derivative", d) for d, _ in spikes}.values())
    declared = [k for k, call in enumerate(calls) if call.declared is not None]
    for i, k in enumerate(declared if named else ()):
        calls[k] = replace(calls[k], declared=named[i if len(named) == len(declared) else 0])
    escapes = tuple(escape for _, escape in spikes if escape is not None)
    return Marked(traced, jax.tree.structure(out), layers, tuple(calls), escapes)


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
    return escape.call.slope(v, s, escape.escape, escape.operands)


@value_object
class Plain:
    """Network that calls a function ``(params, x) -> output``; each spike call is a layer.

    Attributes:
        function: the function.
        escape: escape noise of the spike functions in its code.
        own: whether the derivatives are those of the code, and not those of the program.
    """

    function: Callable[..., Any]
    escape: EscapeNoise
    own: bool = static(default=True)

    def __call__(self, params: Any, x: Any, noise: Any, spike: Any) -> tuple[Any, Any]:
        """Run one trial, and return the output and the trace.

        Raises:
            ValueError: if the function has no spikes, or spikes where they cannot be replaced.
        """
        marked = marked_of(self.function, (params, x))
        _refuse_hidden(marked)

        def escape(layer: int, operands: tuple[Any, ...]) -> EscapeNoise:
            return (
                NoiseOfCall(self.escape, operands, marked.calls[layer]) if self.own else self.escape
            )

        def evaluate(traced: Any, args: list[Any], t: Any) -> tuple[list[Any], dict[int, Any]]:
            sites: dict[int, Any] = {}

            def changed(eqn: Any, values: list[Any]) -> list[Any] | None:
                if eqn.primitive.name == "name":  # of `snn.spike`, whose derivative is replaced
                    return values
                if eqn.primitive.name == "scan" and marked.spikes_in(eqn):
                    outputs, inside = scanned(eqn, values, evaluate)
                    for layer, (v, s, operands) in inside.items():  # operands of the first step
                        sites[layer] = v, s, tuple(x[0] for x in operands)
                    return outputs
                if (layer := marked.layers.get(id(eqn))) is None:
                    return None
                if layer not in sites:
                    call = marked.calls[layer]
                    v = values[call.step.operand] - call.step.threshold(values)
                    operands = tuple(
                        jnp.zeros(()) if k == call.step.operand else jnp.asarray(x)
                        for k, x in enumerate(values)
                    )
                    xi = noise.draw(layer, t, v.shape)
                    sites[layer] = v, spike(escape(layer, operands), v, xi), operands
                return [sites[layer][1]]

            return interpreted(traced, args, changed), sites

        output, sites = evaluate(marked.traced, jax.tree.leaves((params, x)), None)
        ordered = [sites[k] for k in range(len(marked.calls))]
        trace = tuple(LayerTrace(v, s, escape(k, ops)) for k, (v, s, ops) in enumerate(ordered))
        return jax.tree.unflatten(marked.out, output), trace


def _refuse_hidden(marked: Marked) -> None:
    """Refuse a function without spikes, or with spikes where they cannot be replaced."""
    jaxpr = marked.traced.jaxpr
    hidden = [
        eqn.primitive.name
        for eqn in equations_in(jaxpr)
        if eqn.primitive.name in ("while", "cond") and marked.spikes_in(eqn)
    ]
    loops = [e for e in equations_in(jaxpr) if e.primitive.name == "scan" and marked.spikes_in(e)]
    inner = [e for loop in loops for x in jaxprs_in(loop) for e in equations_in(x)]
    if any(e.primitive.name == "scan" and marked.spikes_in(e) for e in inner):
        hidden.append("a loop inside of a loop")
    if hidden or not marked.calls:
        what = f"spikes inside {', '.join(hidden)}" if hidden else "no step function"
        raise ValueError(
            f"network: got a function with {what}, expected spikes in plain code or in one "
            f"jax.lax.scan, each from a step function with a derivative of its own "
            f"(jax.custom_jvp or custom_vjp) or from snn.spike. A sum such as "
            f"p + stop_gradient(s - p) cannot be found: write it with jax.custom_jvp."
        )
    if (longest := max((loop.params["length"] for loop in loops), default=0)) > MOST_STEPS:
        raise ValueError(
            f"network: got a jax.lax.scan of {longest} steps, expected at most {MOST_STEPS}. Pass "
            f"the first steps of the input."
        )


def adopted(function: Callable[..., Any], escape: EscapeNoise) -> Plain:
    """Make the spike functions in a plain function stochastic.

    Args:
        function: ``(params, x) -> output``, with spikes from functions with a derivative of their
            own, in plain code or in one `jax.lax.scan` of up to `MOST_STEPS` steps.
        escape: escape noise of its neurons, which you choose.

    Returns:
        A network for `snn.Program`.
    """
    return Plain(as_pytree("function", function), escape)


def as_loop(problem: Problem) -> Problem:
    """Turn a plain function with `snn.SpikeFunction` in a `jax.lax.scan` into a `Plain` network.

    `snn.Program` unrolls such a loop, and each of its steps would be a layer.

    Raises:
        ValueError: if spikes are in a Python loop, or if a loop has no or several escape noises.
    """
    network, params, x = problem.program.network, problem.params, problem.program.x
    if not isinstance(network, Recorded):
        return problem
    marked = marked_of(network.function, (params, x))
    loops = [e for e in equations_in(marked.traced.jaxpr) if e.primitive.name == "scan"]
    looped = any(map(marked.spikes_in, loops))
    if not looped and len(marked.calls) <= max(2, len(jax.tree.leaves(params))):
        return problem
    if looped and len({str(escape) for escape in marked.escapes}) == 1:
        plain = Plain(network.function, marked.escapes[0], own=False)
        return problem._replace(program=replace(problem.program, network=plain))
    what = "a loop, with no or several escape noises" if looped else "a Python loop"
    raise ValueError(
        f"network: got a plain function with spikes in {what}, each step of which would be "
        "examined as a layer by itself. Expected a function (params, x) with a jax.lax.scan over "
        "time, as snn.Program(doctor.adopted(function, snn.escape.Sigmoid(beta)), x, loss); or "
        "snn.SpikeFunction in the step of snn.Steps(step, state)."
    )


def is_adopted(problem: Problem) -> bool:
    """Return whether spikes of the program replace spike functions of the network's code."""
    network = problem.program.network
    return isinstance(network, Plain) and network.own
