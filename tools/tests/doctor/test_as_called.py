"""The spike function in a network's own code is the one that is examined."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.jax.plain import as_called, slope_in_code, with_operands
from snn_tools.jax.problem import Problem
from tools.tests.spikes import with_derivative

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(4.0)


SUPER = with_derivative(lambda v: (1 + 10 * abs(v)) ** -2)


@jax.custom_vjp
def backward(v):
    return jnp.where(v >= 0, 1.0, 0.0)


backward.defvjp(lambda v: (backward(v), v), lambda v, g: (g * jnp.exp(-abs(v)),))


def relu_and(first, second):
    """A step of two layers; `jax.nn.relu` has a derivative of its own, too, and is no step."""

    def step(params, u, x):
        u = 0.8 * u + jax.nn.relu(x @ params["w"])
        s = first(u - 0.6)
        return u - s, second(s @ params["v"] - 0.3)

    return step


PARAMS = {"w": jnp.array([[0.9, 0.4], [0.2, 0.7]]), "v": jnp.array([[0.6, 0.1], [0.5, 0.3]])}


def total(output):
    return jnp.sum((output - 0.5) ** 2)


def problem(first=SUPER, second=SUPER):
    step = doctor.adopted(relu_and(first, second), NOISE)
    return Problem(snn.Program(snn.Steps(step, jnp.zeros(2)), jnp.ones((4, 2)), total), PARAMS)


def kinds(report):
    return {f.kind for f in report.faults}


def test_the_derivatives_are_those_of_the_code():
    first, second = as_called(problem(SUPER, backward))
    assert (first.name, second.name) == ("spike", "backward")
    v = jnp.linspace(-2.0, 2.0, 9)
    np.testing.assert_allclose(first.derivative(v, v, None), (1 + 10 * abs(v)) ** -2)
    np.testing.assert_allclose(second.derivative(v, v, None), jnp.exp(-abs(v)))


def test_an_adopted_network_is_the_one_that_is_ported_by_hand():
    spikes = snn.SpikeFunction(NOISE)
    ported = snn.Program(snn.Steps(relu_and(spikes, spikes), jnp.zeros(2)), jnp.ones((4, 2)), total)
    noise = snn.draw_noise(ported, PARAMS, KEY, 16)
    surrogate = snn.Surrogate(snn.surrogate.SuperSpike(10.0))
    estimates = [surrogate(program, PARAMS, noise) for program in (problem().program, ported)]
    jax.tree.map(np.testing.assert_array_equal, *estimates)


def test_a_threshold_of_its_own_is_found():
    @jax.custom_jvp
    def above(u):
        return (u > 0.25).astype(u.dtype)

    above.defjvp(lambda p, t: (above(*p), t[0] / (1 + 10 * abs(p[0] - 0.25)) ** 2))
    network = doctor.adopted(lambda p, x: above(x @ p["w"] - 0.35), NOISE)
    program = snn.Program(network, jnp.ones(2), total)
    (call,) = as_called(Problem(program, PARAMS))
    v = jnp.linspace(-2.0, 2.0, 9)
    np.testing.assert_allclose(call.derivative(v, v, None), (1 + 10 * abs(v)) ** -2, rtol=1e-4)
    noise = snn.draw_noise(program, PARAMS, KEY, 2)
    run = jax.jit(jax.vmap(lambda xi: program(PARAMS, xi, snn.spikes.FIXED).trace[0].v))
    np.testing.assert_allclose(run(noise)[0], [0.5, 0.5], atol=1e-5)


@jax.custom_jvp
def sloped(v, slope):
    return (v > 0).astype(v.dtype)


sloped.defjvp(lambda p, t: (sloped(*p), t[0] / (1 + p[1] * abs(p[0])) ** 2))


def test_a_slope_that_is_a_parameter_is_the_one_that_is_examined():
    def step(params, u, x):
        s = sloped(u - 0.6, params["slope"])
        return 0.8 * u + x @ params["w"] - s, s

    params = {"w": PARAMS["w"], "slope": jnp.asarray(10.0)}
    network = snn.Steps(doctor.adopted(step, NOISE), jnp.zeros(2))
    plain = Problem(snn.Program(network, jnp.ones((4, 2)), total), params)
    v = jnp.linspace(-2.0, 2.0, 9)
    slopes = [as_called(p)[0].derivative(v, v, None) for p in (with_operands(plain), plain)]
    np.testing.assert_allclose(slopes[0], (1 + 10 * abs(v)) ** -2)
    assert abs(slopes[1] - slopes[0]).max() > 0.2  # taken for 1
    declared = snn.Surrogate(snn.surrogate.SuperSpike(10.0))
    # The loss does not depend on it, which is true.
    assert kinds(doctor.examine(*plain, KEY, budget=0.01, surrogate=declared)) == {"unused"}


def test_a_plain_function_is_adopted_as_well():
    network = doctor.adopted(lambda p, x: SUPER(SUPER(x @ p["w"] - 0.6) @ p["v"] - 0.3), NOISE)
    program = snn.Program(network, jnp.ones(2), total)
    assert [called.name for called in as_called(Problem(program, PARAMS))] == ["spike", "spike"]
    noise = snn.draw_noise(program, PARAMS, KEY, 8)
    derivatives = slope_in_code, snn.surrogate.SuperSpike(10.0)
    gradients = [snn.Surrogate(d)(program, PARAMS, noise).grad for d in derivatives]
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-12), *gradients)


def test_without_noise_its_gradient_is_that_of_the_library():
    """Two layers of one shape, each with its derivative; with one for both, another gradient."""

    def loss(params):
        step = relu_and(SUPER, backward)
        scan = jax.lax.scan(lambda u, x: step(params, u, x), jnp.zeros(2), jnp.ones((4, 2)))
        return total(scan[1])

    program = problem(SUPER, backward).program
    noise = snn.draw_noise(program, PARAMS, KEY, 2)
    gradients = {
        derivative: snn.Surrogate(derivative, forward=snn.threshold)(program, PARAMS, noise).grad
        for derivative in (slope_in_code, snn.surrogate.SuperSpike(10.0))
    }
    exact = jax.grad(loss)(PARAMS)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-12), gradients[slope_in_code], exact)
    assert abs(gradients[snn.surrogate.SuperSpike(10.0)]["v"] - exact["v"]).max() > 0.01


def test_what_is_called_is_examined_and_what_is_declared_is_compared():
    declared = snn.Surrogate(snn.surrogate.SuperSpike(10.0))
    steeper = with_derivative(lambda v: (1 + 100 * abs(v)) ** -2)
    report = doctor.examine(*problem(steeper, steeper), KEY, budget=0.01, surrogate=declared)
    assert {"ignored"} <= kinds(report) <= {"ignored", "vanishes"}
    # The noise was chosen for the examination alone.
    assert "steep" in {f.kind for f in report.findings}
    assert len([f for f in report.faults if f.kind == "ignored"]) == 1
    assert "of the network's own spike, as called (declared: SuperSpike" in report.facts.surrogate


def test_a_network_that_was_not_adopted_is_told_how():
    network = snn.Steps(relu_and(SUPER, SUPER), jnp.zeros(2))
    program = snn.Program(network, jnp.ones((4, 2)), total)
    with pytest.raises(ValueError, match=r"spikes come from spike, .*doctor.adopted\(function"):
        doctor.examine(program, PARAMS, KEY)
