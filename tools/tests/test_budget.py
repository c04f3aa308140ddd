"""Budgets count processor time, and what they leave out is reported."""

import time

import jax
import jax.numpy as jnp
import pytest

import snn
from snn_tools import budget, doctor
from snn_tools.doctor import shortened
from tools.tests.doctor.test_doctor import problem

KEY = jax.random.key(0)
SPIKES = snn.SpikeFunction(snn.escape.Sigmoid(4.0))


def test_a_clock_counts_processor_time_and_the_wall():
    clock = budget.Clock("1min")
    time.sleep(0.5)
    assert clock.elapsed() < 0.4 and clock.wall() >= 0.5
    assert budget.Clock(1.0, time.monotonic).elapsed() >= 0


def test_arrays_for_which_there_is_no_time_are_named(monkeypatch):
    monkeypatch.setattr(budget, "CODE_S", 0.0)
    report = doctor.examine(*problem(), KEY, budget=1e-6, time_axis=None)
    assert "code of 0/b, 0/w, 1/b, 1/w: no time" in report.missing
    assert not report.checks and "code of 0/b" in str(report)


def long(steps, mean=True):
    """A layer over many steps; its loss takes any number of steps, or exactly these."""

    def step(params, u, x):
        u = 0.8 * u + x @ params
        s = SPIKES(u - 1.0)
        return u - s, s

    x = (jax.random.uniform(jax.random.key(1), (steps, 3)) < 0.3) * 1.0
    target = jnp.full((steps, 4), 0.3)
    loss = lambda out: ((out.mean(0) - 0.3) ** 2).sum() if mean else ((out - target) ** 2).mean()  # noqa: E731
    params = 0.4 + jax.random.normal(jax.random.key(2), (3, 4)) / 3**0.5
    return snn.Program(snn.Steps(step, jnp.zeros(4)), x, loss), params


@pytest.mark.parametrize(("mean", "told"), [(True, True), (False, False)])
def test_a_long_trial_is_shortened_for_the_tests_of_the_code(mean, told, monkeypatch):
    monkeypatch.setattr(shortened, "MANY_SITES", 4 * 20)
    report = doctor.examine(*long(100, mean), KEY, budget=0.01)
    words = "code: tested on the first 20 of 100 steps alone"
    assert (words in report.missing) == told
    assert not report.faults and {c.verdict for c in report.checks} == {"agrees"}
