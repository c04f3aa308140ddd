"""Trains all tasks at all learning rates at once."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

import snn
from experiments.engine.training import train
from experiments.lif_task import lif_task
from experiments.unbiased_training import UnbiasedTraining
from snn.estimators.base import Estimator
from snn.estimators.score_function import LeaveOneOut
from snn.flips import Systematic
from snn.types import Noise, Params, Program

# Keys of tasks are those of their seeds: noise has a root of its own.
NOISE = 0x5EED


class State(NamedTuple):
    """What training changes; leaves have leading axes of task and learning rate."""

    params: Params
    optimiser: Any


def compute(config: UnbiasedTraining, seed: int) -> dict[str, np.ndarray]:
    """One seed; see `compute_many`."""
    return compute_many(config, [seed])[0]


def compute_many(config: UnbiasedTraining, seeds: list[int]) -> list[dict[str, np.ndarray]]:
    """Trains on the tuning tasks and on those of the seeds.

    Returns:
        For each seed ``loss``, the mean over test trials, ``(rate, observation)``; the same of the
        tuning tasks, ``tuning_loss``, ``(task, rate, observation)``; ``update`` and
        ``evaluations``, runs of the network so far, at each observation; ``learning_rates``, the
        index of the ``chosen`` one, and the ``final`` loss with it.
    """
    estimator, n_trials = method(config)
    adam = optax.inject_hyperparams(optax.adam)
    rates = jnp.array(config.learning_rates)
    tasks = jnp.array([*config.tuning_seeds, *seeds], jnp.uint32)
    each_task = [task_of(config, task) for task in tasks]
    one, (programs, params) = each_task[0], jax.tree.map(lambda *xs: jnp.stack(xs), *each_task)
    test_key, training_key = jax.random.split(jax.random.fold_in(jax.random.key(0), NOISE))
    # Random numbers that stay the same are drawn outside: to compile them takes long.
    test_noise = snn.draw_noise(*one, test_key, config.n_test)

    def loss(program: Program, params: Params) -> Array:
        spike = snn.Spike(snn.sample)
        return jax.vmap(lambda xi: program(params, xi, spike).loss)(test_noise).mean()

    def start(params: Params, rate: Array) -> State:
        return State(params, adam(learning_rate=rate).init(params))

    def update(program: Program, noise: Noise, key: Array, state: State) -> tuple[State, Array]:
        estimate = estimator(program, state.params, noise, key)
        changes, optimiser = adam(learning_rate=0.0).update(estimate.grad, state.optimiser)
        return State(optax.apply_updates(state.params, changes), optimiser), estimate.loss

    def draw(task: Array, number: Array) -> tuple[Noise, Array]:
        key = jax.random.fold_in(jax.random.fold_in(training_key, task), number)
        noise_key, own_key = jax.random.split(key)
        return snn.draw_noise(*one, noise_key, n_trials), own_key

    def step(state: State, number: Array) -> tuple[State, dict[str, Array]]:
        noise, keys = jax.vmap(draw, (0, None))(tasks, number)
        each = jax.vmap(jax.vmap(update, (None, None, None, 0)))
        state, seen = each(programs, noise, keys, state)
        # One learning rate may diverge: that is an answer, not an error.
        return state, {"best": seen.min(axis=1)}

    def observe(state: State) -> dict[str, Array]:
        each = jax.vmap(jax.vmap(loss, (None, 0)))
        return {"loss": each(programs, state.params)}

    state = jax.vmap(jax.vmap(start, (None, 0)), (0, None))(params, rates)
    settings = f"estimator={config.estimator}, learning_rates={config.learning_rates}"
    _, _, seen = train(
        step,
        state,
        config.n_updates,
        chunk=config.chunk,
        observe=observe,
        watch="best",
        settings=settings,
    )
    observed = np.moveaxis(seen["loss"], 0, -1).astype(np.float32)
    updates = np.minimum(np.arange(observed.shape[-1]) * config.chunk, config.n_updates)
    n_tuning = len(config.tuning_seeds)
    # Judged by the tuning tasks alone.
    best = np.argmin(np.median(_final(observed[:n_tuning]), axis=0))
    shared = {
        "update": updates,
        "evaluations": updates * config.budget,
        "learning_rates": np.array(config.learning_rates),
        "tuning_loss": observed[:n_tuning],
        "chosen": best,
    }
    judged = observed[n_tuning:]
    return [shared | {"loss": loss, "final": _final(loss)[best]} for loss in judged]


def task_of(config: UnbiasedTraining, task: Array) -> tuple[Program, Params]:
    """The task of a seed, and the weights that training starts from."""
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    return lif_task(jax.random.key(task), sizes, config.steps, config.beta, config.recurrence)


def _final(loss: np.ndarray) -> np.ndarray:
    """Mean over the last tenth of the observations, the last axis."""
    return loss[..., -max(1, loss.shape[-1] // 10) :].mean(axis=-1)


def method(config: UnbiasedTraining) -> tuple[Estimator, int]:
    """The estimator, and its number of trials per update, within the budget."""
    if config.estimator == "stochastic_ad":
        # Flips are where its variance comes from: all of the budget is one trial's.
        return snn.StochasticAD(n_flips=config.budget - 1, draw=Systematic()), 1
    estimators = {
        "through": snn.Surrogate(reset=snn.through),
        "detached": snn.Surrogate(reset=snn.detached),
        "super_spike": snn.Surrogate(snn.surrogate.SuperSpike(10.0)),
        "score_function": snn.ScoreFunction(LeaveOneOut()),
    }
    return estimators[config.estimator], config.budget
