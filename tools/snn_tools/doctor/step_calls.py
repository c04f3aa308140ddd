"""Find step functions with a derivative of their own in a traced program, and replace them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import Literal, jaxpr_as_fun

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


def interpreted(function: Callable[..., Any], args: tuple[Any, ...], changed: Callable) -> Any:
    """Call a function, with equations replaced by ``changed``.

    Args:
        function: the function.
        args: its arguments.
        changed: called with each equation and the values of its operands. Returns the outputs, or
            None to leave the equation unchanged.
    """
    traced, out = jax.make_jaxpr(function, return_shape=True)(*args)
    outputs = _interpreted(traced.jaxpr, traced.consts, jax.tree.leaves(args), changed)
    return jax.tree.unflatten(jax.tree.structure(out), outputs)


def _interpreted(jaxpr: Any, consts: Any, args: list[Any], changed: Callable) -> list[Any]:
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
