"""Arms, training and judgement of networks on spike times.

A task returns the mean of a function over a batch of its inputs, and over the inputs that judge.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from beyond.experiments.methods import BROAD_SLOPE
from beyond.experiments.spike_times import first_spikes, learning_tasks
from beyond.experiments.spike_times.first_spikes import FIRST, FirstSpikes, Sample
from beyond.experiments.spike_times.learning_tasks import Task, responses
from beyond.experiments.spike_times.stepped import Backward, StepSettings, run
from beyond.experiments.updates import State, begin, follow

Weights = dict[str, Array]
Drawn = Task | FirstSpikes
"""A draw of a task."""
Sampled = Task | Sample
"""An input of a task, with what its loss needs."""


class Arm(NamedTuple):
    """What updates follow.

    Attributes:
        backward: How the network is differentiated.
        quiet: Whether updates run the network without noise.
        term: Whether the term on firing rates is added.
        ratio: Slope of the surrogate over that of the noise.
    """

    backward: Backward
    quiet: bool = False
    term: bool = False
    ratio: float = 1.0

    def settings(self, beta: float, dt: float) -> StepSettings:
        """Return how the arm runs and differentiates the network.

        Args:
            beta: Slope of the noise.
            dt: Time step, ms.
        """
        noise = float("inf") if self.quiet else beta
        return StepSettings(dt, noise, self.backward, self.ratio * beta)


ARMS = {
    "event_based": Arm(Backward.TIMES, quiet=True),
    "pathwise": Arm(Backward.TIMES),
    "matched": Arm(Backward.SURROGATE),
    "broad": Arm(Backward.SURROGATE, ratio=BROAD_SLOPE),
    "unbiased": Arm(Backward.SCORE),
    "event_based_term": Arm(Backward.TIMES, quiet=True, term=True),
    "pathwise_term": Arm(Backward.TIMES, term=True),
    "broad_quiet": Arm(Backward.SURROGATE, quiet=True, ratio=BROAD_SLOPE),
}
"""All arms by name."""


def draws(task: str, dt: float, seeds: Sequence[int]) -> tuple[Drawn, Array, Array]:
    """Return a draw of a task for each seed, keys of its updates, and keys of judging noise."""
    every = [jax.random.key(seed) for seed in seeds]

    def draw(key: Array) -> Drawn:
        return first_spikes.draw(key, dt) if task == FIRST else learning_tasks.draw(task, key, dt)

    keys, noise = (jnp.stack([jax.random.fold_in(k, i) for k in every]) for i in (1, 2))
    return jax.vmap(draw)(jnp.stack(every)), keys, noise


class Trials(NamedTuple):
    """Results of several trials.

    Attributes:
        loss: Loss of each trial, ``(trial,)``.
        log_density: Log-likelihood of its spikes.
        right: Whether it is right.
        spikes: Number of spikes of hidden neurons, then of outputs, ``(trial, neuron)``.
    """

    loss: Array
    log_density: Array
    right: Array
    spikes: Array


def trials(
    settings: StepSettings, params: Weights, sample: Sampled, key: Array, n_trials: int
) -> Trials:
    """Run several trials of an input."""
    shape = len(sample.inputs[0]) + 1, len(params["hidden"]) + len(params["output"])

    def trial(key: Array) -> Trials:
        result = run(settings, params, sample.inputs, jax.random.exponential(key, shape))
        spikes = [layer.fired.sum(axis=0) for layer in (result.hidden, result.outputs)]
        loss, right = sample.loss(result, settings.dt), sample.right(result)
        return Trials(loss, result.log_density, right, jnp.concatenate(spikes))

    return jax.vmap(trial)(jax.random.split(key, n_trials))


def objective(
    params: Weights, settings: StepSettings, task: Drawn, key: Array, n_trials: int
) -> Array:
    """Return what is differentiated: the mean loss, or the score function's product."""

    def mean(sample: Sampled, key: Array) -> Array:
        loss, log_density, *_ = trials(settings, params, sample, key, n_trials)
        if settings.backward is not Backward.SCORE:
            return jnp.mean(loss)
        others = (loss.sum() - loss) / (n_trials - 1)
        return jnp.mean(jax.lax.stop_gradient(loss - others) * log_density)

    return task.over_batch(mean, key)


def term_gradient(
    params: Weights, settings: StepSettings, sample: Sampled, key: Array, term: Array
) -> Weights:
    """Return the gradient of the term on firing rates in one trial; see `learning`.

    Args:
        params: weights of the network.
        settings: the network of the update.
        sample: an input of the task.
        key: key of the trial's noise.
        term: strength and wanted number.
    """
    n = len(params["hidden"]) + len(params["output"])
    noise = jax.random.exponential(key, (len(sample.inputs[0]) + 1, n))
    result = run(settings, params, sample.inputs, noise)
    strength, wanted = term

    def layer(weights: Array, fired: Array, response: Array) -> Array:
        # fired (step, neuron), response (step, channel): the derivative of the potential.
        count = fired.sum(axis=0)
        highest = jax.nn.one_hot(jnp.argmax(response @ weights.T, axis=0), len(fired)).T
        at = jnp.where(count > 0, fired, highest)
        return strength * jnp.minimum(count - wanted, 0.0)[:, None] * (at.T @ response)

    return {
        "hidden": layer(
            params["hidden"], result.hidden.fired, responses(sample.inputs, settings.dt)
        ),
        "output": layer(params["output"], result.outputs.fired, result.hidden_trace),
    }


@partial(jax.jit, static_argnums=(0, 1))
def train(
    settings: StepSettings,
    sizes: tuple[int, int, int],
    rate: Array,
    tasks: Drawn,
    keys: Array,
    term: Array | None = None,
) -> Weights:
    """Train a network on each task, and return all weights, ``(task, point, ...)``.

    The weights at the first point are those before training.

    Args:
        settings: The network of the updates.
        sizes: Trials of an input in an update, updates, and points after the first one.
        rate: Learning rate of Adam.
        tasks: The tasks.
        keys: A key for each task.
        term: Strength and wanted number of the term on firing rates, if it is added.
    """
    adam, (n_trials, n_updates, n_points) = optax.adam(rate), sizes

    def added(params: Weights, task: Drawn, key: Array, term: Array) -> Weights:
        def mean(sample: Sampled, key: Array) -> Weights:
            each = jax.random.split(key, n_trials)
            many = jax.vmap(lambda k: term_gradient(params, settings, sample, k, term))(each)
            return jax.tree.map(lambda g: g.mean(axis=0), many)

        return task.over_batch(mean, key)

    def one(task: Drawn, key: Array) -> Weights:
        def gradient(params: Weights, key: Array) -> tuple[Weights, None]:
            grad = jax.grad(objective)(params, settings, task, key, n_trials)
            if term is not None:
                grad = jax.tree.map(jnp.add, grad, added(params, task, key, term))
            # After an overflow in a draw's gradient its update is left out.
            sound = jnp.all(jnp.array([jnp.all(jnp.isfinite(g)) for g in jax.tree.leaves(grad)]))
            return jax.tree.map(lambda g: jnp.where(sound, g, 0.0), grad), None

        def point(state: State, keys: Array) -> tuple[State, Weights]:
            return follow(adam, gradient, state, keys)[0], state.params

        each = jax.random.split(key, (n_points, n_updates // n_points))
        end, before = jax.lax.scan(point, begin(adam, task.params), each)
        return jax.tree.map(lambda b, e: jnp.concatenate([b, e[None]]), before, end.params)

    return jax.vmap(one)(tasks, keys)


@partial(jax.jit, static_argnums=0)
def judge(
    settings: StepSettings, weights: Weights, tasks: Drawn, keys: Array
) -> tuple[Array, Array, Array]:
    """Judge weights: mean losses, and shares of right trials and of silent neurons.

    A neuron is silent if it has no spike in any judging trial.

    Args:
        settings: The network that judges.
        weights: Weights with first axes ``(task, point)``.
        tasks: The tasks.
        keys: A key for each task. All points of a task have the same noise.

    Returns:
        Three arrays ``(task, point)``.
    """

    def one(params: Weights, task: Drawn, key: Array) -> tuple[Array, Array, Array]:
        def mean(sample: Sampled, key: Array) -> tuple[Array, ...]:
            each = trials(settings, params, sample, key, task.JUDGED)
            return each.loss.mean(), each.right.mean(), each.spikes.mean(axis=0)

        loss, right, spikes = task.over_tests(mean, key)
        return loss, right, jnp.mean(spikes == 0)

    return jax.vmap(jax.vmap(one, in_axes=(0, None, None)))(weights, tasks, keys)
