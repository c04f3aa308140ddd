"""Faults that used to pass: each named, with the healthy twin beside it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.advice.code import of_types
from snn_tools.doctor.advice.shape import of_shape
from snn_tools.doctor.advice.trials import of_trials
from snn_tools.doctor.measurements import Layer
from snn_tools.doctor.probe import refuse_unrolled
from snn_tools.doctor.shape import shape_of
from tests.snn_tools.doctor.test_doctor import Net, problem

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(2.0)
MATCHED = snn.surrogate.Matched()
SUPERSPIKE = snn.surrogate.SuperSpike(10.0)


def kinds(derivative, *noises):
    """Kinds of findings in a derivative, in layers of such noise."""
    derivative = jax.tree_util.Partial(derivative)
    shapes = tuple((shape_of(derivative, e), shape_of(MATCHED, e)) for e in noises or (NOISE,))
    return {(f.kind, f.fault) for f in of_shape(shapes, snn.Surrogate(derivative), None)}


@pytest.mark.parametrize("derivative", [MATCHED, SUPERSPIKE, snn.surrogate.Triangle(1.0)])
def test_a_surrogate_at_v_plus_theta(derivative):
    def aside(v, s, escape):
        return derivative(v + 1.0, s, escape)

    assert ("aside", True) in kinds(aside)
    assert "aside" not in {kind for kind, _ in kinds(derivative)}


def test_the_factor_of_one_layer():
    """Told by its escape noise: the second layer's derivative is ten times as high."""

    def uneven(v, s, escape):
        return jnp.where(escape.beta > 3.0, 10.0, 1.0) * MATCHED(v, s, escape)

    noises = NOISE, snn.escape.Sigmoid(4.0)
    assert {("unequal", True), ("height", False)} <= kinds(uneven, *noises)
    assert not kinds(MATCHED, *noises)
    assert not {k for k, _ in kinds(SUPERSPIKE, *noises)} & {"unequal", "height"}


def test_a_wrong_sign_is_said_once():
    def minus(v, s, escape):
        return -MATCHED(v, s, escape)

    assert kinds(minus) == {("shape", True)}
    shapes = ((shape_of(minus, NOISE), shape_of(MATCHED, NOISE)),)
    (fault,) = of_shape(shapes, snn.Surrogate(jax.tree_util.Partial(minus)), None)
    assert "wrong sign: -0.5" in fault.evidence and "fall off" not in fault.evidence


def test_a_layer_whose_potentials_do_not_reach_the_derivative():
    layer = Layer(0, 9, 0.015, 0.1, 0.0, 0.0, 0.01, 0, (), np.nan)
    assert {f.kind for f in of_trials((layer,), (), 64, 0)} == {"unreached"}
    for healthy in (replace(layer, within=0.1), replace(layer, passes=0.3)):
        assert not of_trials((healthy,), (), 64, 0)


def test_types():
    """float16 is a fault, bfloat16 a note, float32 and integers are neither."""
    names = "float16", "bfloat16", "float32", "int16"
    found = of_types({name: jnp.dtype(name) for name in names})
    assert [(f.where, f.fault) for f in found] == [("float16", True), ("bfloat16", False)]


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
