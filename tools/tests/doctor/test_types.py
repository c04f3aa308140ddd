"""Types of numbers and the noise of other sites: each fault with its right twin beside it."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace
from snn.value_object import static, value_object
from snn_tools import doctor
from snn_tools.jax.code import of_types
from snn_tools.jax.problem import Problem
from snn_tools.jax.single_trials import CODE, run_trials
from snn_tools.shared.budget import Clock

KEY = jax.random.key(0)
NOISE = snn.escape.Sigmoid(2.0)


@value_object
class Net:
    """Two binary layers, a network of four arguments."""

    def __call__(self, params, x, noise, spike):
        trace = []
        for k, layer in enumerate(params):
            v = x @ layer["w"] + layer["b"]
            x = spike(NOISE, v, noise.draw(k, None, v.shape))
            trace.append(LayerTrace(v, x, NOISE))
        return x, tuple(trace)


def problem():
    params = [
        {"b": jnp.array([0.1, -0.2]), "w": jnp.array([[0.9, -0.5], [0.3, 0.8]])},
        {"b": jnp.array([-0.1]), "w": jnp.array([[0.7], [0.6]])},
    ]
    return snn.Program(Net(), jnp.array([1.0, 0.5]), jnp.sum), params


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
