"""The spike functions that a network calls itself, as they are called.

A surrogate gradient is declared to the doctor, but the derivative that trains a network is the one
in its code. Two kinds are found while the program is traced: calls of `snn.spike`, and functions
with a derivative of their own (`jax.custom_jvp`, `jax.custom_vjp`) whose values are a step. A step
function of another library becomes a spike of the program, under its noise, by `adopted`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import Literal

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, names_in
from snn.estimators.surrogate import Surrogate
from snn.noise import Constant
from snn.spike_function import Recorded, SpikeFunction, Steps
from snn.spikes import DROP_IN, FIXED, _with_slope, drop_ins
from snn.surrogate import SurrogateDerivative
from snn.value_object import as_pytree, static, value_object
from snn_tools.comparison.problem import Problem

CUSTOM = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
OPENED = ("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat2")
STEPS = np.concatenate([-np.geomspace(1e3, 1e-3, 25), np.geomspace(1e-3, 1e3, 25)])
"""Potentials at which a function is told to be a step."""


class Called(NamedTuple):
    """A spike function in a network's code.

    Attributes:
        name: of the function.
        derivative: as JAX differentiates it.
        shape: of its potentials; empty where it takes any.
    """

    name: str
    derivative: SurrogateDerivative
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a function with a derivative of its own, and which of its operands is varied."""

    equation: Any
    operand: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.equation.outvars[0].aval.shape

    def __call__(self, v: Array) -> Array:
        """Its values; other operands are what the code says, or 1 where they are computed."""
        values = [
            var.val if isinstance(var, Literal) else jnp.ones(var.aval.shape, var.aval.dtype)
            for var in self.equation.invars
        ]
        values[self.operand] = v.astype(values[self.operand].dtype)
        return _evaluated(self.equation, values)[0]


@value_object
class Own:
    """The derivative of calls, chosen by shape; of the first for potentials in no call's shape."""

    calls: tuple[Call, ...] = static()

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        """As JAX differentiates the call, same shape as ``v``."""
        for call in self.calls:
            if call.shape == v.shape:
                return _slope(call, v)
        first = self.calls[0]
        one = lambda x: _slope(first, jnp.full(first.shape, x)).reshape(-1)[0]  # noqa: E731
        return jax.vmap(one)(v.reshape(-1)).reshape(v.shape)


@value_object
class Adopted:
    """A function whose step functions are spikes of the program that runs it. Made by `adopted`."""

    function: Callable[..., Any]
    escape: EscapeNoise

    def __call__(self, *args: Any) -> Any:
        """What the function returns."""
        traced, out = jax.make_jaxpr(self.function, return_shape=True)(*args)
        spike = SpikeFunction(self.escape)

        def changed(equation: Any, values: list[Any]) -> list[Any] | None:
            call = step_call(equation)
            return None if call is None else [spike(values[call.operand])]

        outputs = _interpreted(traced.jaxpr, traced.consts, jax.tree.leaves(args), changed)
        return jax.tree.unflatten(jax.tree.structure(out), outputs)


def adopted(function: Callable[..., Any], escape: EscapeNoise) -> Callable[..., Any]:
    """A plain function, or a step for `snn.Steps`, with its own step functions made stochastic.

    Args:
        function: ``(params, x)`` or ``(params, state, x)``. Its spikes come from functions with a
            derivative of their own, of potential minus threshold.
        escape: escape noise of its neurons, a choice of yours.
    """
    return Adopted(as_pytree("function", function), escape)


def as_called(problem: Problem) -> tuple[Called, ...]:
    """The spike functions in a network's code, in the order of their first calls."""
    function, args = _plain(problem)
    if isinstance(function, Adopted):
        traced, found = jax.make_jaxpr(function.function)(*args), []
    else:
        with drop_ins() as found:
            traced = jax.make_jaxpr(lambda p, q: p(q, Constant(), FIXED))(*problem)
    calls = [call for eqn in equations_in(traced.jaxpr) if (call := step_call(eqn))]
    named = {str(d): Called(str(d), as_pytree("derivative", d)) for d in found}
    return (*named.values(), *(Called(_name(c.equation), Own((c,)), c.shape) for c in calls))


def refuse_own(problem: Problem) -> None:
    """Refuse a plain function or step whose spikes are its own.

    Raises:
        ValueError: if they are; it says how to adopt them.
    """
    function, args = _plain(problem)
    if function is None or isinstance(function, Adopted):
        return
    traced = jax.make_jaxpr(function)(*args).jaxpr
    names = [_name(eqn) for eqn in equations_in(traced) if step_call(eqn)]
    if names and DROP_IN not in names_in(traced):
        raise ValueError(
            f"network: got a function whose spikes come from {', '.join(dict.fromkeys(names))}, "
            f"with a derivative of its own and without noise, expected spikes under the program's "
            f"noise: doctor.adopted(function, snn.escape.Sigmoid(beta)) makes them so, and the "
            f"derivative is examined as it is called."
        )


def _plain(problem: Problem) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
    """The function or step that a network is made of, and what it is called with first."""
    network, (program, params) = problem.program.network, problem
    if isinstance(network, Steps):
        return network.step, (params, network.state, program.x[0])
    function = network.function if isinstance(network, Recorded) else None
    return function, (params, program.x)


def in_code(surrogate: Surrogate, own: tuple[Called, ...]) -> Surrogate:
    """The surrogate gradient with the derivative of the network's own step functions, if any."""
    calls = tuple(c.derivative.calls[0] for c in own if isinstance(c.derivative, Own))
    return replace(surrogate, derivative=Own(calls)) if calls else surrogate


def step_call(equation: Any) -> Call | None:
    """The call of a step function with a derivative of its own, if an equation is one."""
    if equation.primitive.name not in CUSTOM or len(equation.outvars) != 1:
        return None
    if _name(equation) == _with_slope.__name__:  # the program's spikes, and `snn.spike`
        return None
    out = equation.outvars[0].aval
    for operand, var in enumerate(equation.invars):
        same = not isinstance(var, Literal) and (var.aval.shape, var.aval.dtype) == (
            out.shape,
            out.dtype,
        )
        if same and jnp.issubdtype(out.dtype, jnp.floating):
            call = Call(equation, operand)
            with jax.ensure_compile_time_eval():
                filled = jnp.broadcast_to(
                    STEPS.reshape(-1, *[1] * out.ndim), (len(STEPS), *out.shape)
                )
                values = np.asarray(jax.vmap(call)(filled)).reshape(len(STEPS), -1)
            if set(np.unique(values)) == {0.0, 1.0} and (np.diff(values, axis=0) >= 0).all():
                return call
    return None


def _slope(call: Call, v: Array) -> Array:
    s, back = jax.vjp(call, v)
    return back(jnp.ones_like(s))[0]


def _name(equation: Any) -> str:
    inner = equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))
    info = getattr(inner.jaxpr, "debug_info", None)
    return getattr(info, "func_name", None) or equation.primitive.name


def _evaluated(equation: Any, values: list[Any]) -> list[Any]:
    """The outputs of one equation; ``values`` are those of its operands."""
    found = equation.primitive.get_bind_params(equation.params)
    functions, params = found if isinstance(found, tuple) else ((), found)  # as JAX has it
    outputs = equation.primitive.bind(*functions, *values, **params)
    return outputs if equation.primitive.multiple_results else [outputs]


def _interpreted(jaxpr: Any, consts: Any, args: list[Any], changed: Callable) -> list[Any]:
    """The outputs of a traced function, with the equations that `changed` knows replaced."""
    values = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args), strict=True))

    def value(var: Any) -> Any:
        return var.val if isinstance(var, Literal) else values[var]

    for eqn in jaxpr.eqns:
        inputs = [value(var) for var in eqn.invars]
        outputs = changed(eqn, inputs)
        if outputs is None and eqn.primitive.name in OPENED:
            inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr"))
            closed = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())
            outputs = _interpreted(*closed, inputs, changed)
        elif outputs is None:
            outputs = _evaluated(eqn, inputs)
        values.update(zip(eqn.outvars, outputs, strict=True))
    return [value(var) for var in jaxpr.outvars]
