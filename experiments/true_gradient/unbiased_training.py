"""Training of a small network of LIF neurons by several estimators, at a given cost per update."""

import sys
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

import snn
from experiments.engine.base import Data, Experiment, Quantity, band, param, seeds_param
from experiments.engine.errors import UserError
from experiments.training import checkpoint
from experiments.training.loop import train
from experiments.true_gradient.budgets import METHODS
from experiments.true_gradient.lif_task import lif_task
from snn.types import Noise, Params, Program


@dataclass
class UnbiasedTraining(Experiment):
    """Descends the van Rossum distance to Poisson targets; every seed is a task of its own.

    All estimators descend on the same tasks. Of each, all learning rates are tried on all seeds,
    side by side. The rate is chosen by the tuning seeds alone, and then judged by the others.
    """

    estimators: list[str] = param(
        list(METHODS),
        "what is descended; _one: one run per update, _more: four budgets",
        choices=METHODS,
        distinct=True,
    )
    budget: int = param(32, "runs of the network per update", low=1)
    learning_rates: list[float] = param([0.01, 0.03, 0.1], "of Adam, to choose from", above=0)
    tuning_seeds: list[int] = param(
        [1000, 1001], "tasks by which the learning rate is chosen", low=0, high=2**32 - 1
    )
    n_updates: int = param(400, "updates", low=2)
    chunk: int = param(20, "updates between observations of the loss", low=1)
    n_test: int = param(64, "trials of an observed loss", low=2)
    n_inputs: int = param(10, "input neurons", low=1)
    n_hidden: int = param(10, "hidden neurons", low=1)
    n_outputs: int = param(5, "output neurons", low=1)
    steps: int = param(40, "duration, in time steps of 1 ms", low=2)
    beta: float = param(10.0, "slope of the escape noise", unit="1/theta", above=0)
    recurrence: float = param(
        0.0, "share of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses a task for both tuning and judging, and budgets that an estimator cannot use."""
        both = sorted(set(self.seeds) & set(self.tuning_seeds))
        if both:
            raise UserError(
                f"{path}: a task would both choose the learning rate and judge it",
                f"{both} in seeds and in tuning_seeds",
                "different seeds",
                f"{path}.tuning_seeds=[{max(self.seeds) + 1}]",
            )
        sites = self.steps * (self.n_hidden + self.n_outputs)
        for name in self.estimators:
            low, most = METHODS[name].budgets(sites)
            if low <= self.budget <= most:
                continue
            others = ",".join(other for other in self.estimators if other != name)
            close = f"{path}.budget={max(low, min(self.budget, most))}"
            allowed = f"{low} to {most}" if most < sys.maxsize else f"{low} or more"
            raise UserError(
                f"{path}.budget does not suit {name}",
                self.budget,
                f"{allowed}: a trial and its flips, or two trials",
                close if low <= most else f"{path}.estimators=[{others}]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end with the chosen learning rate relative to it."""
        first = np.median(data["loss"][:, 0, 0, 0])
        quantities = {"first_loss": band(first, 0.2, 8.0, "untrained")}
        for i, name in enumerate(self.estimators):
            relative = np.median(data["final"][:, i]) / first
            quantities[f"{name}_final_over_first"] = band(
                relative, 0.0, 1.0, "training must not do harm"
            )
        return quantities


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
        For each seed the names of the ``methods``, and for each of these ``loss``, the mean over
        test trials, ``(estimator, rate, observation)``; the same of the tuning tasks,
        ``tuning_loss``, ``(estimator, task, rate, observation)``; the index of the ``chosen``
        learning rate and the ``final`` loss with it, ``(estimator,)``; ``evaluations``, runs of the
        network so far, ``(estimator, observation)``; ``update`` of each observation; and
        ``learning_rates``.
    """
    tasks = Tasks.of(config, seeds)
    trained = []
    for name in config.estimators:
        with checkpoint.part(name):
            trained.append(descend(config, name, tasks))
    observed = np.stack(trained)
    updates = np.minimum(np.arange(observed.shape[-1]) * config.chunk, config.n_updates)
    runs = np.array([METHODS[name].runs(config.budget) for name in config.estimators])
    tuning, judged = np.split(observed, [len(config.tuning_seeds)], axis=1)
    # Judged by the tuning tasks alone.
    best = np.argmin(np.median(_final(tuning), axis=1), axis=1)
    shared = {
        "methods": np.array(config.estimators),
        "update": updates,
        "evaluations": updates * runs[:, None],
        "learning_rates": np.array(config.learning_rates),
        "tuning_loss": tuning,
        "chosen": best,
    }
    final = np.take_along_axis(_final(judged), best[:, None, None], axis=2)[..., 0]
    return [shared | {"loss": judged[:, i], "final": final[:, i]} for i in range(len(seeds))]


class Tasks(NamedTuple):
    """Tasks of the tuning seeds and of the others, with what is the same for all estimators.

    Attributes:
        seeds: of the tasks.
        one: program and parameters of the first, for their shapes.
        programs: of all, with a leading axis of tasks.
        params: that training starts from, with the same axis.
        test_noise: of the test trials.
        training_key: from which the noise of updates is drawn.
    """

    seeds: Array
    one: tuple[Program, Params]
    programs: Program
    params: Params
    test_noise: Noise
    training_key: Array

    @classmethod
    def of(cls, config: UnbiasedTraining, seeds: list[int]) -> "Tasks":
        """The tasks of a config."""
        tasks = jnp.array([*config.tuning_seeds, *seeds], jnp.uint32)
        each_task = [task_of(config, task) for task in tasks]
        one, (programs, params) = each_task[0], jax.tree.map(lambda *xs: jnp.stack(xs), *each_task)
        test_key, training_key = jax.random.split(jax.random.fold_in(jax.random.key(0), NOISE))
        # Random numbers that stay the same are drawn outside: to compile them takes long.
        test_noise = snn.draw_noise(*one, test_key, config.n_test)
        return cls(tasks, one, programs, params, test_noise, training_key)


def descend(config: UnbiasedTraining, name: str, tasks: Tasks) -> np.ndarray:
    """Trains on all tasks with one estimator, whose noise does not depend on the others.

    Returns:
        The mean loss of the test trials, ``(task, rate, observation)``.
    """
    estimator, n_trials = METHODS[name].within(config.budget)
    adam = optax.inject_hyperparams(optax.adam)

    def loss(program: Program, params: Params) -> Array:
        spike = snn.Spike(snn.sample)
        return jax.vmap(lambda xi: program(params, xi, spike).loss)(tasks.test_noise).mean()

    def start(params: Params, rate: Array) -> State:
        return State(params, adam(learning_rate=rate).init(params))

    def update(program: Program, noise: Noise, key: Array, state: State) -> tuple[State, Array]:
        estimate = estimator(program, state.params, noise, key)
        changes, optimiser = adam(learning_rate=0.0).update(estimate.grad, state.optimiser)
        return State(optax.apply_updates(state.params, changes), optimiser), estimate.loss

    def draw(task: Array, number: Array) -> tuple[Noise, Array]:
        key = jax.random.fold_in(jax.random.fold_in(tasks.training_key, task), number)
        noise_key, own_key = jax.random.split(key)
        return snn.draw_noise(*tasks.one, noise_key, n_trials), own_key

    def step(state: State, number: Array) -> tuple[State, dict[str, Array]]:
        noise, keys = jax.vmap(draw, (0, None))(tasks.seeds, number)
        each = jax.vmap(jax.vmap(update, (None, None, None, 0)))
        state, seen = each(tasks.programs, noise, keys, state)
        # One learning rate may diverge: that is an answer, not an error.
        return state, {"best": seen.min(axis=1)}

    def observe(state: State) -> dict[str, Array]:
        each = jax.vmap(jax.vmap(loss, (None, 0)))
        return {"loss": each(tasks.programs, state.params)}

    rates = jnp.array(config.learning_rates)
    _, _, seen = train(
        step,
        jax.vmap(jax.vmap(start, (None, 0)), (0, None))(tasks.params, rates),
        config.n_updates,
        chunk=config.chunk,
        observe=observe,
        watch="best",
        settings=f"estimator={name}, learning_rates={config.learning_rates}",
    )
    return np.moveaxis(seen["loss"], 0, -1).astype(np.float32)


def task_of(config: UnbiasedTraining, task: Array) -> tuple[Program, Params]:
    """The task of a seed, and the weights that training starts from."""
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    return lif_task(jax.random.key(task), sizes, config.steps, config.beta, config.recurrence)


def _final(loss: np.ndarray) -> np.ndarray:
    """Mean over the last tenth of the observations, the last axis."""
    return loss[..., -max(1, loss.shape[-1] // 10) :].mean(axis=-1)
