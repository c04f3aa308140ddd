"""An epoch of the classifier's training by hand: samples, noise, means and units."""

from types import SimpleNamespace

import jax
import numpy as np
import pytest

from experiments.datasets.splits import Split
from experiments.speech import batches
from experiments.speech.batches import Batches
from experiments.speech.learner import BatchMetrics
from experiments.speech.trainer import State, Trainer
from tests.experiments.speech.test_classification import small

N = 14
PARTS = Split(np.arange(10), np.arange(10, N))
COUNTS = np.array([3.0, 6.0, 12.0], np.float32)
CONFIG = small(batch_size=4, micro_batch=3, optimiser="sgd", learning_rate=1.0, dt=20e-3)


class Samples:
    """Events whose input is the number of the sample, which is even or odd."""

    labels = np.arange(N)

    def binned(self, indices, *_):
        return indices


class Counting:
    """A network of one weight: its gradient is the mean of the samples' numbers, as is its loss.

    It is right where a number is even, and notes what it is called with.
    """

    def __init__(self):
        self.trained, self.validated, self.keys, self.weights = [], [], [], []

    def seen(self, x, label, key):
        assert np.array_equal(x, label)
        self.keys.append(tuple(np.ravel(jax.random.key_data(key))))
        loss, right = np.float32(np.mean(x)), np.float32(np.sum(x % 2 == 0))
        return BatchMetrics(loss, right, COUNTS)

    def gradient(self, derivative, params, fixed, x, label, key):
        self.trained.append(x)
        return [{"w": np.float32([np.mean(x)])}], self.seen(x, label, key)

    def answers(self, weights, x, label, key, *, spikes):
        assert spikes == CONFIG.spikes
        self.validated.append(x)
        self.weights.append(weights[0]["w"])
        return self.seen(x, label, key), None, None


@pytest.fixture
def trained(monkeypatch):
    """What the network was called with in so many epochs, and what was reported of them."""
    monkeypatch.setattr(batches, "n_workers", lambda: 1)

    def run(n_epochs=2, seed=0, config=CONFIG):
        learner = Counting()
        samples = Batches(Samples(), config)
        trainer = Trainer(config, learner, [], samples, PARTS, jax.random.key(5), seed)
        params = [{"w": np.zeros(1, np.float32)}]
        state, actual = State(params, trainer.descent.init(params)), []
        for epoch in range(n_epochs):
            state, metrics = trainer.epoch(state, epoch)
            actual.append(metrics)
        trainer.close()
        return SimpleNamespace(learner=learner, state=state, metrics=actual)

    return run


def test_no_noise_is_used_twice(trained):
    """Neither by two micro-batches, nor batches, nor epochs, nor in validation."""
    learner = trained().learner
    pieces = 2 * (2 + 2 + 1) + 2 * 2  # batches of 4, 4 and 2, and 4 to validate, by threes
    assert len(learner.trained) + len(learner.validated) == len(learner.keys) == pieces
    assert len(set(learner.keys)) == pieces


def test_every_epoch_trains_on_each_training_sample_once_in_an_order_of_its_own(trained):
    orders = {}
    for seed in (0, 1):
        learner = trained(seed=seed).learner
        assert [len(x) for x in learner.trained] == 2 * [3, 1, 3, 1, 2]
        orders[seed] = np.concatenate(learner.trained).reshape(2, 10)
        np.testing.assert_array_equal(np.sort(orders[seed]), [PARTS.train] * 2)
        np.testing.assert_array_equal(np.concatenate(learner.validated), [*PARTS.validation] * 2)
    assert len({tuple(order) for each in orders.values() for order in each}) == 4


def test_what_is_reported_of_an_epoch(trained):
    actual = trained(1).metrics[0]
    expected = {
        "train_loss": np.mean(PARTS.train),
        "valid_loss": np.mean(PARTS.validation),
        "train_accuracy": 0.5,
        "valid_accuracy": 0.5,
        # Counts of an utterance of 30 steps of 20 ms.
        "rates": COUNTS / 0.6,
    }
    assert actual.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(actual[name], value, rtol=1e-6)


def test_accuracies_are_those_of_their_own_part(trained, monkeypatch):
    """Two of five to train with are even, and all of those to validate."""
    parts = Split(np.array([1, 3, 5, 2, 4]), np.array([6, 8]))
    monkeypatch.setattr("tests.experiments.speech.test_trainer.PARTS", parts)
    (actual,) = trained(1).metrics
    assert actual["train_accuracy"] == pytest.approx(0.4) and actual["valid_accuracy"] == 1.0


def test_weights_follow_the_mean_over_a_batch_and_are_then_validated(trained):
    actual = trained(1)
    means = [[0.75, 0.25], [0.75, 0.25], [1.0]]
    pieces = iter(actual.learner.trained)
    weight = -sum(sum(share * np.mean(next(pieces)) for share in batch) for batch in means)
    np.testing.assert_allclose(actual.state.params[0]["w"], weight, rtol=1e-6)
    np.testing.assert_allclose(actual.learner.weights, [[weight]] * 2, rtol=1e-6)


def test_an_optimiser_remembers_every_batch(trained):
    state = trained(2, config=small(batch_size=4, micro_batch=3, optimiser="adam")).state
    (count,) = [leaf for leaf in jax.tree.leaves(state.optimiser) if leaf.dtype == np.int32]
    assert count == 2 * 3
