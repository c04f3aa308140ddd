"""An epoch of the classifier's training: updates, progress, and a stop where it diverges."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from experiments.engine.compute.progress import bar
from experiments.engine.declare.experiment import param
from experiments.engine.errors import UserError
from experiments.speech.batches import Batches, mean
from experiments.speech.learner import Learner, Seen
from experiments.speech.network import SURROGATES, WRITTEN, SpeechNetwork
from experiments.training.loop import jit_for_long
from experiments.training.optimisers import optimiser
from snn.types import Params


@dataclass
class Training(SpeechNetwork):
    """Data, network and how it is trained."""

    surrogate: str = param(
        "SuperSpike",
        "surrogate derivative, also as scaled_sigmoid; Sigmoid is the slope of an escape noise of "
        "slope beta_surrogate",
        choices=SURROGATES,
    )
    beta_surrogate: float = param(10.0, "slope of the surrogate", unit="1/theta", above=0)
    trained: str = param("all", "which weights are trained", choices=("all", "readout"))
    optimiser: str = param("smorms3", "smorms3, or any of optax that takes a learning rate")
    learning_rate: float = param(0.01, "learning rate of all weights", above=0)
    batch_size: int = param(400, "utterances per update", low=1)
    n_epochs: int = param(200, "passes through the training set", low=1)

    def __post_init__(self) -> None:
        # One name, and one key in the cache, for either way to write it.
        self.surrogate = WRITTEN.get(self.surrogate, self.surrogate)


class Diverged(UserError):
    """Numbers of a training are not finite."""


class State(NamedTuple):
    """What training changes."""

    params: Params
    optimiser: Any


class Trainer:
    """Trains epoch by epoch, with a progress bar."""

    def __init__(
        self,
        config: Training,
        learner: Learner,
        fixed: Params,
        batches: Batches,
        parts: Any,
        key: Any,
        seed: int,
    ) -> None:
        self.config, self.learner, self.fixed, self.batches = config, learner, fixed, batches
        self.parts, self.key, self.seed = parts, key, seed
        self.descent = optimiser(self.config.optimiser, self.config.learning_rate)
        self.derivative = SURROGATES[self.config.surrogate](self.config.beta_surrogate)
        self.update = jit_for_long(self._update)
        self.bar: Any = None

    def close(self) -> None:
        """Remove the progress bar, also after an error or Ctrl-C."""
        if self.bar is not None:
            self.bar.close()

    def _update(self, state: State, grad: Params) -> State:
        updates, memory = self.descent.update(grad, state.optimiser, state.params)
        return State(optax.apply_updates(state.params, updates), memory)

    def _batches(self, epoch: int) -> Iterator[np.ndarray]:
        order = np.random.default_rng([self.seed, epoch]).permutation(self.parts.train)
        size = self.config.batch_size
        yield from (order[i : i + size] for i in range(0, len(order), size))

    def epoch(self, state: State, epoch: int) -> tuple[State, dict[str, Any]]:
        """Train on every sample once, then validate."""
        n_batches = -(-len(self.parts.train) // self.config.batch_size)
        if self.bar is None:
            total, done = self.config.n_epochs * n_batches, epoch * n_batches
            self.bar = bar(total=total, initial=done, unit="batch", desc=self.config.spikes)
        key = jax.random.fold_in(self.key, epoch)
        seen = []
        for number, indices in enumerate(self._batches(epoch)):
            grad, batch = self.gradient(state, indices, jax.random.fold_in(key, number))
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

    def gradient(self, state: State, indices: np.ndarray, key: Any) -> tuple[Params, Seen]:
        """Return the gradient of a batch's mean loss, and its `Seen`, both means over samples."""

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
    """Correct predictions as a fraction of the samples."""
    return seen._replace(right=np.float32(seen.right / size))


def _stop_if_not_finite(
    tree: Params, seen: Seen, config: Training, epoch: int, number: int
) -> None:
    """Raise `Diverged` if training has.

    The message names the uppermost layer that is not finite: reverse mode carries NaN downwards.
    """
    if np.isfinite(seen.loss) and all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)):
        return
    hidden = [f"hidden layer {i}" for i, _ in enumerate(config.filters, 1)]
    names = [*hidden, "readout"][-len(tree) :]  # without frozen layers
    bad = [
        f"{name}, {'recurrent' if kind == 'rec' else 'feed-forward'} weights"
        for name, layer in zip(names, tree, strict=True)
        for kind, leaf in layer.items()
        if not np.isfinite(leaf).all()
    ]
    what = f"training diverged in epoch {epoch + 1}, batch {number + 1}"
    got = f"loss {seen.loss}; not finite: {bad[-1] if bad else 'only the loss'}"
    surrogate = f"another surrogate than {config.surrogate} of slope {config.beta_surrogate:g}"
    fix = f"a smaller learning_rate than {config.learning_rate:g}, or {surrogate}"
    raise Diverged(what, got, "finite numbers", fix)
