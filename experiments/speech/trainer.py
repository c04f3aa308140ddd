"""Epochs of the classifier's training: updates, progress, and a stop if training diverges."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
import optax

from experiments.engine.errors import UserError
from experiments.engine.experiment import Count, Positive, param
from experiments.engine.progress import bar
from experiments.noises import SurrogateName, surrogate
from experiments.speech.batches import Batches, mean
from experiments.speech.learner import BatchMetrics, Learner
from experiments.speech.network import SpeechNetwork
from experiments.training.loop import jit_for_long
from experiments.training.optimisers import optimiser
from snn.types import Params


class Training(SpeechNetwork):
    """Parameters of data, network and training."""

    surrogate: SurrogateName = param(
        "SuperSpike",
        "surrogate derivative, also as scaled_sigmoid; Sigmoid is the slope of an escape noise of "
        "slope beta_surrogate, MultilayerSpiker the spike itself",
    )
    beta_surrogate: Positive = param(10.0, "slope of the surrogate", unit="1/theta")
    trained: Literal["all", "readout"] = param("all", "weights that are trained")
    optimiser: str = param(
        "smorms3", "optimiser: smorms3, or any of optax that takes a learning rate"
    )
    learning_rate: Positive = param(0.01, "learning rate of all weights")
    batch_size: Count = param(400, "utterances per update")
    n_epochs: Count = param(200, "passes through the training set")


class Diverged(UserError):
    """Error for a training whose numbers are not finite."""


class State(NamedTuple):
    """State of a training: weights and optimiser."""

    params: Params
    optimiser: Any


@cache
def compiled_update(name: str, rate: float) -> Callable[[State, Params], State]:
    """Return an optimiser's update, compiled once a process.

    Args:
        name: Name of the optimiser.
        rate: Learning rate.

    Returns:
        The function of a state and a gradient that returns the next state.
    """
    descent = optimiser(name, rate)

    def update(state: State, grad: Params) -> State:
        updates, memory = descent.update(grad, state.optimiser, state.params)
        return State(optax.apply_updates(state.params, updates), memory)

    return jit_for_long(update)


class Trainer:
    """Training, epoch by epoch, with a progress bar."""

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
        self.derivative = surrogate(config.surrogate, config.beta_surrogate)
        self.update = compiled_update(self.config.optimiser, self.config.learning_rate)
        self.bar: Any = None

    def close(self) -> None:
        """Remove the progress bar, also after an error or Ctrl-C."""
        if self.bar is not None:
            self.bar.close()

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
        batches = []
        for number, indices in enumerate(self._batches(epoch)):
            grad, batch = self.gradient(state, indices, jax.random.fold_in(key, number))
            _stop_if_not_finite(grad, batch, self.config, epoch, number)
            state = self.update(state, grad)
            batches.append((len(indices), batch))
            self._show(epoch, mean(batches))
        trained = mean(batches)
        _stop_if_not_finite(state.params, trained, self.config, epoch, n_batches - 1)
        validated = self._validate(state, jax.random.fold_in(key, n_batches))
        return state, {
            "train_accuracy": trained.right,
            "train_loss": trained.loss,
            "valid_accuracy": validated.right,
            "valid_loss": validated.loss,
            "rates": validated.counts / (self.config.n_steps * self.config.dt),
        }

    def gradient(self, state: State, indices: np.ndarray, key: Any) -> tuple[Params, BatchMetrics]:
        """Return the gradient of a batch's mean loss, and metrics averaged over samples.

        Args:
            state: Weights and state of the optimiser.
            indices: Samples of the batch, ``(sample,)``.
            key: Random key for the noise.

        Returns:
            The gradient, a pytree like the weights, and the metrics.
        """

        def gradient(x: np.ndarray, label: np.ndarray, key: Any) -> tuple[Params, BatchMetrics]:
            return self.learner.gradient(self.derivative, state.params, self.fixed, x, label, key)

        results = list(self.batches.each(indices, key, gradient))
        return mean([(size, (grad, _shared(size, metrics))) for size, (grad, metrics) in results])

    def _validate(self, state: State, key: Any) -> BatchMetrics:
        weights = [*self.fixed, *state.params]

        def answers(x: np.ndarray, label: np.ndarray, key: Any) -> BatchMetrics:
            spikes = self.config.spikes
            return self.learner.answers(weights, x, label, key, spikes=spikes)[0]

        results = self.batches.each(self.parts.validation, key, answers)
        return mean([(size, _shared(size, metrics)) for size, metrics in results])

    def _show(self, epoch: int, metrics: BatchMetrics) -> None:
        duration = self.config.n_steps * self.config.dt
        self.bar.update()
        self.bar.set_postfix(
            epoch=epoch + 1,
            loss=f"{metrics.loss:.3f}",
            accuracy=f"{metrics.right:.3f}",
            Hz="/".join(f"{rate:.0f}" for rate in metrics.counts / duration),
        )


def _shared(size: int, metrics: BatchMetrics) -> BatchMetrics:
    """Return metrics with correct predictions as a share of the samples."""
    return metrics._replace(right=np.float32(metrics.right / size))


def _stop_if_not_finite(
    tree: Params, metrics: BatchMetrics, config: Training, epoch: int, number: int
) -> None:
    """Raise `Diverged` if numbers are not finite.

    The message names the uppermost layer that is not finite: reverse mode carries NaN downwards.
    """
    if np.isfinite(metrics.loss) and all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)):
        return
    hidden = [f"hidden layer {i}" for i, _ in enumerate(config.filters, 1)]
    names = [*hidden, "readout"][-len(tree) :]  # frozen layers are not part of the tree
    bad = [
        f"{name}, {'recurrent' if kind == 'rec' else 'feed-forward'} weights"
        for name, layer in zip(names, tree, strict=True)
        for kind, leaf in layer.items()
        if not np.isfinite(leaf).all()
    ]
    what = f"training diverged in epoch {epoch + 1}, batch {number + 1}"
    got = f"loss {metrics.loss}; not finite: {bad[-1] if bad else 'only the loss'}"
    surrogate = f"another surrogate than {config.surrogate} of slope {config.beta_surrogate:g}"
    fix = f"a smaller learning_rate than {config.learning_rate:g}, or {surrogate}"
    raise Diverged(what, got, "finite numbers", fix)
