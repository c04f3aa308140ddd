"""Training of a deep recurrent convolutional network to classify spoken digits."""

from collections.abc import Mapping
from contextlib import closing
from typing import Annotated, Any

import jax
import numpy as np
from pydantic import Field

from experiments.datasets import split
from experiments.engine.experiment import Data, Quantity, array, at, band, exact, param
from experiments.speech.batches import Batches
from experiments.speech.comparison import (
    MARGIN,
    can_be_paired,
    stochastic_minus_deterministic,
    under_other_mode,
)
from experiments.speech.learner import Learner
from experiments.speech.network import MODES, MOST_LAYERS
from experiments.speech.trainer import State, Trainer, Training
from experiments.speech.variability import activity, variability
from experiments.statistics import accuracy_interval
from experiments.training.loop import train_epochs
from experiments.training.optimisers import optimiser
from snn.types import Params

WHY = "what a trained network shows at any preset"


class Classification(Training):
    """Training of a network, and tests under both spike modes."""

    n_repeats: Annotated[int, Field(ge=2)] = param(
        400, "repeats of one test utterance, to measure variability"
    )
    keep_activity: bool = param(True, "whether the activity after training is kept")

    CONCLUDES_FROM = tuple(MODES)
    ARRAYS = {
        "epoch": array("seed, epoch", "epoch, from 1"),
        "train_mean": array("epoch", "accuracy on the training set, mean over seeds"),
        "valid_mean": array("epoch", "accuracy on the validation set, mean over seeds"),
        "test_mean": array(
            "mode", "test accuracy under deterministic and stochastic spikes, mean over seeds"
        ),
        **array("seed, epoch", "accuracy on the training or validation set").each(
            "{}_accuracy", ("train", "valid")
        ),
        **array("seed, epoch", "loss on the training or validation set").each(
            "{}_loss", ("train", "valid")
        ),
        "rates": array("seed, epoch, layer", "rates of the hidden layers", unit="Hz"),
        "test_accuracy": array(
            "seed, mode", "test accuracy under deterministic and stochastic spikes"
        ),
        "test_interval": array("mode, end", "95 % interval of the mean test accuracy"),
        "difference": array(
            "pair", "test accuracy of the stochastic minus the deterministic network of a seed"
        ),
        "difference_interval": array(
            "kind, end",
            "95 % interval of the mean difference, over networks, and over networks and utterances",
        ),
        "difference_margin": array(
            "", "margin: the lowest difference at which stochastic networks count as no worse"
        ),
        "n_test": array("seed", "utterances of the test set"),
        "n_valid": array("seed", "utterances of the validation set"),
        "n_parameters": array("seed", "number of parameters"),
        "recurrent_kernel": array(
            "seed", "positions of the same layer that a neuron receives input from; 0 for none"
        ),
        "confusion": array("seed, class, answer", "counts of true class and answer"),
        "confusion_share": array(
            "class, answer", "share of answers by true class over all seeds; rows sum to 1"
        ),
        "classes": array("seed, class", "names"),
        "title": array("seed", "name of the data set"),
        "dt": array("seed", "time step", unit="s"),
        **array("first seed, neuron", "rate of each neuron of a hidden layer", unit="Hz").each(
            "unit_rates_{}", range(1, MOST_LAYERS + 1)
        ),
        "sample_input": array(
            "first seed, sample, step, channel", "input spikes of two utterances"
        ),
        "sample_readout": array("first seed, sample, step, class", "readout potentials"),
        "sample_label": array("first seed, sample", "true classes of these utterances"),
        "sample_answer": array("sample", "answers of the network to these utterances"),
        **array("first seed, sample, step, neuron", "spikes of a hidden layer").each(
            "sample_{}", range(1, MOST_LAYERS + 1)
        ),
        "repeats": array(
            "first seed, layer, repeat, step",
            "spikes of one neuron of each hidden layer, same utterance",
        ),
        "repeats_neuron": array("first seed, layer", "index of this neuron in its layer"),
        "fano": array("first seed, layer, window", "Fano factor of counts in a moving window"),
        "fano_counts": array("first seed, layer", "Fano factor of counts of the whole utterance"),
        "fano_time": array("window", "middle of the windows", unit="s"),
        "fano_window": array("", "length of the windows", unit="s"),
    }

    def check(self) -> None:
        """Check the optimiser, then the network."""
        optimiser(self.optimiser, self.learning_rate)
        super().check()

    def compute(self, seed: int) -> Data:
        """Train and test one network."""
        data = self.open()
        parts = split(len(data.train), self.data_seed)
        keys = dict(
            zip(("init", "train", "test"), jax.random.split(jax.random.key(seed), 3), strict=True)
        )
        learner = Learner(self)
        weights = learner.init(keys["init"])
        n_fixed = 0 if self.trained == "all" else learner.n_layers
        fixed, params = weights[:n_fixed], weights[n_fixed:]
        trainer = Trainer(
            self, learner, fixed, Batches(data.train, self), parts, keys["train"], seed
        )
        start = State(params, trainer.descent.init(params))
        with closing(trainer):
            state, metrics = train_epochs(trainer.epoch, start, self.n_epochs)

        # The test set is not used before this line.
        test = Batches(data.test, self)
        weights = [*fixed, *state.params]
        accuracies, rates = [], []
        confusion = np.zeros((len(data.train.classes),) * 2, int)
        for number, spikes in enumerate(MODES):
            key = jax.random.fold_in(keys["test"], number)
            answers, counts = tested(learner, weights, test, key, spikes)
            accuracies.append(np.mean(answers == test.events.labels))
            if spikes == self.spikes:
                np.add.at(confusion, (test.events.labels, answers), 1)
                rates = [count / (self.n_steps * self.dt) for count in counts]
        result = {
            "epoch": np.arange(1, self.n_epochs + 1),
            **metrics,
            "test_accuracy": np.array(accuracies),
            "n_test": np.array(len(test.events)),
            "n_valid": np.array(len(parts.validation)),
            "n_parameters": np.array(sum(leaf.size for leaf in jax.tree.leaves((params, fixed)))),
            "recurrent_kernel": np.array(self.recurrent_kernel),
            "confusion": confusion,
            "classes": np.array(test.events.classes),
            "title": np.array(data.title),
            "dt": np.array(self.dt),
            **{f"unit_rates_{i}": rate.astype(np.float32) for i, rate in enumerate(rates, 1)},
        }
        if self.keep_activity:
            key = jax.random.fold_in(keys["test"], len(MODES))
            result |= activity(learner, weights, test, key)
            result |= variability(
                learner, weights, test, self.n_repeats, jax.random.fold_in(key, 1)
            )
        return result

    def pooled(self, data: Data) -> Data:
        """Return means over seeds with intervals, and summaries of the activity."""
        n_test = int(data["n_test"][0])
        ends = [accuracy_interval(accuracy, n_test) for accuracy in data["test_accuracy"].T]
        counts = data["confusion"].sum(axis=0)
        pooled = {
            "train_mean": data["train_accuracy"].mean(axis=0),
            "valid_mean": data["valid_accuracy"].mean(axis=0),
            "test_mean": data["test_accuracy"].mean(axis=0),
            "test_interval": np.array(ends),
            "confusion_share": counts / counts.sum(axis=1, keepdims=True).clip(1),
        }
        if "fano" in data:
            traces = data["sample_readout"][0].astype(np.float32)
            if self.loss == "max":
                scores = traces.max(axis=1)
            else:
                scores = np.asarray(jax.nn.softmax(traces, axis=-1).sum(axis=1))
            # The window that ends at the end of the utterance is left out.
            n_windows, dt = data["fano"].shape[-1], float(data["dt"][0])
            length = traces.shape[1] - n_windows
            pooled |= {
                "sample_answer": scores.argmax(axis=-1),
                "fano_time": (np.arange(n_windows) + length / 2) * dt,
                "fano_window": np.array(length * dt),
            }
        return pooled

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return stochastic minus deterministic networks, each under its own spike mode."""
        if panel != "stochastic" or not can_be_paired(panels):
            return {}
        comparison = stochastic_minus_deterministic(panels)
        return {
            "difference": comparison.differences,
            "difference_interval": np.array([comparison.interval, comparison.general_interval]),
            "difference_margin": np.array(MARGIN),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return stochastic minus deterministic, and each kind under the other spike mode."""
        if not can_be_paired(panels):
            return {}
        comparison = stochastic_minus_deterministic(panels)
        return {
            "stochastic.minus_deterministic": comparison.general_quantity,
            "stochastic.without_noise": under_other_mode(panels, "stochastic"),
            "deterministic.with_noise": under_other_mode(panels, "deterministic"),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return accuracies after training, means over seeds, and variability."""
        trained = np.mean(data["train_accuracy"][:, -1])
        quantities = {"n_parameters": exact(data["n_parameters"][0])}
        if self.trained == "readout":
            why = "what a readout of an untrained network reaches at any preset"
            return quantities | {"train_accuracy": band(trained, 0.05, 0.6, why)}
        # A readout of an untrained network reaches less; four epochs on another JAX give 0.39.
        quantities["train_accuracy"] = band(trained, 0.25, 1.0, WHY)
        tested, n_test = data["test_accuracy"], int(data["n_test"][0])
        valid, n_valid = data["valid_accuracy"][:, -1], int(data["n_valid"][0])
        for spikes, accuracy in zip(MODES, tested.T, strict=True):
            interval = accuracy_interval(accuracy, n_test)
            name = at("test_accuracy", spikes)
            quantities[name] = band(np.mean(accuracy), 0.1, 1.0, WHY, interval)
        held_out = (n_valid * valid + n_test * tested[:, list(MODES).index(self.spikes)]) / (
            n_valid + n_test
        )
        for name, accuracy, n, low in (
            ("valid_accuracy", valid, n_valid, 0.0),
            ("held_out_accuracy", held_out, n_valid + n_test, 0.12),
        ):
            interval = accuracy_interval(accuracy, n)
            quantities[name] = band(np.mean(accuracy), low, 1.0, WHY, interval)
        if self.keep_activity:
            for layer, fano in enumerate(data["fano_counts"][0], 1):
                quantities[at("fano_of_counts", layer)] = (
                    exact(fano) if self.spikes == "deterministic" else band(fano, 0.1, 3.0, WHY)
                )
        return quantities


def tested(
    learner: Learner, weights: Params, test: Batches, key: Any, spikes: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return predictions ``(sample,)``, and mean counts ``(neuron,)`` of each hidden layer."""

    def answers(x: np.ndarray, label: np.ndarray, key: Any) -> tuple:
        return learner.answers(weights, x, label, key, spikes=spikes)[1:]

    pieces = [result for _, result in test.each(np.arange(len(test.events)), key, answers)]
    counts = [
        np.concatenate([piece[1][layer] for piece in pieces]).mean(axis=0)
        for layer in range(learner.n_layers)
    ]
    return np.concatenate([piece[0] for piece in pieces]), counts
