"""Trainings with gradients through the reset and with the reset detached, by surrogate.

Readers of the paper report a control, and the authors' code has the switches for it. Whether
gradients pass through the reset hardly matters if the surrogate derivative has unit size. Gradients
through the reset harm if the surrogate derivative is the slope of the noise, of height beta / 4.
The text of the control was not available.

Networks of one seed share the random numbers of their initial weights, their batches and their test
samples; for each spike mode and surrogate, the networks trained through the reset and with the
reset detached are pairs. A pair's difference is the test accuracy through the reset minus the test
accuracy detached, each under its own spike mode. The pair's *relative* difference divides by what
is learned detached: accuracy minus chance. A training that diverges counts with the accuracy of
guessing. Student's 95 % interval over pairs decides, on these test samples, two questions:

- the relative difference lies inside of plus and minus `MARGIN`: the two are *equivalent* (two
  one-sided tests at 2.5 %);
- the relative difference lies below zero: *less* is learned through the reset. A small difference
  can be equivalent, too.

An interval that decides neither way is *undecided*. A statement on several spike modes or
surrogates holds if it holds for each of them.

The *contrast* is the difference of the matched surrogate minus that of the scaled sigmoid. The
margin, and zero as the limit of the second question, were chosen after the numbers were known. The
margin replaces one of 0.03 of accuracy, which is a
sixth of what is learned and larger than every effect.
"""

from typing import Annotated, Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

import snn
from experiments.datasets import split
from experiments.engine.checkpoint import part
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    OneOf,
    Quantity,
    array,
    at,
    listed,
    param,
)
from experiments.merge_estimators import merge_estimators
from experiments.noises import SURROGATES, surrogate
from experiments.speech.batches import Batches
from experiments.speech.classification import tested
from experiments.speech.learner import Learner
from experiments.speech.network import MODES, RESETS
from experiments.speech.trainer import Diverged, State, Trainer, Training
from experiments.statistics import mean_interval
from experiments.training.loop import train_epochs

MARGIN = 0.1
"""Share of what is learned within which two ways to train count as equivalent."""
CONTRAST = ("Sigmoid", "ScaledSigmoid")
"""Surrogates of the contrast: with the noise's slope, and the same of unit size."""
CELL = "mode, reset, surrogate"


class ResetsTrained(Training):
    """Training and test of networks of both spike modes, for all resets and surrogates listed."""

    resets: Distinct[Annotated[str, OneOf(RESETS)]] = param(
        ["through", "detached"], "how the reset is differentiated"
    )
    surrogates: Distinct[Annotated[str, OneOf(SURROGATES)]] = param(
        ["Sigmoid", "ScaledSigmoid", "SuperSpike"], "surrogate derivatives, of slope beta_surrogate"
    )
    n_probe: Count = param(50, "training samples whose mean gradient is measured")

    # Parameters with several values in this experiment.
    NOT_IN_KEY = Training.NOT_IN_KEY | {"spikes", "reset", "surrogate"}
    ARRAYS = {
        "test_accuracy": array(f"seed, {CELL}", "test accuracy under the network's own spike mode"),
        "train_accuracy": array(
            f"seed, {CELL}", "accuracy on the training samples in the last epoch"
        ),
        "n_epochs": array(
            f"seed, {CELL}", "number of epochs trained; fewer than `n_epochs` if training diverged"
        ),
        "norm": array(
            f"seed, {CELL}, epoch, layer",
            "norm of a hidden layer's gradient, before training and after each epoch",
        ),
        "resets": array("first seed, reset", "names of the resets"),
        "surrogates": array("first seed, surrogate", "names of the surrogates"),
        "n_classes": array("first seed", "number of classes"),
        "n_test": array("first seed", "number of samples in the test set"),
        "title": array("first seed", "name of the data set"),
        "accuracy_interval": array(
            f"{CELL}, end", "mean test accuracy over seeds, and 95 % interval"
        ),
        "difference": array(
            "mode, surrogate, end", "through minus detached: mean over pairs, and 95 % interval"
        ),
        "pairs": array(
            "pair, mode, surrogate", "test accuracy through minus detached, pair by pair"
        ),
        "norm_mean": array(
            f"{CELL}, epoch, layer", "norm of a hidden layer's gradient, geometric mean over seeds"
        ),
    }

    def compute(self, seed: int) -> Data:
        """Train and test one network of each kind."""
        data = self.open()
        test, train = Batches(data.test, self), Batches(data.train, self)
        parts = split(len(data.train), self.data_seed)
        init, training, testing = jax.random.split(jax.random.key(seed), 3)
        derivatives = [surrogate(name, self.beta_surrogate) for name in self.surrogates]
        shared = merge_estimators([snn.Surrogate(each) for each in derivatives], "derivative")
        cells: list[Data] = []
        for mode, spikes in enumerate(MODES):
            for reset in self.resets:
                config = self.model_copy(update={"spikes": spikes, "reset": reset})
                learner = Learner(config)
                weights = learner.init(init)
                for name, estimator in zip(self.surrogates, shared, strict=True):
                    one = config.model_copy(update={"surrogate": name})
                    trainer = Trainer(one, learner, [], train, parts, training, seed)
                    trainer.derivative = estimator.derivative
                    with part(f"{spikes}-{reset}-{name}"):
                        state, record = self._trained(trainer, weights)
                    accuracy = 1 / self.n_classes
                    if state is not None:
                        key = jax.random.fold_in(testing, mode)
                        answers, _ = tested(learner, state.params, test, key, spikes)
                        accuracy = np.mean(answers == test.events.labels)
                    cells.append(record | {"test_accuracy": np.array(accuracy)})
        shape = len(MODES), len(self.resets), len(self.surrogates)
        stacked = {name: np.stack([cell[name] for cell in cells]) for name in cells[0]}
        return {name: x.reshape(*shape, *x.shape[1:]) for name, x in stacked.items()} | {
            "resets": np.array(self.resets),
            "surrogates": np.array(self.surrogates),
            "n_classes": np.array(self.n_classes),
            "n_test": np.array(len(test.events)),
            "title": np.array(data.title),
        }

    def _trained(self, trainer: Trainer, weights: Any) -> tuple[State | None, Data]:
        """Return the trained state, None if training diverged, and the record of the training."""
        probe = trainer.parts.train[: self.n_probe]
        # A key that no epoch uses.
        key = jax.random.fold_in(trainer.key, self.n_epochs)
        norm = np.full((self.n_epochs + 1, trainer.learner.n_layers), np.nan)

        def observe(state: State, number: int) -> np.ndarray:
            grad, _ = trainer.gradient(state, probe, key)
            norm[number] = [np.linalg.norm(ravel_pytree(layer)[0]) for layer in grad[:-1]]
            return norm[number]

        def epoch(state: State, number: int) -> tuple[State, dict[str, Any]]:
            state, metrics = trainer.epoch(state, number)
            return state, {
                "accuracy": metrics["train_accuracy"],
                "norm": observe(state, number + 1),
            }

        start = State(weights, trainer.descent.init(weights))
        observe(start, 0)
        trained, accuracy = None, np.array(np.nan)
        try:
            trained, metrics = train_epochs(epoch, start, self.n_epochs)
            norm[1:], accuracy = metrics["norm"], metrics["accuracy"][-1]
        except Diverged:
            pass
        finally:
            trainer.close()
        n_epochs = np.flatnonzero(~np.isnan(norm).any(axis=1))[-1]
        return trained, {"train_accuracy": accuracy, "n_epochs": n_epochs, "norm": norm}

    def pooled(self, data: Data) -> Data:
        """Return means over seeds and pairs, with intervals."""
        with np.errstate(divide="ignore", invalid="ignore"):
            norm = np.exp(np.log(data["norm"]).mean(axis=0))
        pooled = {"accuracy_interval": mean_interval(data["test_accuracy"]), "norm_mean": norm}
        if {"through", "detached"} <= set(listed(data, "resets")):
            pooled["pairs"] = _differences(data)
            pooled["difference"] = mean_interval(pooled["pairs"])
        return pooled

    @classmethod
    def conclusions(cls, panels: Any) -> dict[str, Quantity]:
        """Return differences through the reset minus detached, relative ones, and the contrast."""
        quantities = {}
        for panel, data in panels.items():
            if "pairs" not in data:
                continue
            names = listed(data, "surrogates")
            pairs, relative = data["pairs"], _relative(data)
            for i, mode in enumerate(MODES):
                for j, name in enumerate(names):
                    for start, values in (("", pairs), ("relative_", relative)):
                        measure = at(f"{panel}.{start}through_minus_detached", mode)
                        quantities[at(measure, name)] = _paired(values[:, i, j])
                if set(CONTRAST) <= set(names):
                    of_matched, of_scaled = (pairs[:, i, names.index(name)] for name in CONTRAST)
                    quantities[at(f"{panel}.contrast", mode)] = _paired(of_matched - of_scaled)
        return quantities


def _differences(data: Data) -> np.ndarray:
    """Return test accuracy through minus detached, ``(seed, mode, surrogate)``."""
    resets = listed(data, "resets")
    accuracy = data["test_accuracy"]
    return accuracy[:, :, resets.index("through")] - accuracy[:, :, resets.index("detached")]


def _relative(data: Data) -> np.ndarray:
    """Return each pair's difference over what is learned detached, ``(seed, mode, surrogate)``."""
    chance = 1 / float(data["n_classes"].flat[0])
    learned = data["test_accuracy"][:, :, listed(data, "resets").index("detached")] - chance
    with np.errstate(divide="ignore", invalid="ignore"):
        return data["pairs"] / learned


def _paired(values: np.ndarray) -> Quantity:
    """Return the mean over pairs with its interval."""
    value, low, high = map(float, mean_interval(values))
    why = f"{len(values)} paired seeds"
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)
