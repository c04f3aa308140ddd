"""Find step functions with a derivative of their own in a traced program, and replace them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun

from snn.escape import EscapeNoise
from snn.spikes import _with_slope

CUSTOM = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
OPENED = ("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat2")
STEPS = np.concatenate([-np.geomspace(1e3, 1e-3, 25), np.geomspace(1e-3, 1e3, 25)])
"""Potentials for the test whether a function is a step."""


@dataclass(frozen=True, eq=False)
class Call:
    """Call of a function with its own derivative, as a function of a single operand.

    Attributes:
        equation: the call in the traced program.
        operand: index of the operand that is the potential.
        threshold: potential of the step.
        recorded: all operands in one forward pass; without them, every operand but a literal is 1.
    """

    equation: Any
    operand: int
    threshold: float = 0.0
    recorded: tuple[Any, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the spikes."""
        return self.equation.outvars[0].aval.shape

    def operands(self, v: Array) -> list[Any]:
        """Return all operands, with ``v`` as the potential."""
        values = [
            var.val if isinstance(var, Literal) else jnp.ones(var.aval.shape, var.aval.dtype)
            for var in self.equation.invars
        ]
        values = list(self.recorded or values)
        values[self.operand] = v.astype(values[self.operand].dtype)
        return values

    def __call__(self, v: Array) -> Array:
        """Return the values of the call, with the derivative that the code defines."""
        return _evaluated(self.equation, self.operands(v))[0]

    def slope(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        """Return the derivative that JAX computes, at potentials minus threshold ``v``."""

        def at(v: Array) -> Array:
            s, back = jax.vjp(self, v)
            return back(jnp.ones_like(s))[0]

        v, shape = v + self.threshold, self.shape
        if shape == v.shape:
            return at(v)
        one = jax.vmap(lambda x: at(jnp.full(shape, x)).reshape(-1)[0])
        return one(v.reshape(-1)).reshape(v.shape)


def step_call(equation: Any) -> Call | None:
    """Return the call if an equation calls a step function with its own derivative, else None."""
    if equation.primitive.name not in CUSTOM or len(equation.outvars) != 1:
        return None
    if name_of(equation) == _with_slope.__name__:  # the program's spikes, and `snn.spike`
        return None
    out = equation.outvars[0].aval
    kind = out.shape, out.dtype
    for operand, var in enumerate(equation.invars):
        same = not isinstance(var, Literal) and (var.aval.shape, var.aval.dtype) == kind
        if same and jnp.issubdtype(out.dtype, jnp.floating):
            call = Call(equation, operand)
            values = _values(call, STEPS)
            if set(np.unique(values)) == {0.0, 1.0} and (np.diff(values, axis=0) >= 0).all():
                return replace(call, threshold=_threshold(call, values))
    return None


def _values(call: Call, at: np.ndarray) -> np.ndarray:
    """Return the values for uniform potentials, ``(potential, neuron)``."""
    forward = jaxpr_as_fun(_inner(call.equation))
    with jax.ensure_compile_time_eval():
        spikes = jax.vmap(lambda v: forward(*call.operands(jnp.full(call.shape, v)))[0])(at)
        return np.asarray(spikes).reshape(len(at), -1)


def _threshold(call: Call, values: np.ndarray) -> float:
    """Find the potential of the first neuron's step; 0 if the interval contains 0."""
    at, low, high = STEPS, -np.inf, np.inf
    while high - low > 1e-6:
        last = int((values[:, 0] == 0).sum())
        low, high = at[last - 1], at[last]
        if low < 0 < high:
            return 0.0
        at = np.linspace(low, high, 9)
        values = _values(call, at)
    return float(low + high) / 2


def name_of(equation: Any) -> str:
    """Return the name of the function that an equation calls."""
    info = getattr(_inner(equation).jaxpr, "debug_info", None)
    return getattr(info, "func_name", None) or equation.primitive.name


def _inner(equation: Any) -> Any:
    return equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))


def _evaluated(equation: Any, values: list[Any]) -> list[Any]:
    """Evaluate an equation with these operands."""
    bound = equation.primitive.get_bind_params(equation.params)
    functions, params = bound if isinstance(bound, tuple) else ((), bound)  # depends on JAX
    outputs = equation.primitive.bind(*functions, *values, **params)
    return outputs if equation.primitive.multiple_results else [outputs]


Changed = Callable[[Any, list[Any]], "list[Any] | None"]


def unchanged(eqn: Any, values: list[Any]) -> None:
    """Leave an equation as it is."""


def interpreted(
    traced: Any, args: list[Any], changed: Changed = unchanged, loop: Changed = unchanged
) -> list[Any]:
    """Evaluate a traced program, with some equations replaced.

    Args:
        traced: the program, from `jax.make_jaxpr`, or the body of one of its loops.
        args: its arguments, flat.
        changed: called with each equation and the values of its operands. Returns the outputs, or
            None to leave the equation unchanged.
        loop: the same for each `scan`.
    """
    jaxpr, consts = traced.jaxpr, traced.consts
    values = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args), strict=True))

    def value(var: Any) -> Any:
        return var.val if isinstance(var, Literal) else values[var]

    for eqn in jaxpr.eqns:
        inputs = [value(var) for var in eqn.invars]
        outputs = (loop if eqn.primitive.name == "scan" else changed)(eqn, inputs)
        if outputs is None and eqn.primitive.name in OPENED:
            outputs = interpreted(closed(eqn), inputs, changed, loop)
        elif outputs is None:
            outputs = _evaluated(eqn, inputs)
        values.update(zip(eqn.outvars, outputs, strict=True))
    return [value(var) for var in jaxpr.outvars]


def inlined(traced: ClosedJaxpr, args: list[Any]) -> ClosedJaxpr:
    """Write out the calls of compiled functions, so that each equation is evaluated once.

    JAX has one program for all calls of a compiled function.
    """

    def loop(eqn: Any, values: list[Any]) -> list[Any]:
        return scanned(eqn, values, lambda body, args, _: (interpreted(body, args, loop=loop), ()))[
            0
        ]

    return jax.make_jaxpr(lambda *leaves: interpreted(traced, list(leaves), loop=loop))(*args)


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
    body, length, reverse = closed(eqn), eqn.params["length"], eqn.params["reverse"]
    n_consts, n_carry = parts_of_scan(eqn)
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


def closed(eqn: Any) -> ClosedJaxpr:
    """Return the program that an equation calls, with its constants."""
    inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr"))
    return inner if hasattr(inner, "consts") else ClosedJaxpr(inner, ())


def parts_of_scan(eqn: Any) -> tuple[int, int]:
    """Return the numbers of constants and of states of a `scan`.

    Inputs are constants, states and arrays with a row for each step; outputs are states and such
    arrays. JAX's versions store the two numbers in different parameters.
    """
    body = closed(eqn).jaxpr
    carried = len(eqn.outvars) - _n_rows(eqn.outvars, body.outvars)
    ends = len(eqn.invars) - _n_rows(eqn.invars, body.invars)
    return ends - carried, carried


def _n_rows(of_loop: Any, of_step: Any) -> int:
    """Count the arrays with a row for each step; a step's own variable has an axis less."""
    return sum(x.aval.ndim > y.aval.ndim for x, y in zip(of_loop, of_step, strict=True))
