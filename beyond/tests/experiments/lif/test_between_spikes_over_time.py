"""Losses that agree on spikes, over time: tasks, arms, and what planted losses decide."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import snn
from beyond.experiments.lif.between_spikes_over_time import BetweenSpikesOverTime
from beyond.experiments.lif.descent import descend, tasks_of
from beyond.experiments.lif.loss_variants import between, painting, picture
from beyond.experiments.methods import BROAD, LIF, UNBIASED
from experiments.spike_timing import picture as pictures
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
    raster = target("rotunda", 8, 30, 0.274).T
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


def test_its_key_is_of_the_picture_it_paints(tmp_path, monkeypatch):
    paints, file = config(paints=True), tmp_path / "rotunda.png"
    before, plain = paints.input_digest(), config().input_digest()
    with Image.open(pictures.ROTUNDA) as image:
        Image.fromarray(np.asarray(image)[::-1]).save(file)
    monkeypatch.setattr(pictures, "ROTUNDA", file)
    assert paints.input_digest() != before
    assert config().input_digest() == plain


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


def test_unbiased_trainings_are_the_same_under_every_lambda():
    tasks, settings = tasks_of(config(), [0]), config(n_updates=4)

    def final_loss(method, lam):
        trained = descend(settings, LIF[method], 0.1, between(tasks, lam), f"{lam:g}")
        return trained.loss[0, -1]

    np.testing.assert_allclose(final_loss(UNBIASED, 0.0), final_loss(UNBIASED, 1.0), rtol=1e-6)
    assert final_loss(BROAD, 0.0) != final_loss(BROAD, 1.0)
