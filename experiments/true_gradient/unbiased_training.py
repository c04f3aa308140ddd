"""Training of a small network of LIF neurons by one estimator, at a given cost per update."""

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
from experiments.estimators import CATALOGUE, estimator
from experiments.training.loop import train
from experiments.true_gradient.lif_task import lif_task
from snn.estimators.base import Estimator
from snn.types import Noise, Params, Program

DESCENDED = (
    "surrogate_through",
    "surrogate",
    "super_spike",
    "stochastic_ad_systematic",
    "score_function",
)


def within(name: str, budget: int) -> tuple[Estimator, int]:
    """The estimator within a budget of so many runs of the network, and its number of trials."""
    # Flips are where its variance comes from: all of the budget is one trial's.
    if name.startswith("stochastic_ad"):
        return estimator(name, n_flips=budget - 1), 1
    return estimator(name), budget


@dataclass
class UnbiasedTraining(Experiment):
    """Descends the van Rossum distance to Poisson targets; every seed is a task of its own.

    All learning rates are tried on all seeds, side by side. The rate is chosen by the tuning seeds
    alone, and then judged by the others.
    """

    estimator: str = param("surrogate_through", "what is descended", choices=DESCENDED)
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
        flipped = self.estimator.startswith("stochastic_ad")
        least = 2 if flipped else CATALOGUE[self.estimator].least_trials
        most = 1 + self.steps * (self.n_hidden + self.n_outputs)
        if self.budget < least or (flipped and self.budget > most):
            raise UserError(
                f"{path}.budget does not suit {self.estimator}",
                self.budget,
                f"{least} to {most}: a trial and its flips, or two trials",
                f"{path}.budget={least}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end with the chosen learning rate."""
        first, final = np.median(data["loss"][:, 0, 0]), np.median(data["final"])
        return {
            "first_loss": band(first, 0.2, 8.0, "untrained"),
            "final_over_first": band(final / first, 0.0, 1.0, "training must not do harm"),
        }


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
    descended, n_trials = within(config.estimator, config.budget)
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
        estimate = descended(program, state.params, noise, key)
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
