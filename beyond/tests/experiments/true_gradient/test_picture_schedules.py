"""Schedules in figure 6's task: the task is figure 6's, and planted ratios come out and decide."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import snn
from beyond.experiments.true_gradient.claims_of_hybrids import CLAIMS
from beyond.experiments.true_gradient.hybrids import BROAD, MATCHED
from beyond.experiments.true_gradient.picture_schedules import ARMS, PictureSchedules
from experiments.engine.errors import UserError
from experiments.replication.claim import evaluate_claims
from experiments.spike_timing import picture
from experiments.spike_timing.picture import target
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup

SMALL: dict[str, Any] = {"n_inputs": 20, "n_hidden": 9, "n_outputs": 8, "steps": 30}


def config(**changes):
    given: dict[str, Any] = {"budget": 4, "n_test": 16, "n_updates": 2, "chunk": 1, "widenings": 0}
    seeds: dict[str, Any] = {"learning_rates": [0.1], "seeds": [0], "tuning_seeds": [1]}
    return PictureSchedules(**SMALL | given | seeds | changes)


def test_the_task_is_that_of_figure_6():
    judged, tuning = config().tasks([0, 3])
    program, params = jax.tree.map(lambda leaf: leaf[1], (judged.programs, judged.params))
    assert [float(noise.beta) for noise in program.network.escapes] == [10, 100]
    raster = target("rotunda", 8, 30, 0.274).T
    given = SpikeMatching(n_inputs=20, n_hidden=9, n_outputs=8, n_steps=30, seeds=[0])
    theirs = Setup(given, jnp.asarray(raster))
    other = snn.Program(theirs.network, program.x, theirs.distance)
    noise = snn.draw_noise(program, params, jax.random.key(1), 4)
    for xi in (jax.tree.map(lambda leaf, i=i: leaf[i], noise) for i in range(4)):
        mine, expected = (of(params, xi, snn.Spike()).loss for of in (program, other))
        np.testing.assert_allclose(mine, expected, rtol=1e-12)
    # Initial weights are as large, up to their number: 400 inputs in place of 200.
    many, _ = config(n_inputs=400, n_hidden=200).tasks([0])
    assert abs(many.params[0]["w"].std() / (given.sigma_w * 0.5**0.5) - 1) < 0.02
    # Seeds have inputs and weights of their own, and the picture in common.
    assert (judged.programs.x[0] != judged.programs.x[1]).any()
    np.testing.assert_array_equal(judged.programs.loss.target[0], tuning.programs.loss.target[0])


def test_its_key_is_of_the_picture_it_paints(tmp_path, monkeypatch):
    first, file = config(), tmp_path / "rotunda.png"
    first.check("panels.x")
    with Image.open(picture.ROTUNDA) as image:
        Image.fromarray(np.asarray(image)[::-1]).save(file)
    monkeypatch.setattr(picture, "ROTUNDA", file)
    second = config()
    assert first.input_digest() != second.input_digest()
    painted = [np.asarray(x.tasks([0])[0].programs.loss.target) for x in (first, second)]
    assert (painted[0] != painted[1]).any()


def test_arms_start_alike_and_go_ways_of_their_own():
    (part,) = config().compute_many([0])
    assert part["loss"].shape == (4, 3) and len(set(part["loss"][:, 0])) == 1
    index = list(ARMS).index
    # Both schedules begin as the broad one does.
    assert part["loss"][index("annealed"), 1] == part["loss"][index(BROAD), 1]
    assert part["loss"][index(MATCHED), 1] != part["loss"][index(BROAD), 1]
    assert len(set(part["loss"][:, 2])) > 2


def panel(logs, n=48):
    """Trainings whose final losses are as far apart as said, in logarithms."""
    rng = np.random.default_rng(0)
    final = np.exp(np.array([logs[name] for name in ARMS]) + 0.2 * rng.normal(size=(n, 4)))
    loss = np.concatenate([np.ones((n, 4, 1)), final[..., None]], axis=2)
    data = {"methods": np.array([list(ARMS)] * n), "loss": loss, "final": final}
    return data | PictureSchedules().pooled(data)


PLANTED = {BROAD: 0.0, MATCHED: 1.0, "broad_then_matched": 0.7, "annealed": 1.0}


def test_planted_ratios_are_found_and_decided():
    said = PictureSchedules.conclusions({"picture": panel(PLANTED)})
    over = said[f"picture.broad_then_matched_over_{BROAD}"]
    assert over.ci_low and over.ci_high and over.ci_low < np.exp(0.7) < over.ci_high
    assert abs(np.log(over.value) - 0.7) < 0.1
    # Planted alike.
    assert said[f"picture.annealed_over_{MATCHED}_p"].value > 0.05
    assert said[f"picture.annealed_over_{BROAD}_p"].value == pytest.approx(4 * 2 * 0.5**48)
    assert 0.6 < said[f"picture.broad_then_matched_over_{MATCHED}"].value < 0.9


@pytest.mark.parametrize(("sign", "verdict"), [(1, "holds"), (-1, "fails"), (0, "undecided")])
def test_claims_follow_the_planted_ratio(sign, verdict):
    logs = {name: sign * value for name, value in PLANTED.items()}
    found = PictureSchedules.conclusions({"picture": panel(logs)})
    found = {f"fig10.{name}": quantity for name, quantity in found.items()}
    mine = tuple(claim for claim in CLAIMS if ".picture." in claim.value_of[0])
    assert [outcome.verdict for _, outcome in evaluate_claims(mine, found)] == [verdict] * 2


def test_a_raster_too_small_for_a_picture_is_refused():
    with pytest.raises(UserError, match="too small for a picture"):
        config(n_outputs=5).check("panels.picture")
