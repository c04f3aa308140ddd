"""Faults that used to pass: each named, with the healthy twin beside it."""

import jax
import jax.numpy as jnp
import pytest

import snn
from snn_tools import doctor
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.advice.code import of_types
from snn_tools.doctor.advice.shape import of_shape
from snn_tools.doctor.clock import Clock
from snn_tools.doctor.probe import refuse_unrolled
from snn_tools.doctor.seen import CODE, look
from snn_tools.doctor.shape import shape_of
from tools.tests.doctor.test_doctor import Net, problem

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(2.0)
MATCHED = snn.surrogate.Matched()
SUPERSPIKE = snn.surrogate.SuperSpike(10.0)


def kinds(derivative):
    """Kinds of findings in a derivative."""
    derivative = jax.tree_util.Partial(derivative)
    shapes = ((shape_of(derivative, NOISE), shape_of(MATCHED, NOISE)),)
    return {(f.kind, f.fault) for f in of_shape(shapes, snn.Surrogate(derivative), None)}


@pytest.mark.parametrize("derivative", [MATCHED, SUPERSPIKE, snn.surrogate.Triangle(1.0)])
def test_a_surrogate_at_v_plus_theta(derivative):
    def aside(v, s, escape):
        return derivative(v + 1.0, s, escape)

    assert ("aside", True) in kinds(aside)
    assert "aside" not in {kind for kind, _ in kinds(derivative)}


def test_a_wrong_sign_is_said_once():
    def minus(v, s, escape):
        return -MATCHED(v, s, escape)

    assert kinds(minus) == {("shape", True)}
    shapes = ((shape_of(minus, NOISE), shape_of(MATCHED, NOISE)),)
    (fault,) = of_shape(shapes, snn.Surrogate(jax.tree_util.Partial(minus)), None)
    assert "wrong sign: -0.5" in fault.evidence and "fall off" not in fault.evidence


def test_p_in_place_of_its_slope():
    def probability(v, s, escape):
        return escape.prob(v)

    shapes = ((shape_of(probability, NOISE), shape_of(MATCHED, NOISE)),)
    (fault,) = of_shape(shapes, snn.Surrogate(jax.tree_util.Partial(probability)), None)
    assert "does not fall off" in fault.evidence and "firing probability is 1.000" in fault.evidence


def test_types():
    """float16 is a fault, bfloat16 a note, float32 and integers are neither."""
    names = "float16", "bfloat16", "float32", "int16"
    found = of_types({name: jnp.dtype(name) for name in names})
    assert [(f.where, f.fault) for f in found] == [("float16", True), ("bfloat16", False)]


class Mixed(Net):
    """Its input is multiplied in float16."""

    def __call__(self, params, x, noise, spike):
        first, *rest = params
        w = x.astype(jnp.float16) @ first["w"].astype(jnp.float16)
        first = {"b": first["b"] + w.astype(x.dtype), "w": 0 * first["w"]}
        return super().__call__([first, *rest], x, noise, spike)


def test_mixed_precision_within_the_code_is_a_note():
    program, params = problem()
    for network, expected in ((Mixed(), [(CODE, False)]), (Net(), [])):
        seen = look(
            Problem(snn.Program(network, program.x, program.loss), params),
            snn.Surrogate(),
            KEY,
            None,
            Clock(1.0),
        )
        assert [(f.where, f.fault) for f in of_types(seen.types)] == expected


class Deaf(Net):
    """Its input is multiplied by 0."""

    def __call__(self, params, x, noise, spike):
        return super().__call__(params, 0 * x, noise, spike)


def test_a_network_that_ignores_its_input():
    program, params = problem()
    deaf = snn.Program(Deaf(), program.x, program.loss)
    report = doctor.examine(deaf, params, KEY, time_axis=None)
    assert {(f.kind, f.where) for f in report.faults} == {("unused", "0/w")}


SPIKES = snn.SpikeFunction(NOISE)


def step(params, u, x):
    u = 0.9 * u + x @ params["w"]
    s = SPIKES(u - 1.0)
    return u - s, s


def looped(params, x):
    return jax.lax.scan(lambda u, x: step(params, u, x), jnp.zeros(3), x)[1]


def test_a_plain_function_with_a_loop_is_refused():
    x, params = jnp.ones((5, 2)), {"w": jnp.ones((2, 3))}
    with pytest.raises(ValueError, match=r"got a plain function.*snn.Steps\(step, state\)"):
        doctor.examine(snn.Program(looped, x, jnp.mean), params, KEY)
    for network in (lambda p, x: SPIKES(x[0] @ p["w"]), snn.Steps(step, jnp.zeros(3))):
        refuse_unrolled(Problem(snn.Program(network, x, jnp.mean), params))
