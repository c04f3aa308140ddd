"""Losses that agree on spikes, over time: the painted task, and gradients between losses."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.lif.between_spikes_over_time import BetweenSpikesOverTime
from beyond.experiments.lif.descent import tasks_of
from beyond.experiments.lif.loss_variants import ROTUNDA, between, painting, picture
from experiments.spike_timing.picture import target
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup
from snn.stats import flatten

SMALL: dict[str, Any] = {"n_inputs": 20, "n_hidden": 9, "n_outputs": 8, "steps": 30}


def config(**changes):
    training: dict[str, Any] = {"budget": 4, "n_test": 16, "n_updates": 2, "chunk": 1}
    seeds: dict[str, Any] = {"rates": [0.1], "seeds": [0], "tuning_seeds": [1]}
    return BetweenSpikesOverTime(**SMALL | training | seeds | changes)


def first(tasks):
    return jax.tree.map(lambda leaf: leaf[0], (tasks.programs, tasks.params))


def test_the_painted_task_is_that_of_figure_6():
    tasks = painting(tasks_of(config(), [0, 3]), picture(8, 30), 10.0)
    program, params = jax.tree.map(lambda leaf: leaf[1], (tasks.programs, tasks.params))
    assert [float(noise.beta) for noise in program.network.escapes] == [10, 100]
    raster = target(ROTUNDA, 8, 30, 0.274).T
    figure_6 = SpikeMatching(n_inputs=20, n_hidden=9, n_outputs=8, n_steps=30, seeds=[0])
    theirs = Setup(figure_6, jnp.asarray(raster))
    other = snn.Program(theirs.network, program.x, theirs.distance)
    noise = snn.draw_noise(program, params, jax.random.key(1), 4)
    mine, expected = (
        jax.jit(jax.vmap(lambda xi, each=each: each(params, xi, snn.Spike()).loss))(noise)
        for each in (program, other)
    )
    np.testing.assert_allclose(mine, expected, rtol=1e-12)
    # Seeds have inputs and weights of their own, and the picture in common.
    assert (tasks.programs.x[0] != tasks.programs.x[1]).any()


def test_terms_that_are_zero_on_spikes_change_the_surrogate_gradient_alone():
    tasks = tasks_of(config(), [2])
    program, params = first(tasks)
    noise = snn.draw_noise(program, params, jax.random.key(1), 64)

    def estimate(tasks):
        sg = snn.Surrogate(reset=snn.through)(first(tasks)[0], params, noise)
        return sg.loss, np.asarray(flatten(sg.grad))

    loss, gradient = estimate(tasks)
    np.testing.assert_allclose(estimate(between(tasks, 1.0))[1], gradient, rtol=1e-10, atol=1e-14)
    at_0, at_half = (estimate(between(tasks, lam)) for lam in (0.0, 0.5))
    np.testing.assert_allclose(at_half[1], (at_0[1] + gradient) / 2, rtol=1e-9, atol=1e-13)
    for loss_and_gradient in (at_0, at_half):
        assert loss_and_gradient[0] == pytest.approx(float(loss), rel=1e-12)
        assert np.abs(loss_and_gradient[1] - gradient).max() > 1e-3 * np.abs(gradient).max()
