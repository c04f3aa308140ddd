"""Losses that agree on spikes, over time: tasks, arms, and what planted losses decide."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import snn
from beyond.experiments.boolean.claims_between_spikes import CLAIMS
from beyond.experiments.lif.between_spikes_over_time import BROAD, BetweenSpikesOverTime
from beyond.experiments.lif.budgets import METHODS as METHODS_BY_NAME
from beyond.experiments.lif.descent import descend, tasks_of
from beyond.experiments.lif.loss_variants import between, painting, picture
from beyond.tests.experiments.verdicts import verdicts as verdicts_of
from experiments.spike_timing import picture as pictures
from experiments.spike_timing.picture import target
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup
from snn.stats import flatten

SMALL: dict[str, Any] = {"n_inputs": 20, "n_hidden": 9, "n_outputs": 8, "steps": 30}
REFERENCE = "stochastic_ad_systematic"


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
        trained = descend(settings, METHODS_BY_NAME[method], 0.1, between(tasks, lam), f"{lam:g}")
        return trained.loss[0, -1]

    np.testing.assert_allclose(final_loss(REFERENCE, 0.0), final_loss(REFERENCE, 1.0), rtol=1e-6)
    assert final_loss(BROAD, 0.0) != final_loss(BROAD, 1.0)


METHODS = [REFERENCE, "lambda-0.5", "lambda0", "lambda0.5", "lambda1"]


def panel(logs, methods=METHODS, n=32):
    """Trainings whose log losses are those said, with some noise, at the second of two rates."""
    rng = np.random.default_rng(0)
    values = np.array(logs)[:, None, None] + np.array([0.5, 0.0])[:, None]
    data = {
        "methods": np.array([methods] * n),
        "lams": np.array([[-0.5, 0.0, 0.5, 1.0]] * n),
        "rates": np.array([[0.01, 0.1]] * n),
        "tuning": np.array([values + 0.05 * rng.normal(size=(len(logs), 2, 16))] * n),
        "log_loss": np.moveaxis(values + 0.05 * rng.normal(size=(len(logs), 2, n)), -1, 0),
    }
    return data | BetweenSpikesOverTime().pooled(data)


def verdicts(**panels):
    return verdicts_of(CLAIMS, "fig10", BetweenSpikesOverTime.conclusions(panels))


def test_planted_losses_come_out_and_decide():
    data = panel([0.0, 0.1, -0.2, -0.6, -1.0])
    np.testing.assert_allclose(data["chosen_rate"], 0.1)
    np.testing.assert_allclose(data["lead"][:, 0], [0, -0.1, 0.2, 0.6, 1.0], atol=0.05)
    np.testing.assert_allclose(data["lost"][0], 0.8, atol=0.05)
    assert data["lost"][1] < data["lost"][0] < data["lost"][2]
    np.testing.assert_allclose(data["ratio"][-1, 0], np.exp(-1), rtol=0.05)
    verdict_by_claim = verdicts(lambda_easy=data, lambda_steep=data)
    assert verdict_by_claim == dict.fromkeys(("E65", "E66", "E67", "E68", "E69"), "holds")
    kept = panel([0.0, -0.7, -0.8, -0.9, -1.0])
    verdict_by_claim = verdicts(lambda_easy=data, lambda_steep=kept)
    assert verdict_by_claim["E65"] == "holds" and verdict_by_claim["E66"] == "fails"
    # One regime alone is not the family.
    assert verdicts(lambda_easy=data) == {}


def test_figure_6_task_is_a_family_of_its_own():
    methods = ["lambda0", "lambda0.5", "lambda1"]
    data = panel([0.0, -0.5, -0.5], methods, n=48)
    quantities = BetweenSpikesOverTime.conclusions({"lambda_picture": data})
    p = {name: quantities[f"lambda_picture.{name}_p"].value for name in ("lambda1_over_lambda0",)}
    assert (
        p["lambda1_over_lambda0"]
        < 1e-6
        < quantities["lambda_picture.lambda1_over_lambda0.5_p"].value
    )
    assert "Holm, of 3" in quantities["lambda_picture.lambda1_over_lambda0_p"].why
    assert verdicts(lambda_picture=data) == {"E85": "holds", "E86": "holds", "E87": "undecided"}
    rising = panel([-0.5, -0.4, 0.0], methods, n=48)
    assert set(verdicts(lambda_picture=rising).values()) == {"fails"}
