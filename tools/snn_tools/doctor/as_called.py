"""Find the spike functions that a network calls itself, with their derivatives.

A surrogate gradient is declared to the doctor, but the derivative in the network's code trains the
network. Two kinds of spike functions are found while the program is traced: calls of `snn.spike`,
and functions with a derivative of their own (`jax.custom_jvp`, `jax.custom_vjp`) whose values are a
step. `adopted` turns a step function of another library into spikes of the program, under the noise
of the program.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, final

import jax
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, jaxprs_in, names_in
from snn.estimators.surrogate import Surrogate
from snn.interop.spike_function import Recorded, SpikeFunction, Steps
from snn.noise import Constant
from snn.program import n_arguments
from snn.spikes import FIXED, SPIKE_NAME, record_derivatives
from snn.surrogate import SurrogateDerivative
from snn.value_object import as_pytree, static, value_object
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.step_calls import Call, interpreted, name_of, step_call


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
    return escape.call.slope(v, s, escape)


@value_object
class Adopted:
    """Function whose step functions are replaced by spikes of the program; see `adopted`.

    Attributes:
        function: the plain function.
        escape: escape noise of its neurons.
        calls: calls of its step functions, with the operands that `with_operands` recorded.
    """

    function: Callable[..., Any]
    escape: EscapeNoise
    calls: tuple[Call, ...] = static(default=())

    def __call__(self, *args: Any) -> Any:
        """Call the function with spikes in place of its step functions.

        Raises:
            ValueError: if the function calls no step function outside of loops.
        """
        replaced = []

        def changed(equation: Any, values: list[Any]) -> list[Any] | None:
            if (call := step_call(equation)) is None:
                return None
            call = self.calls[len(replaced)] if self.calls else call
            replaced.append(call)
            v = values[call.operand] - call.threshold
            return [SpikeFunction(NoiseOfCall(self.escape, call))(v)]

        output = interpreted(self.function, args, changed)
        if not replaced:
            raise ValueError(
                "adopted: got a function that calls no step function with a derivative of its own "
                "outside of loops, expected at least one. If the network has a loop over time, "
                "adopt its step: snn.Steps(doctor.adopted(step, escape), state). A sum such as "
                "p + stop_gradient(s - p) cannot be found: write it with jax.custom_jvp."
            )
        return output


def adopted(function: Callable[..., Any], escape: EscapeNoise) -> Adopted | Recorded:
    """Make the step functions stochastic in a plain function or in a step.

    Args:
        function: ``(params, x)`` or ``(params, state, x)``. Its spikes come from functions with a
            derivative of their own.
        escape: escape noise of its neurons, which you choose.

    Returns:
        A network for `snn.Program` if the function has two arguments, a step for `snn.Steps` if it
        has three.
    """
    own = Adopted(as_pytree("function", function), escape)
    return Recorded(own) if n_arguments(function) == 2 else own


def with_operands(problem: Problem) -> Problem:
    """Record the operands of an adopted network's step functions, such as slopes.

    Operands may be parameters or computed values. They are recorded in a first step without noise.
    """
    function, args = _plain(problem)
    if not isinstance(function, Adopted):
        return problem
    calls = []

    def note(equation: Any, values: list[Any]) -> None:
        if (call := step_call(equation)) is not None:
            calls.append(replace(call, recorded=tuple(map(np.asarray, values))))

    interpreted(function.function, args, note)
    own = replace(function, calls=tuple(calls))
    network = problem.program.network
    network = replace(network, step=own) if isinstance(network, Steps) else Recorded(own)
    return problem._replace(program=replace(problem.program, network=network))


def as_called(problem: Problem) -> tuple[Called, ...]:
    """Find the spike functions in a network's code, in the order of their first calls."""
    with record_derivatives() as derivatives:
        run = lambda p, q: p(q, Constant(), FIXED)  # noqa: E731
        traced, out = jax.make_jaxpr(run, return_shape=True)(*problem)
    if _adopted(problem):
        calls = [layer.escape.call for layer in out.trace]
    else:
        calls = [call for eqn in equations_in(traced.jaxpr) if (call := step_call(eqn))]
    named = [*{str(d): (str(d), d) for d in derivatives}.values()]
    named += [(name_of(call.equation), call.slope) for call in calls]
    return tuple(Called(name, as_pytree("derivative", d)) for name, d in named)


def _adopted(problem: Problem) -> bool:
    return isinstance(_plain(problem)[0], Adopted)


def refuse_plain(problem: Problem) -> None:
    """Refuse a plain function or step whose spikes would be misread.

    Raises:
        ValueError: if the spikes do not follow the program's noise; `adopted` helps. Also if a
            plain function has a loop over time, whose steps would count as layers: spikes inside
            `jax.lax.scan`, or more spikes than arrays of parameters, as in a Python loop.
    """
    function, args = _plain(problem)
    if function is None:
        return
    equations = list(equations_in(jax.make_jaxpr(function)(*args).jaxpr))
    n = sum(eqn.primitive.name == "name" and eqn.params["name"] == SPIKE_NAME for eqn in equations)
    if (names := [name_of(eqn) for eqn in equations if step_call(eqn)]) and not n:
        raise ValueError(
            f"network: got a function whose spikes come from {', '.join(dict.fromkeys(names))}, "
            f"with a derivative of its own and without noise, expected spikes under the program's "
            f"noise: doctor.adopted(function, snn.escape.Sigmoid(beta)) makes them so, and the "
            f"derivative is examined as it is called."
        )
    loops = (eqn for eqn in equations if eqn.primitive.name in ("scan", "while"))
    where, arrays = "", len(jax.tree.leaves(problem.params))
    if any(SPIKE_NAME in names_in(inner) for eqn in loops for inner in jaxprs_in(eqn)):
        where = "inside jax.lax.scan or another loop"
    elif n > max(2, arrays):
        where = f"made {n} times from {arrays} arrays, as in a Python loop"
    if where and not isinstance(problem.program.network, Steps):
        raise ValueError(
            f"network: got a plain function with spikes {where}, each step of which would be "
            f"examined as a layer by itself, expected one step as a function: snn.Steps(step, "
            f"state), which has its layers over time."
        )


def _plain(problem: Problem) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
    """Return the function or step inside a network, and the arguments of its first call."""
    network, (program, params) = problem.program.network, problem
    if isinstance(network, Steps):
        first = jax.tree.map(lambda leaf: leaf[0], program.x)
        return network.step, (params, network.state, first)
    function = network.function if isinstance(network, Recorded) else None
    return function, (params, program.x)


def in_code(problem: Problem, surrogate: Surrogate) -> Surrogate:
    """Put the derivatives of an adopted network's step functions into a surrogate gradient."""
    return replace(surrogate, derivative=slope_in_code) if _adopted(problem) else surrogate
