"""Trains the classifier, then tests it under both kinds of spikes."""

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from tqdm import tqdm

from experiments.classification import Classification
from experiments.classification.variability import activity, variability
from experiments.datasets import split
from experiments.engine.errors import UserError
from experiments.engine.training import train_epochs
from experiments.optimisers import optimiser
from experiments.speech_network import MODES
from experiments.speech_network.batches import Batches, mean
from experiments.speech_network.learner import Learner, Seen, surrogate
from snn.types import Params


class State(NamedTuple):
    """What training changes."""

    params: Params
    optimiser: Any


def compute(config: Classification, seed: int) -> dict[str, np.ndarray]:
    """Trains and tests one network.

    Returns:
        Against ``epoch``, which counts from 1: accuracies and losses on the training set (of each
        batch before its update) and on the validation set, and ``rates`` (Hz) of the hidden layers
        there. After training: ``test_accuracy`` under deterministic and under stochastic spikes;
        under its own, the ``confusion`` matrix of counts (true class, answer) and each neuron's
        rate ``unit_rates_1`` to ``_3`` (Hz); and, if kept, `activity` and `variability`.
    """
    data = config.open()
    parts = split(len(data.train), config.data_seed)
    keys = dict(
        zip(("init", "train", "test"), jax.random.split(jax.random.key(seed), 3), strict=True)
    )
    learner = Learner(config)
    weights = learner.init(keys["init"])
    n_fixed = 0 if config.trained == "all" else learner.n_layers
    fixed, params = weights[:n_fixed], weights[n_fixed:]
    trainer = Trainer(learner, fixed, Batches(data.train, config), parts, keys["train"], seed)
    start = State(params, trainer.descent.init(params))
    with closing(trainer):
        state, metrics = train_epochs(trainer.epoch, start, config.n_epochs)

    # From here on, and not before, the test set is looked at.
    test = Batches(data.test, config)
    weights = state.params, fixed
    accuracies, confusion, rates = [], None, None
    for number, spikes in enumerate(MODES):
        key = jax.random.fold_in(keys["test"], number)
        answers, counts = _tested(learner, weights, test, key, spikes)
        accuracies.append(np.mean(answers == test.events.labels))
        if spikes == config.spikes:
            confusion = np.zeros((len(data.train.classes),) * 2, int)
            np.add.at(confusion, (test.events.labels, answers), 1)
            rates = [count / (config.n_steps * config.dt) for count in counts]
    result = {
        "epoch": np.arange(1, config.n_epochs + 1),
        **metrics,
        "test_accuracy": np.array(accuracies),
        "n_test": np.array(len(test.events)),
        "n_valid": np.array(len(parts.validation)),
        "n_parameters": np.array(sum(leaf.size for leaf in jax.tree.leaves((params, fixed)))),
        "confusion": confusion,
        "classes": np.array(test.events.classes),
        "title": np.array(data.title),
        "dt": np.array(config.dt),
        **{f"unit_rates_{i}": rate.astype(np.float32) for i, rate in enumerate(rates, 1)},
    }
    if config.keep_activity:
        key = jax.random.fold_in(keys["test"], len(MODES))
        result |= activity(learner, weights, test, key)
        result |= variability(learner, weights, test, jax.random.fold_in(key, 1))
    return result


class Trainer:
    """One epoch of training, with progress."""

    def __init__(
        self, learner: Learner, fixed: Params, batches: Batches, parts: Any, key: Any, seed: int
    ) -> None:
        self.learner, self.fixed, self.batches, self.parts = learner, fixed, batches, parts
        self.config, self.key, self.seed = learner.config, key, seed
        self.descent = optimiser(self.config.optimiser, self.config.learning_rate)
        self.derivative = surrogate(self.config.surrogate, self.config.beta_surrogate)
        self.update = jax.jit(self._update)
        self.bar: Any = None

    def close(self) -> None:
        """Takes the bar away, also after an error or Ctrl-C."""
        if self.bar is not None:
            self.bar.close()

    def _update(self, state: State, grad: Params) -> State:
        updates, memory = self.descent.update(grad, state.optimiser, state.params)
        return State(optax.apply_updates(state.params, updates), memory)

    def _batches(self, epoch: int) -> Iterator[np.ndarray]:
        order = np.random.default_rng([self.seed, epoch]).permutation(self.parts.train)
        size = self.config.batch_size
        yield from (order[i : i + size] for i in range(0, len(order), size))

    def epoch(self, state: State, epoch: int) -> tuple[State, dict[str, np.ndarray]]:
        """Trains with every sample once, then validates."""
        n_batches = -(-len(self.parts.train) // self.config.batch_size)
        if self.bar is None:
            self.bar = tqdm(
                total=self.config.n_epochs * n_batches,
                initial=epoch * n_batches,
                unit="batch",
                desc=self.config.spikes,
                leave=False,
                disable=not sys.stderr.isatty(),
            )
        key = jax.random.fold_in(self.key, epoch)
        seen = []
        for number, indices in enumerate(self._batches(epoch)):
            grad, batch = self._gradient(state, indices, jax.random.fold_in(key, number))
            _stop_if_not_finite(grad, batch, self.config, epoch, number)
            state = self.update(state, grad)
            seen.append((len(indices), batch))
            self._show(epoch, mean(seen))
        trained = mean(seen)
        _stop_if_not_finite(state.params, trained, self.config, epoch, n_batches - 1)
        validated = self._validate(state, jax.random.fold_in(key, n_batches))
        return state, {
            "train_accuracy": trained.right,
            "train_loss": trained.loss,
            "valid_accuracy": validated.right,
            "valid_loss": validated.loss,
            "rates": validated.counts / (self.config.n_steps * self.config.dt),
        }

    def _gradient(self, state: State, indices: np.ndarray, key: Any) -> tuple[Params, Seen]:
        """The gradient of a batch's mean loss, and what it showed, as means over its samples."""

        def gradient(x: np.ndarray, label: np.ndarray, key: Any) -> tuple[Params, Seen]:
            return self.learner.gradient(self.derivative, state.params, self.fixed, x, label, key)

        results = list(self.batches.each(indices, key, gradient))
        return mean([(size, (grad, _shared(size, seen))) for size, (grad, seen) in results])

    def _validate(self, state: State, key: Any) -> Seen:
        def answers(x: np.ndarray, label: np.ndarray, key: Any) -> Seen:
            spikes = self.config.spikes
            return self.learner.answers(state.params, self.fixed, x, label, key, spikes=spikes)[0]

        results = self.batches.each(self.parts.validation, key, answers)
        return mean([(size, _shared(size, seen)) for size, seen in results])

    def _show(self, epoch: int, seen: Seen) -> None:
        duration = self.config.n_steps * self.config.dt
        self.bar.update()
        self.bar.set_postfix(
            epoch=epoch + 1,
            loss=f"{seen.loss:.3f}",
            accuracy=f"{seen.right:.3f}",
            Hz="/".join(f"{rate:.0f}" for rate in seen.counts / duration),
        )


def _shared(size: int, seen: Seen) -> Seen:
    """Right answers as a share of the samples."""
    return seen._replace(right=np.float32(seen.right / size))


def _stop_if_not_finite(
    tree: Params, seen: Seen, config: Classification, epoch: int, number: int
) -> None:
    """Of gradients or weights, names the uppermost layer in trouble: it comes from above."""
    if np.isfinite(seen.loss) and all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)):
        return
    names = ["hidden layer 1", "hidden layer 2", "hidden layer 3", "readout"][-len(tree) :]
    bad = [
        f"{name}, {'recurrent' if kind == 'rec' else 'feed-forward'} weights"
        for name, layer in zip(names, tree, strict=True)
        for kind, leaf in layer.items()
        if not np.isfinite(leaf).all()
    ]
    raise UserError(
        f"training diverged in epoch {epoch + 1}, batch {number + 1}",
        f"loss {seen.loss}; not finite: {bad[-1] if bad else 'the loss alone'}",
        "finite numbers",
        f"a smaller learning_rate than {config.learning_rate:g}, or another surrogate than "
        f"{config.surrogate} of slope {config.beta_surrogate:g}",
    )


def _tested(
    learner: Learner, weights: tuple[Params, Params], test: Batches, key: Any, spikes: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Answers ``(sample,)``, and mean spike counts ``(neuron,)`` of each hidden layer."""

    def answers(x: np.ndarray, label: np.ndarray, key: Any) -> tuple:
        return learner.answers(*weights, x, label, key, spikes=spikes)[1:]

    pieces = [result for _, result in test.each(np.arange(len(test.events)), key, answers)]
    counts = [
        np.concatenate([piece[1][layer] for piece in pieces]).mean(axis=0)
        for layer in range(learner.n_layers)
    ]
    return np.concatenate([piece[0] for piece in pieces]), counts
