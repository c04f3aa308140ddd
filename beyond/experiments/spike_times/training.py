"""Updates of networks on spike times, and losses that judge them.

A task returns the mean of a function over a batch of its inputs, and over the inputs that judge.
"""

from functools import partial

import jax
import jax.numpy as jnp
import optax
from jax import Array

from beyond.experiments.methods import BROAD_SLOPE
from beyond.experiments.spike_times.first_spikes import FirstSpikes, Sample
from beyond.experiments.spike_times.learning_tasks import Task
from beyond.experiments.spike_times.stepped import Backward, StepSettings, run

ARMS = ("event_based", "pathwise", "matched", "broad", "unbiased")
MADE = {"event_based": Backward.TIMES, "pathwise": Backward.TIMES, "unbiased": Backward.SCORE}
"""How arms differentiate; the others are surrogates."""
Weights = dict[str, Array]
Drawn = Task | FirstSpikes
"""A draw of a task."""
Sampled = Task | Sample
"""An input of a task, with what its loss needs."""


def settings_of(arm: str, beta: float, dt: float) -> StepSettings:
    """Return how an arm runs and differentiates the network."""
    noise = float("inf") if arm == "event_based" else beta
    slope = beta * (BROAD_SLOPE if arm == "broad" else 1.0)
    return StepSettings(dt, noise, MADE.get(arm, Backward.SURROGATE), slope)


def trials(
    settings: StepSettings, params: Weights, sample: Sampled, key: Array, n_trials: int
) -> tuple[Array, Array, Array]:
    """Return losses, log-likelihoods and whether trials are right, each ``(trial,)``."""
    shape = len(sample.inputs[0]) + 1, len(params["hidden"]) + len(params["output"])

    def trial(key: Array) -> tuple[Array, Array, Array]:
        noise = jax.random.exponential(key, shape)
        result = run(settings, params, sample.inputs, noise)
        return sample.loss(result, settings.dt), result.log_density, sample.right(result)

    return jax.vmap(trial)(jax.random.split(key, n_trials))


def objective(
    params: Weights, settings: StepSettings, task: Drawn, key: Array, n_trials: int
) -> Array:
    """Return what is differentiated: the mean loss, or the score function's product."""

    def mean(sample: Sampled, key: Array) -> Array:
        loss, density, _ = trials(settings, params, sample, key, n_trials)
        if settings.backward is not Backward.SCORE:
            return jnp.mean(loss)
        others = (loss.sum() - loss) / (n_trials - 1)
        return jnp.mean(jax.lax.stop_gradient(loss - others) * density)

    return task.over_batch(mean, key)


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def train(
    settings: StepSettings,
    n_trials: int,
    n_updates: int,
    n_points: int,
    rate: Array,
    tasks: Drawn,
    keys: Array,
) -> Weights:
    """Train a network on each task, and return all weights, ``(task, point, ...)``.

    The weights at the first point are those before training.
    """
    adam = optax.adam(rate)

    def update(state: tuple, key: Array) -> tuple[tuple, None]:
        params, memory, task = state
        grad = jax.grad(objective)(params, settings, task, key, n_trials)
        # After an overflow in a draw's gradient its update is left out.
        sound = jnp.all(jnp.array([jnp.all(jnp.isfinite(g)) for g in jax.tree.leaves(grad)]))
        grad = jax.tree.map(lambda g: jnp.where(sound, g, 0.0), grad)
        change, memory = adam.update(grad, memory)
        return (optax.apply_updates(params, change), memory, task), None

    def point(state: tuple, keys: Array) -> tuple[tuple, Weights]:
        return jax.lax.scan(update, state, keys)[0], state[0]

    def one(task: Drawn, key: Array) -> Weights:
        each = jax.random.split(key, (n_points, n_updates // n_points))
        end, before = jax.lax.scan(point, (task.params, adam.init(task.params), task), each)
        return jax.tree.map(lambda b, e: jnp.concatenate([b, e[None]]), before, end[0])

    return jax.vmap(one)(tasks, keys)


@partial(jax.jit, static_argnums=0)
def judge(
    settings: StepSettings, weights: Weights, tasks: Drawn, keys: Array
) -> tuple[Array, Array]:
    """Return mean losses of weights, and the share of right trials, each ``(task, point)``.

    Args:
        settings: The noisy network.
        weights: Weights with first axes ``(task, point)``.
        tasks: The tasks.
        keys: A key for each task. All points of a task have the same noise.
    """

    def one(params: Weights, task: Drawn, key: Array) -> tuple[Array, Array]:
        def mean(sample: Sampled, key: Array) -> tuple[Array, Array]:
            loss, _, right = trials(settings, params, sample, key, task.JUDGED)
            return jnp.mean(loss), jnp.mean(right)

        return task.over_tests(mean, key)

    return jax.vmap(jax.vmap(one, in_axes=(0, None, None)))(weights, tasks, keys)
