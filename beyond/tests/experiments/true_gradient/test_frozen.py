"""Frozen trainings are told by their losses, and what is left of the gradient is unbiased."""

import jax
import numpy as np
import pytest
from scipy.stats import sem

import snn
from beyond.experiments.true_gradient import frozen
from beyond.experiments.true_gradient.descent import tasks_of
from beyond.experiments.true_gradient.unbiased_training import UnbiasedTraining

CONFIG = UnbiasedTraining(n_inputs=3, n_hidden=2, n_outputs=1, steps=5, beta=1.0, seeds=[0])


def test_frozen_is_what_varies_by_less_than_a_thousandth_at_the_end():
    falling = np.linspace(2, 1.1, 20)
    stopped = np.concatenate([falling, np.full(6, 1.0)])
    late = np.concatenate([falling, np.full(5, 1.0)])
    wobble = np.concatenate([falling, 1 + 1e-3 * np.array([-1, 1, -1, 1, -1, 1])])
    little = np.concatenate([falling, 1 + 1e-4 * np.array([-1, 1, -1, 1, -1, 1])])
    is_frozen = [bool(frozen.frozen(loss)) for loss in (falling, stopped, late, wobble, little)]
    assert is_frozen == [False, True, False, False, True]


def test_squared_norms_are_those_of_the_enumerated_gradient(monkeypatch):
    monkeypatch.setattr(frozen, "N_TRIALS", 16 * 256)
    monkeypatch.setattr(frozen, "N_BATCHES", 16)
    tasks = tasks_of(CONFIG, [0, 1, 2])
    weights = np.stack(
        [snn.stats.flatten(jax.tree.map(lambda w, i=i: w[i], tasks.params)) for i in range(3)]
    )
    estimated, se = frozen.squared_norms(tasks, weights, n_flips=15).T
    exact = []
    for i in range(3):
        program, params = jax.tree.map(lambda leaf, i=i: leaf[i], (tasks.programs, tasks.params))
        gradient = snn.stats.flatten(snn.ExactEnumeration()(program, params).grad)
        exact.append(float((gradient**2).sum()))
    assert (np.abs(estimated - exact) / se).max() < 5
    # Power: a norm off by half would be seen.
    assert (np.abs(1.5 * estimated - exact) / se).max() > 5


def test_the_norm_of_a_mean_is_no_estimate_of_the_norm(monkeypatch):
    """Where the gradient is zero, products of independent batches are, and squares are not."""
    rng = np.random.default_rng(0)
    drawn = []

    def batches(*args):
        drawn.append(rng.normal(size=(16, 300)))
        return [drawn[-1]]

    monkeypatch.setattr(frozen, "layer_batches", batches)
    tasks = tasks_of(CONFIG, list(range(20)))
    weights = np.zeros((20, 8))
    estimated, se = frozen.squared_norms(tasks, weights, n_flips=15).T
    squares = np.array([(g.mean(axis=0) ** 2).sum() for g in drawn])
    error = (se**2).mean() ** 0.5 / len(se) ** 0.5
    assert abs(estimated.mean()) < 5 * error < squares.mean()


def test_the_error_is_that_of_as_many_products_as_there_are_pairs(monkeypatch):
    drawn = np.random.default_rng(1).normal(1.0, 1.0, size=(16, 8))
    monkeypatch.setattr(frozen, "layer_batches", lambda *_: [drawn[:, :5], drawn[:, 5:]])
    estimated, se = frozen.squared_norms(tasks_of(CONFIG, [0]), np.zeros((1, 8)))[0]
    products = [drawn[i] @ drawn[i + 1] for i in range(0, 16, 2)]
    assert estimated == pytest.approx(np.mean(products))
    assert se == pytest.approx(sem(products))
    # By the number of batches it would be too small by the root of 2.
    assert abs(np.std(products, ddof=1) / 16**0.5 / se - 1) > 0.25
