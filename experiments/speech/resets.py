"""Does it matter whether gradients flow through the reset? Trainings under either, by surrogate.

The paper's readers report a control, and its authors' code has the switches for it: through the
reset or not hardly matters where the surrogate derivative has unit size, and through the reset
harms where it is the slope of the noise itself, of height beta / 4. Its text was not at hand.

The rule was fixed before the numbers were there. Networks of one seed share the random numbers of
their initial weights, their batches and their test samples; of each spike mode and surrogate, those
trained through the reset and with it detached are pairs. A pair's difference is the test accuracy
through the reset minus that detached, each under its own spikes. A training that diverges has the
accuracy of guessing. Student's 95 % interval over pairs decides, on these test samples:

- inside of plus and minus `MARGIN`: the two are *equivalent* (two one-sided tests at 2.5 %);
- below 0: through the reset is *worse*;
- otherwise: *undecided*. A statement on several spike modes or surrogates holds where it does for
  each of them.
"""

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

import snn
from experiments.datasets import split
from experiments.engine.compute.checkpoint import part
from experiments.engine.declare.experiment import Data, Quantity, array, listed, param
from experiments.one_program import one_program
from experiments.speech.batches import Batches
from experiments.speech.classification import tested
from experiments.speech.learner import Learner
from experiments.speech.network import MODES, RESETS, SURROGATES
from experiments.speech.trainer import Diverged, State, Trainer, Training
from experiments.statistics import mean_interval
from experiments.training.loop import train_epochs

MARGIN = 0.03
"""The difference of test accuracy within which two ways to train count as equivalent."""
CELL = "mode, reset, surrogate"


@dataclass
class ResetsTrained(Training):
    """Trains and tests networks of both spike modes under every reset and surrogate named."""

    resets: list[str] = param(
        ["through", "detached"], "how the reset is differentiated", choices=RESETS, distinct=True
    )
    surrogates: list[str] = param(
        ["Sigmoid", "ScaledSigmoid", "SuperSpike"],
        "surrogate derivatives, of slope beta_surrogate",
        choices=SURROGATES,
        distinct=True,
    )
    n_probe: int = param(50, "training samples whose mean gradient is measured", low=1)

    # Each has several values here.
    NOT_IN_KEY = Training.NOT_IN_KEY | {"spikes", "reset", "surrogate"}
    ARRAYS = {
        "test_accuracy": array(f"seed, {CELL}", "under a network's own spikes"),
        "train_accuracy": array(f"seed, {CELL}", "on the training samples, in the last epoch"),
        "n_epochs": array(f"seed, {CELL}", "epochs trained; fewer than asked for if it diverged"),
        "norm": array(
            f"seed, {CELL}, epoch, layer", "norm of a hidden layer's gradient, before and after"
        ),
        "resets": array("first seed, reset", "names"),
        "surrogates": array("first seed, surrogate", "names"),
        "n_classes": array("first seed", "number of classes"),
        "n_test": array("first seed", "samples of the test set"),
        "title": array("first seed", "name of the data set"),
        "accuracy_interval": array(f"{CELL}, end", "mean over seeds, and its 95 % interval"),
        "difference": array(
            "mode, surrogate, end", "through minus detached: mean over pairs, and 95 % interval"
        ),
        "pairs": array("pair, mode, surrogate", "the same of every pair"),
        "norm_mean": array(f"{CELL}, epoch, layer", "geometric mean over seeds"),
    }

    def compute(self, seed: int) -> Data:
        """Train and test one network of each kind."""
        data = self.open()
        test, train = Batches(data.test, self), Batches(data.train, self)
        parts = split(len(data.train), self.data_seed)
        init, training, testing = jax.random.split(jax.random.key(seed), 3)
        made = [SURROGATES[name](self.beta_surrogate) for name in self.surrogates]
        shared = one_program([snn.Surrogate(derivative) for derivative in made], "derivative")
        cells: list[Data] = []
        for mode, spikes in enumerate(MODES):
            for reset in self.resets:
                config = replace(self, spikes=spikes, reset=reset)
                learner = Learner(config)
                weights = learner.init(init)
                for name, estimator in zip(self.surrogates, shared, strict=True):
                    one = replace(config, surrogate=name)
                    trainer = Trainer(one, learner, [], train, parts, training, seed)
                    trainer.derivative = estimator.derivative
                    with part(f"{spikes}-{reset}-{name}"):
                        state, found = self._trained(trainer, weights)
                    accuracy = 1 / self.n_classes
                    if state is not None:
                        key = jax.random.fold_in(testing, mode)
                        answers, _ = tested(learner, (state.params, []), test, key, spikes)
                        accuracy = np.mean(answers == test.events.labels)
                    cells.append(found | {"test_accuracy": np.array(accuracy)})
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
        """Return the trained state, None if training diverged, and what happened meanwhile."""
        probe = trainer.parts.train[: self.n_probe]
        # No epoch's own key.
        key = jax.random.fold_in(trainer.key, self.n_epochs)
        norm = np.full((self.n_epochs + 1, trainer.learner.n_layers), np.nan)

        def observe(state: State, number: int) -> np.ndarray:
            grad, _ = trainer.gradient(state, probe, key)
            norm[number] = [np.linalg.norm(ravel_pytree(layer)[0]) for layer in grad[:-1]]
            return norm[number]

        def epoch(state: State, number: int) -> tuple[State, dict[str, Any]]:
            state, seen = trainer.epoch(state, number)
            return state, {"accuracy": seen["train_accuracy"], "norm": observe(state, number + 1)}

        start = State(weights, trainer.descent.init(weights))
        observe(start, 0)
        trained, accuracy = None, np.array(np.nan)
        try:
            trained, seen = train_epochs(epoch, start, self.n_epochs)
            norm[1:], accuracy = seen["norm"], seen["accuracy"][-1]
        except Diverged:
            pass
        finally:
            trainer.close()
        n_epochs = np.flatnonzero(~np.isnan(norm).any(axis=1))[-1]
        return trained, {"train_accuracy": accuracy, "n_epochs": n_epochs, "norm": norm}

    def pooled(self, data: Data) -> Data:
        """Means over seeds and pairs, and their intervals."""
        with np.errstate(divide="ignore", invalid="ignore"):
            norm = np.exp(np.log(data["norm"]).mean(axis=0))
        found = {"accuracy_interval": mean_interval(data["test_accuracy"]), "norm_mean": norm}
        if {"through", "detached"} <= set(listed(data, "resets")):
            found["pairs"] = _differences(data)
            found["difference"] = mean_interval(found["pairs"])
        return found

    @classmethod
    def conclusions(cls, panels: Any) -> dict[str, Quantity]:
        """Test accuracy through the reset minus that with it detached, and its interval."""
        found = {}
        for panel, data in panels.items():
            for mode, row in zip(MODES, data.get("difference", ()), strict=False):
                for name, ends in zip(listed(data, "surrogates"), row, strict=True):
                    value, low, high = map(float, ends)
                    why = f"{len(data['test_accuracy'])} paired seeds"
                    quantity = Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)
                    found[f"{panel}.through_minus_detached_{mode}_{name}"] = quantity
        return found


def _differences(data: Data) -> np.ndarray:
    """Through minus detached, ``(seed, mode, surrogate)``."""
    resets = listed(data, "resets")
    accuracy = data["test_accuracy"]
    return accuracy[:, :, resets.index("through")] - accuracy[:, :, resets.index("detached")]
