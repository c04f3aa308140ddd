"""Alignment along training: who is known by proof to be aligned is, and ranks are pooled right."""

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from beyond.experiments.true_gradient import alignment
from beyond.experiments.true_gradient.alignment_along_training import (
    AlignmentAlongTraining,
)
from beyond.experiments.true_gradient.descent import tasks_of
from experiments.estimators import estimator

SMALL = {
    "n_inputs": 10,
    "n_hidden": 6,
    "n_outputs": 3,
    "steps": 20,
    "beta": 2.5,
    "n_test": 32,
    "budget": 8,
}


def config(**changes):
    return AlignmentAlongTraining(
        **{
            "methods": ["surrogate_through", "score_function"],
            "learning_rates": [0.1, 0.01],
            "points": [0, 4],
            "n_updates": 8,
            "chunk": 4,
            "n_flips": 16,
            "n_trials": 512,
            "seeds": [0],
        }
        | SMALL
        | changes
    )


def test_unbiased_means_have_cosine_and_ratio_one_on_every_trajectory():
    data = config().compute(0)
    assert data["cosine"].shape == data["update_cosine_se"].shape == (2, 2, 2)
    surrogate, unbiased = np.moveaxis(data["cosine"], -1, 0)
    errors = data["cosine_se"][..., 1]
    # The score function is unbiased; its own noise is taken out, up to the jackknife's error.
    assert np.abs((unbiased - 1) / errors).max() < 5
    assert np.abs((data["ratio"][..., 1] - 1) / data["ratio_se"][..., 1]).max() < 5
    # One update of it is far noisier than one of the surrogate gradient.
    updates = data["update_cosine"]
    assert (updates[..., 1] < updates[..., 0] - 0.1).all() and (updates < surrogate.max()).all()
    # Before training, trajectories are at one point; later they are not.
    np.testing.assert_array_equal(data["cosine"][0, 0], data["cosine"][1, 0])
    assert (data["cosine"][0, 1] != data["cosine"][1, 1]).all()


def test_methods_and_the_true_gradient_draw_independent_noise(monkeypatch):
    """If they shared trials, noise would count as alignment; only the points share theirs."""
    drawn = []

    def batches(estimator, program, params, key, n_batches, n_trials):
        drawn.append(tuple(np.ravel(jax.random.key_data(key))))
        return [np.random.default_rng(len(drawn)).normal(size=(n_batches, 3))]

    monkeypatch.setattr(alignment, "layer_batches", batches)
    tasks = tasks_of(config(), [0, 1])
    weights = np.stack([ravel_pytree(params)[0] for _, params, _ in tasks.each()])
    method = estimator("surrogate_through", beta=2.5)
    alignment.measure_alignment(tasks, np.stack([weights] * 2, axis=1), [(method, 1)], (16, 512))
    # Of each task and point: the true gradient, then the method.
    true, other = np.reshape(drawn, (2, 2, 2, -1)).swapaxes(0, 2)
    for key in (true, other):
        assert (key[0] == key[1]).all() and (key[:, 0] != key[:, 1]).any()
    assert (true != other).any(axis=-1).all()


THREE = ["surrogate", "super_spike", "surrogate_through"]


def made(learned, update, silent=()):
    """Data of tasks with three methods: log of what is learned, and alignment of updates."""
    tasks, methods = np.shape(learned)
    spikes = np.full((tasks, 2), 5.0)
    spikes[list(silent)] = 0.0
    shape = (tasks, methods, 3, methods)
    every = np.broadcast_to(np.asarray(update)[:, None, None], shape)
    return {
        "methods": np.array([THREE] * tasks),
        "loss": np.ones((tasks, methods, 2)),
        "final": np.exp(-np.asarray(learned)),
        "first_spikes": spikes,
        "cosine": every,
        "cosine_se": np.full(shape, 0.01),
        "ratio": np.ones(shape),
        "update_cosine": every,
        "update_cosine_se": np.full(shape, 0.01),
    }


def test_alignment_that_ranks_methods_as_learning_does_predicts_it():
    three = config(methods=THREE, learning_rates=[0.1] * 3)
    learned = np.random.default_rng(0).normal(size=(6, 3))
    pooled = three.pooled(made(learned, np.tanh(learned)))
    np.testing.assert_allclose(pooled["rank_correlations"][:, 0], 1)
    # Of six permutations of three methods, none can be told from chance.
    assert (pooled["p_values"] >= 1 / 6 - 1e-12).all()
    pooled = three.pooled(made(learned, -learned))
    np.testing.assert_allclose(pooled["rank_correlations"][:, 0], -1)
    # A silent task has no say.
    update = learned.copy()
    update[5] *= -1
    pooled = three.pooled(made(learned, update, silent=[5]))
    assert pooled["n_compared"] == 5
    np.testing.assert_allclose(pooled["rank_correlations"][:, 0], 1)
    assert three.pooled(made(learned, update))["rank_correlations"][0, 0] < 1


def test_an_unknown_cosine_is_left_out_of_means_and_ranks():
    three = config(methods=THREE, learning_rates=[0.1] * 3)
    learned = np.random.default_rng(1).normal(size=(4, 3))
    data = made(learned, learned)
    data["cosine_se"][0, 0, 0, 1] = 0.2
    pooled = three.pooled(data)
    assert pooled["n_known"][0, 0, 1] == 3 and pooled["n_known"].min() == 3
    np.testing.assert_allclose(pooled["cosine_mean"][0, 0, 1, 0], learned[1:, 1].mean())
    # Two methods are left in the first task: they have no rank correlation.
    assert np.isnan(pooled["task_rank_correlations"][2, 0])
    assert np.isfinite(pooled["task_rank_correlations"][:2]).all()
    np.testing.assert_allclose(pooled["cosine_change"], 0, atol=1e-12)
