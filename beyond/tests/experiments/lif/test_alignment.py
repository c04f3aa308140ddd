"""Alignment with the true gradient: an unbiased mean is aligned, and noise is not shared."""

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from beyond.experiments.lif import alignment
from beyond.experiments.lif.descent import tasks_of
from beyond.experiments.lif.tuned_training import TunedTraining
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


def config():
    return TunedTraining(**SMALL, seeds=[0])


def test_unbiased_means_have_cosine_and_ratio_one():
    tasks = tasks_of(config(), [0])
    weights = np.stack([ravel_pytree(params)[0] for _, params, _ in tasks.each()])[:, None]
    methods = [(estimator(name, beta=2.5), 8) for name in ("surrogate_through", "score_function")]
    (data,) = alignment.measure_alignment(tasks, weights, methods, (16, 512))
    surrogate, unbiased = data["cosine"][0]
    # The score function is unbiased; its own noise is taken out, up to the jackknife's error.
    assert abs(unbiased - 1) < 5 * data["cosine_se"][0, 1]
    assert abs(data["ratio"][0, 1] - 1) < 5 * data["ratio_se"][0, 1]
    # One update of it is far noisier than one of the surrogate gradient.
    updates = data["update_cosine"][0]
    assert updates[1] < updates[0] - 0.1 and (updates < surrogate).all()


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
