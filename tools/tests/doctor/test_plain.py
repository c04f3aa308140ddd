"""Plain functions with loops are the networks that `snn.Steps` runs, gradients and all."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.jax.plain import Plain, as_loop
from snn_tools.jax.problem import Problem
from tools.tests.spikes import with_derivative

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(4.0)
SPIKES = snn.SpikeFunction(NOISE)
OWN = with_derivative(lambda v: (1 + 10 * abs(v)) ** -2)
PARAMS = {"w": jnp.array([[0.9, 0.4], [0.2, 0.7]]), "v": jnp.array([[0.6, 0.1], [0.5, 0.3]])}
X = jnp.array([[1.0, 0.5], [0.2, 0.9], [1.2, 0.1], [0.4, 0.8]])


def total(out):
    return jnp.sum((out.mean(axis=0) - 0.3) ** 2)


@partial(jax.jit, static_argnums=0)
def cell(spikes, u, current):
    """A compiled function, of which JAX has one program for both layers."""
    u = 0.8 * u + current
    s = spikes(u - 0.6)
    # The spike is asked for again, for the reset.
    return u * (1 - spikes(u - 0.6)), s


def step(spikes, params, state, x):
    u, w = state
    u, s = cell(spikes, u, x @ params["w"])
    w, r = cell(spikes, w, s @ params["v"])
    return (u, w), r


START = jnp.zeros(2), jnp.zeros(2)


def looped(spikes, reverse, params, x):
    once = partial(step, spikes, params)
    return jax.lax.scan(once, START, x, reverse=reverse)[1]


def problem(network):
    return Problem(snn.Program(network, X, total), PARAMS)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("spikes", [SPIKES, OWN])
def test_a_scan_is_the_network_that_steps_run(spikes, reverse):
    network = partial(looped, spikes, reverse)
    plain = doctor.adopted(network, NOISE) if spikes is OWN else network
    ours = as_loop(problem(plain))
    assert isinstance(ours.program.network, Plain)
    steps = snn.Steps(partial(step, SPIKES), START)
    theirs = problem(steps)
    if reverse:  # the last step comes first
        theirs = Problem(snn.Program(steps, X[::-1], total), PARAMS)
    noise = snn.draw_noise(*theirs, KEY, 8)
    mirrored = jax.tree.map(lambda xi: xi[:, ::-1], noise) if reverse else noise
    surrogate = snn.Surrogate(snn.surrogate.SuperSpike(10.0))
    ours, theirs = surrogate(*ours, mirrored), surrogate(*theirs, noise)
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-12)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-10), ours.grad, theirs.grad)
    wrong = snn.Surrogate(snn.surrogate.SuperSpike(5.0))(*problem(steps), noise)
    assert abs(wrong.grad["w"] - theirs.grad["w"]).max() > 1e-3


def test_a_training_that_follows_sees_no_marks():
    """JAX keeps traces of loops and compiled functions; a training needs others."""

    def loss(params):
        return total(looped(SPIKES, False, params, X))

    before = jax.grad(loss)(PARAMS)
    as_loop(problem(partial(looped, SPIKES, False)))
    after = jax.grad(lambda params: loss(params))(PARAMS)
    jax.tree.map(np.testing.assert_array_equal, before, after)


@jax.custom_jvp
def of_slope(v, slope, theta):
    return (v > theta) * 1.0


@of_slope.defjvp
def _(primals, tangents):
    v, slope, theta = primals
    return of_slope(*primals), tangents[0] / (1 + slope * abs(v - theta)) ** 2


def test_operands_of_a_spike_function_are_those_of_the_run():
    """A slope of 25 and a threshold for each neuron, both computed from parameters."""

    def network(params, x):
        def once(u, now):
            u = 0.8 * u + now @ params["w"]
            return u, of_slope(u, jnp.exp(params["log_slope"]), params["theta"])

        return jax.lax.scan(once, jnp.zeros(2), x)[1]

    params = {"w": PARAMS["w"], "log_slope": jnp.log(25.0), "theta": jnp.array([0.4, 0.6])}
    program = snn.Program(doctor.adopted(network, NOISE), X, total)
    (layer,) = doctor.examine(program, params, KEY, budget=0.01).layers
    assert (layer.own.half, layer.own.peak_at) == pytest.approx((2 / 25, 0.0), abs=1e-3)


def test_each_layer_has_the_noise_of_its_spike_function():
    """The first slope is a parameter."""

    def network(params, x):
        def once(state, now):
            u, w = state
            u = 0.8 * u + now @ params["w"]
            w = 0.8 * w + snn.SpikeFunction(snn.escape.Sigmoid(params["beta"]))(u - 0.6)
            return (u, w), SPIKES(w - 0.6)

        return jax.lax.scan(once, START, x)[1]

    params = {"w": PARAMS["w"], "beta": jnp.array(8.0)}
    layers = doctor.examine(snn.Program(network, X, total), params, KEY, budget=0.01).layers
    halves = [layer.noise.half for layer in layers]
    assert halves == pytest.approx([2 * np.log(3) / 8, 2 * np.log(3) / 4], rel=1e-3)


def in_python(params, x):
    state, out = START, []
    for now in x:
        state, s = step(SPIKES, params, state, now)
        out.append(s)
    return jnp.stack(out)


def until(params, x):
    def body(carry):
        k, s = carry
        return k + 1, OWN(x[0] @ params["w"] - 0.6 + 0.0 * s)

    return jax.lax.while_loop(lambda carry: carry[0] < x.sum(), body, (0, jnp.zeros(2)))[1]


def twice(params, x):
    once = lambda u, row: jax.lax.scan(partial(step, OWN, params), START, x)  # noqa: E731
    return jax.lax.scan(once, START, x)[1]


REFUSED = {
    "in a Python loop": in_python,
    "spikes inside while": doctor.adopted(until, NOISE),
    "a loop inside of a loop": doctor.adopted(twice, NOISE),
    "without an escape noise": partial(looped, OWN, False),
    "no step function": doctor.adopted(lambda params, x: x @ params["w"], NOISE),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_examined_is_refused(words):
    with pytest.raises(ValueError, match=words):
        doctor.examine(*problem(REFUSED[words]), KEY)
