"""The monitor, the gate and the report over checkpoints, in JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.shared import comparison
from snn_tools.shared.monitor import layer_numbers
from tools.tests.networks.in_jax import FAULTY, RIGHT, SUPERSPIKE

KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def as_from_a_shell():
    """Use float32, as users do; the tests' settings are back after each test."""
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_numpy_rank_promotion", "allow")


def test_numbers_of_a_layer():
    """A dead neuron, one that always fires, and one that fires in half of the steps."""
    v = np.array([[[-9.0, 9.0, 0.5]], [[-9.0, 9.0, -0.5]]])
    s, p = (v > 0) * 1.0, 1 / (1 + np.exp(-4 * v))
    error = np.array([[[0.0, 0.0, 6.0]], [[0.0, 0.0, 2.0]]])
    numbers = layer_numbers(s, v, p, (-1.0, 1.0), error)
    assert numbers["rate"] == numbers["rate_without_noise"] == 0.5
    assert numbers["rate_with_noise"] == pytest.approx(p.mean())
    assert numbers["dead_without_noise"] == numbers["saturated_without_noise"] == 1 / 3
    silence = (1 - p[:, 0]).prod(axis=0)
    assert numbers["dead_with_noise"] == pytest.approx(silence.mean())
    assert numbers["within"] == 1 / 3
    assert numbers["error"] == pytest.approx((40 / 6) ** 0.5)
    assert numbers["early_over_late"] == 3.0


def test_the_monitor_measures_every_fiftieth_step():
    program, params, _ = RIGHT["leaky, max over time"]()
    monitor = doctor.Monitor(SUPERSPIKE, every=50)
    assert monitor(1, program, params, KEY) == monitor(49, program, params, KEY) == {}
    numbers = monitor(50, program, params, KEY)
    noise = snn.draw_noise(program, params, KEY, 1)
    run = jax.vmap(lambda xi: program(params, xi, SUPERSPIKE.spike(program)))(noise)
    assert numbers["layer 0/rate"] == pytest.approx(float(run.trace[0].s.mean()), rel=1e-5)
    grad = SUPERSPIKE(program, params, noise).grad
    for name, g in grad.items():
        assert numbers[f"gradient/{name}"] == pytest.approx(float(jnp.linalg.norm(g)), rel=1e-4)
    assert all(isinstance(value, float) for value in numbers.values())


def test_a_gate_passes_a_right_network_and_stops_a_fault_with_the_report():
    def gate(build, per_array=0.3):
        program, params, settings = build()
        model = program.network, params
        return doctor.assert_gradient_ok(
            model, program.x, program.loss, per_array, budget=0.01, **settings
        )

    assert not gate(RIGHT["recurrent, softmax over time"]).faults
    with pytest.raises(AssertionError, match=r"faults: (scaled|cut)(.|\n)*Verdict: 1 fault"):
        gate(FAULTY["recurrence detached"][0])


def test_a_course_is_a_table_and_a_picture(monkeypatch):
    monkeypatch.setattr(comparison, "precise", lambda rows: True)
    network = snn.MLP((3, 4, 2), snn.escape.Sigmoid(6.0))
    params = network.init(jax.random.key(1))
    program = snn.Program(
        network, jnp.array([0.8, -0.5, 0.3]), snn.losses.Squared(jnp.array([0.3, 0.8]))
    )
    silent = [params[0] | {"b": params[0]["b"] - 9.0}, *params[1:]]
    course = doctor.course(program, {"start": params, "end": silent}, KEY, budget=60)
    lines = str(course).splitlines()
    assert lines[2].split()[:2] == ["checkpoint", "faults"] and "cosine 0" in lines[2]
    assert lines[4].split()[:2] == ["start", "none"] and "silent" in lines[5]
    cosines, rates = course.plot().axes
    assert [t.get_text() for t in cosines.get_xticklabels()] == ["start", "end"]
    assert rates.get_ylabel() == "spikes per neuron and step"
