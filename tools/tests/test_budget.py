"""Budgets count processor time, and what they leave out is reported."""

import time
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from snn.noise import Uniforms
from snn_tools import budget, doctor
from snn_tools.budget import Clock, Cost
from snn_tools.comparison.problem import Problem
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


@pytest.mark.parametrize(("mean", "reported"), [(True, True), (False, False)])
def test_a_long_trial_is_shortened_for_the_tests_of_the_code(mean, reported, monkeypatch):
    monkeypatch.setattr(shortened, "MANY_SITES", 4 * 20)
    monkeypatch.setattr(shortened, "SITES_PER_SECOND", 10**9)
    report = doctor.examine(*long(100, mean), KEY, budget=0.01)
    words = "code: tested on the first 20 of 100 steps alone"
    assert (words in report.missing) == reported
    assert not report.faults and {c.verdict for c in report.checks} == {"agrees"}


EXAMPLES, LENGTH, NEURONS, CLASSES = 64, 40, 5, 3


def cross_entropy(y, out):
    logits = out.sum(0)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()


def closed(y, out):
    """Indices beyond the batch are not refused by JAX: they meet the last example."""
    return -jax.nn.log_softmax(out.sum(0))[jnp.arange(EXAMPLES), y].mean()


def readout(params, u, x):
    """A step of a layer whose spikes are weighted for each class."""
    u = 0.8 * u + x @ params["w"]
    s = SPIKES(u - 1.0)
    return u - s, s @ params["v"]


def batch_of(examples, steps, neurons=NEURONS, loss=cross_entropy):
    """A batch of examples over time, with targets that belong to the program."""
    keys = jax.random.split(jax.random.key(3), 4)
    x = (jax.random.uniform(keys[0], (LENGTH, EXAMPLES, 3)) < 0.5) * 1.0
    y = jax.random.randint(keys[1], (EXAMPLES,), 0, CLASSES)
    w = 0.4 + jax.random.normal(keys[2], (3, neurons))
    params = {"w": w, "v": jax.random.normal(keys[3], (neurons, CLASSES))}
    targets = Partial(loss, y[:examples]) if loss is cross_entropy else lambda out: loss(y, out)
    network = snn.Steps(readout, jnp.zeros((examples, neurons)))
    return Problem(snn.Program(network, x[:steps, :examples], targets), params)


@jax.jit
def loss_of(problem, xi):
    return problem.program(problem.params, xi, snn.spikes.FIXED).loss


@pytest.mark.parametrize("neurons", [NEURONS, EXAMPLES])
@pytest.mark.parametrize(
    ("most", "examples", "steps", "words"),
    [
        (1.0, EXAMPLES, LENGTH, ""),
        (1 / 4, 16, LENGTH, "the first 16 of 64 examples"),
        (1 / 64, 2, 20, "the first 2 of 64 examples and the first 20 of 40 steps"),
        (1e-9, 2, 16, "the first 2 of 64 examples and the first 16 of 40 steps"),
    ],
)
def test_a_part_is_the_program_of_a_smaller_batch(neurons, most, examples, steps, words):
    """Also where there are as many neurons as examples."""
    whole = batch_of(EXAMPLES, LENGTH, neurons)
    part, description = shortened.part_of(whole, most * whole.sites())
    assert description == words and part.sites() == examples * steps * neurons
    noise = snn.draw_noise(*whole, KEY, 1).values[0][0]
    xi = shortened.cut_sites(part, Uniforms((noise,)))
    expected = batch_of(examples, steps, neurons)
    got, same = loss_of(part, xi), loss_of(expected, xi)
    np.testing.assert_array_equal(got, same)
    assert (got == loss_of(whole, Uniforms((noise,)))) == (not words)


def test_examples_are_not_left_out_if_the_loss_keeps_their_targets():
    whole = batch_of(EXAMPLES, LENGTH, loss=closed)
    part, words = shortened.part_of(whole, whole.sites() / 64)
    assert words == "the first 16 of 40 steps"
    assert part.program.x.shape == (16, EXAMPLES, 3)


def test_examples_are_not_left_out_if_weights_of_classes_look_like_targets():
    """With as many classes as examples, weights of the first classes would be taken in silence."""
    whole = batch_of(EXAMPLES, LENGTH)
    y = jnp.arange(EXAMPLES)[::-1]
    weights = jnp.linspace(0.5, 2.0, EXAMPLES)
    params = {**whole.params, "v": jnp.tile(whole.params["v"], (1, EXAMPLES))[:, :EXAMPLES]}

    def weighted(y, weights, out):
        losses = -jax.nn.log_softmax(out.sum(0))[jnp.arange(len(y)), y]
        return (weights[y] * losses).mean()

    program = replace(whole.program, loss=Partial(weighted, y, weights))
    _, words = shortened.part_of(whole._replace(program=program, params=params), 1000)
    assert "examples" not in words


@pytest.mark.parametrize(("left", "words"), [(100.0, ""), (10.0, "examples"), (1.0, "steps")])
def test_the_part_for_the_direction_fits_into_the_time_left(left, words):
    """The cost of the pilot and the first turns, at the cost of a trial, is at most that time."""
    whole, cost = batch_of(EXAMPLES, LENGTH), Cost(compiled=0.0, run=50.0 / shortened.RUNS)
    clock = Clock(left, timer=lambda: 0.0)
    part, new, description = shortened.part_for_direction(whole, cost, clock)
    assert words in description and bool(description) == (left < 50.0)
    assert new.run * shortened.RUNS <= left
    assert new.run / cost.run == pytest.approx(part.sites() / whole.sites())


def test_a_large_batch_is_measured_in_part_and_the_report_says_so(monkeypatch):
    """Sites of the trials, of the tests of the code and of the true gradient are limited."""
    monkeypatch.setattr(shortened, "MANY_SITES", 200)
    monkeypatch.setattr(shortened, "SITES_OF_TRIALS", 1600)
    monkeypatch.setattr(shortened, "RUNS", 10**9)
    whole = batch_of(EXAMPLES, LENGTH)
    report = doctor.examine(*whole, KEY, budget="30s")
    assert report.facts.sites == EXAMPLES * LENGTH * NEURONS
    assert report.missing[:3] == (
        "anything but the first 8 of 64 examples",
        "code: tested on the first 2 of 8 examples and the first 20 of 40 steps alone",
        "true gradient: anything but the first 2 of 8 examples and the first 16 of 40 steps",
    )
    assert report.missing[2].partition("but ")[2] in str(report).partition("Not examined")[0]
    assert report.direction is not None and not report.faults
