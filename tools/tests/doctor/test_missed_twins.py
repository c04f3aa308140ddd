"""Faults that used to pass: each named, with the healthy twin beside it."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace
from snn.value_object import static, value_object
from snn_tools import doctor
from snn_tools.budget import Clock
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.advice.code import of_types
from snn_tools.doctor.as_called import refuse_plain
from snn_tools.doctor.single_trials import CODE, run_trials
from tools.tests.doctor.test_doctor import Net, problem

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(2.0)


def test_types():
    """float16 is a fault, bfloat16 a note, float32 and integers are neither."""
    names = "float16", "bfloat16", "float32", "int16"
    findings = of_types({name: jnp.dtype(name) for name in names})
    assert [(f.where, f.fault) for f in findings] == [("float16", True), ("bfloat16", False)]


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
        single = run_trials(
            Problem(snn.Program(network, program.x, program.loss), params),
            snn.Surrogate(),
            KEY,
            None,
            Clock(1.0),
        )
        assert [(f.where, f.fault) for f in of_types(single.types)] == expected


SPIKES = snn.SpikeFunction(NOISE)


def step(params, u, x):
    u = 0.9 * u + x @ params["w"]
    s = SPIKES(u - 1.0)
    return u - s, s


def looped(params, x):
    return jax.lax.scan(lambda u, x: step(params, u, x), jnp.zeros(3), x)[1]


def in_python(params, x):
    u, out = jnp.zeros(3), []
    for now in x:
        u, s = jax.jit(step)(params, u, now)
        out.append(s)
    return jnp.stack(out)


def deep(params, x):
    for w in (params["w"], *params["deep"]):
        x = SPIKES(x @ w - 0.3)
    return x


@pytest.mark.parametrize("network", [looped, in_python])
def test_a_plain_function_with_a_loop_is_refused(network):
    x, params = jnp.ones((5, 2)), {"w": jnp.ones((2, 3))}
    with pytest.raises(ValueError, match=r"got a plain function.*snn.Steps\(step, state\)"):
        doctor.examine(snn.Program(network, x, jnp.mean), params, KEY)


def test_a_plain_function_without_a_loop_is_not():
    x, params = jnp.ones((5, 2)), {"w": jnp.ones((2, 3))}
    layers = params | {"deep": [jnp.ones((3, 3))] * 4}
    refuse_plain(Problem(snn.Program(deep, x[0], jnp.mean), layers))
    for network in (lambda p, x: SPIKES(x[0] @ p["w"]), snn.Steps(step, jnp.zeros(3))):
        refuse_plain(Problem(snn.Program(network, x, jnp.mean), params))


class Shared(Net):
    """Its second layer is drawn from the first one's noise; both have as many neurons."""

    def __call__(self, params, x, noise, spike):
        class First:
            def draw(self, layer, t, shape):
                return noise.draw(0, t, shape)

        return super().__call__(params, x, First(), spike)


@pytest.mark.parametrize("forward", [snn.sample, snn.threshold])
def test_one_noise_for_two_layers_is_refused(forward):
    surrogate = snn.Surrogate(forward=forward)
    square = [{"b": jnp.zeros(2), "w": jnp.eye(2)}] * 2
    with pytest.raises(ValueError, match=r"trace\[1\]: got \d+ of 128 spikes that differ from"):
        doctor.examine(
            snn.Program(Shared(), jnp.ones(2), jnp.sum),
            square,
            KEY,
            surrogate=surrogate,
            truth="sampled",
            time_axis=None,
        )


def pair(params, x):
    hidden = SPIKES(x @ params["w"] - 0.2)
    return hidden, SPIKES(hidden @ params["o"] - 0.1)


def penalised(count):
    return lambda out: jnp.sum((out[1] - 1.0) ** 2) + 0.2 * count(out[0])


def test_a_penalty_that_compares_spikes():
    """The loss falls where the hidden neurons fire less, and no derivative says so."""
    key = jax.random.split(jax.random.key(1))
    params = {
        "w": 0.5 * jax.random.normal(key[0], (2, 3)),
        "o": 0.5 * jnp.abs(jax.random.normal(key[1], (3, 1))),
    }
    for count, budget, kinds in (
        (lambda s: (s > 0.5).sum() * 1.0, 60, {("against", False), ("compared", True)}),
        (lambda s: s.astype(int).sum() * 1.0, 0.01, {("compared", False)}),
        (jnp.sum, 60, set()),
    ):
        program = snn.Program(pair, jnp.array([1.0, 0.7]), penalised(count))
        report = doctor.examine(program, params, KEY, budget=budget, time_axis=None)
        reported = {(f.kind, f.fault) for f in report.findings if f.kind in ("against", "compared")}
        assert reported == kinds


@value_object
class Short:
    """Its potentials are float32, whatever its parameters are."""

    own: Any = static(default=lambda s: s)

    def __call__(self, params, x, noise, spike):
        def one(u, inputs):
            t, now = inputs
            u = 0.9 * u + (now @ params["w"]).astype(jnp.float32)
            s = spike(NOISE, u - 1.0, noise.draw(0, t, u.shape))
            return u - self.own(s), (u - 1.0, s)

        _, (v, s) = jax.lax.scan(one, jnp.zeros(3, jnp.float32), (jnp.arange(len(x)), x))
        return s, (LayerTrace(v, s, NOISE),)


def test_code_that_insists_on_float32_is_tested_in_it():
    params = {"w": 0.3 * jnp.ones((2, 3), jnp.float32)}
    for own, kinds in ((lambda s: s, set()), (lambda s: 2 * s - stop_gradient(s), {"scaled"})):
        program = snn.Program(Short(own), jnp.ones((5, 2), jnp.float32), jnp.mean)
        report = doctor.examine(program, params, KEY, budget=0.01)
        assert {f.kind for f in report.faults} == kinds and len(report.checks) >= 2
