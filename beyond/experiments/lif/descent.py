"""Descent on small tasks of LIF neurons, by any estimator, at a given cost per update.

Tasks are trained in groups of `GROUP`, so that one compilation serves every learning rate and every
experiment. A shorter group is filled up with repeats, whose results are dropped.
"""

from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.flatten_util import ravel_pytree
from pydantic import Field

import snn
from beyond.experiments.lif.lif_task import NOISE, Tasks, lif_task
from beyond.experiments.methods import Followed
from beyond.experiments.updates import State, begin, update
from experiments.engine.checkpoint import part
from experiments.engine.experiment import (
    Count,
    Distinct,
    OneOf,
    Positive,
    Seed,
    SeedsAtOnce,
    Size,
    param,
    seeds_param,
)
from experiments.neurons import NEURONS
from experiments.training.loop import LONG, jit_for_long, train_epochs
from snn.estimators.base import Estimator
from snn.program import Program
from snn.types import Noise, Params

GROUP = 4

ADAM = optax.inject_hyperparams(optax.adam)
SAMPLED = snn.Spike(snn.sample)


class Descent(SeedsAtOnce):
    """Parameters of a task and of its training, shared by several experiments."""

    budget: Size = param(32, "runs of the network per update")
    n_updates: Annotated[int, Field(ge=2, le=1_000_000)] = param(400, "updates")
    chunk: Count = param(20, "updates between observations of the loss")
    n_test: Annotated[int, Field(ge=2, le=10_000)] = param(64, "trials of an observed loss")
    n_inputs: Size = param(10, "input neurons")
    n_hidden: Size = param(10, "hidden neurons")
    n_outputs: Size = param(5, "output neurons")
    steps: Annotated[int, Field(ge=2, le=10_000)] = param(40, "duration, in time steps of 1 ms")
    beta: Positive = param(10.0, "slope of the escape noise", unit="1/theta")
    recurrence: Annotated[float, Field(ge=0, lt=1)] = param(
        0.0, "share of the recurrent input in a potential's variance; 0: none"
    )
    neuron: Annotated[str, OneOf(NEURONS)] = param("LIF", "neuron of every layer")
    seeds: Distinct[Seed] = seeds_param()

    @property
    def sites(self) -> int:
        """Spike sites of a network."""
        return self.steps * (self.n_hidden + self.n_outputs)

    def refuse_flips(self, *names: str) -> None:
        """Refuse flips of more sites than there are, and a budget without a trial and a flip.

        Raises:
            ValueError: if one of these parameters, "n_flips" or "budget", is out of range.
        """
        for name in names:
            low, most, what = 1, self.sites, "more flips than spike sites"
            if name == "budget":
                low, most = 2, 1 + self.sites
                what = "a budget is a trial and flips, of as many spike sites as there are"
            if not low <= getattr(self, name) <= most:
                raise ValueError(f"{what}: {self.given(name)}; expected {low} to {most}")


class Descended(NamedTuple):
    """Observations of a training; the first observation is before training.

    Attributes:
        loss: mean over test trials, ``(task, observation)``.
        response: loss of the mean output of all test trials, ``(task, observation)``. The mean of n
            trials has 1/n of the variance of one trial.
        weights: all weights as a vector, ``(task, observation, weight)``.
        spikes: of each layer in a trial, mean over test trials, ``(task, observation, layer)``.
    """

    loss: np.ndarray
    response: np.ndarray
    weights: np.ndarray
    spikes: np.ndarray


def tasks_of(config: Descent, seeds: list[int]) -> Tasks:
    """Return the tasks of some seeds."""
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    settings = (config.steps, config.beta, config.recurrence, config.neuron)
    each = [_task(jax.random.key(seed), sizes, *settings) for seed in np.array(seeds, np.uint32)]
    return Tasks(jnp.array(seeds, jnp.uint32), *_stacked(*each))


def descend(config: Descent, method: Followed, rate: float, tasks: Tasks, label: str) -> Descended:
    """Train on all tasks at a learning rate, with noise that depends on the task alone.

    Label and rate name the checkpoint.
    """
    test_noise, root = _noise(config, tasks)
    last = -(-config.n_updates // config.chunk)
    advance = _advance_long if config.n_updates >= LONG else _advance
    groups = []
    for number, (group, size) in enumerate(_groups(tasks)):

        def run(state: State, epoch: int, group: Tasks = group) -> tuple[State, dict[str, Array]]:
            first = epoch * config.chunk
            span = first, min(first + config.chunk, config.n_updates)
            estimator, n_trials = method(config.budget, config.beta)
            state = advance(estimator, group, state, root, span, n_trials)
            return state, _observe(group, state.params, test_noise)

        start = _start(group.params, jnp.array(rate, jnp.float32))
        with part(f"{label}-{rate}-{number}"):
            _, observed = train_epochs(run, start, last)
        rows = _before(group, test_noise)
        every = {name: np.concatenate([rows[name], values]) for name, values in observed.items()}
        groups.append(_by_task(every, size))
    return _joined(groups)


def before(config: Descent, tasks: Tasks) -> Descended:
    """Return the observation before training."""
    test_noise, _ = _noise(config, tasks)
    groups = _groups(tasks)
    return _joined([_by_task(_before(group, test_noise), size) for group, size in groups])


def _before(group: Tasks, test_noise: Noise) -> dict[str, np.ndarray]:
    """Return the observation before training, ``(1, task, ...)``."""
    observed = _observe(group, group.params, test_noise)
    return {name: np.asarray(values)[None] for name, values in observed.items()}


def _by_task(observed: dict[str, np.ndarray], size: int) -> Descended:
    """Return ``(task, observation, ...)`` from ``(observation, task, ...)``, without repeats."""
    return Descended(*(np.moveaxis(observed[name], 0, 1)[:size] for name in Descended._fields))


def _joined(groups: list[Descended]) -> Descended:
    return Descended(*(np.concatenate(parts) for parts in zip(*groups, strict=True)))


def final(loss: np.ndarray) -> np.ndarray:
    """Return the mean over the last tenth of the observations, the last axis."""
    return loss[..., -max(1, loss.shape[-1] // 10) :].mean(axis=-1)


def _noise(config: Descent, tasks: Tasks) -> tuple[Noise, Array]:
    """Return the noise of the test trials, and the key of the noise of updates."""
    test_key, training_key = jax.random.split(jax.random.fold_in(jax.random.key(0), NOISE))
    # Drawn outside of the compiled training, since compiling random numbers takes long.
    return snn.draw_noise(*tasks.one, test_key, config.n_test), training_key


def _groups(tasks: Tasks) -> list[tuple[Tasks, int]]:
    """Return groups of `GROUP` tasks, and the number of tasks in each group without repeats."""
    n = len(tasks.seeds)
    starts = range(0, n, GROUP)
    return [
        (tasks.subset(np.arange(start, start + GROUP).clip(max=n - 1)), min(GROUP, n - start))
        for start in starts
    ]


# Compiled as a whole, since otherwise every array of a task would need its own program.
_task = jax.jit(lif_task, static_argnums=(1, 2, 3, 4, 5))
_stacked = jax.jit(lambda *each: jax.tree.map(lambda *xs: jnp.stack(xs), *each))


@jax.jit
def _start(params: Params, rate: Array) -> State:
    return jax.vmap(lambda p: begin(ADAM(learning_rate=rate), p))(params)


def _updates(
    estimator: Estimator,
    tasks: Tasks,
    state: State,
    root: Array,
    span: tuple[int, int],
    n_trials: int,
) -> State:
    """Do a span of updates on all tasks; key, task and update determine the noise.

    A span of another length is not compiled again: the last chunk may be shorter.
    """
    one = tasks.one

    def draw(seed: Array, number: Array) -> tuple[Noise, Array]:
        key = jax.random.fold_in(jax.random.fold_in(root, seed), number)
        noise_key, own_key = jax.random.split(key)
        return snn.draw_noise(*one, noise_key, n_trials), own_key

    def one_update(program: Program, noise: Noise, key: Array, state: State) -> State:
        # The state contains the learning rate.
        return update(
            ADAM(learning_rate=0.0), estimator(program, state.params, noise, key).grad, state
        )

    def step(number: Array, state: State) -> State:
        noise, keys = jax.vmap(draw, (0, None))(tasks.seeds, number)
        return jax.vmap(one_update)(tasks.programs, noise, keys, state)

    return jax.lax.fori_loop(*span, step, state)


_advance = jax.jit(_updates, static_argnames="n_trials")
_advance_long = jit_for_long(_updates, static_argnames="n_trials")


@jax.jit
def _observe(tasks: Tasks, params: Params, noise: Noise) -> dict[str, Array]:
    def observed(program: Program, params: Params) -> dict[str, Array]:
        def trial(xi: Noise) -> dict[str, Any]:
            run = program(params, xi, SAMPLED)
            return {
                "loss": run.loss,
                "spikes": jnp.array([layer.s.sum() for layer in run.trace]),
                "output": run.output,
            }

        means = {name: values.mean(axis=0) for name, values in jax.vmap(trial)(noise).items()}
        return means | {"response": program.loss(means.pop("output"))}

    weights = jax.vmap(lambda p: ravel_pytree(p)[0])(params)
    return jax.vmap(observed)(tasks.programs, params) | {"weights": weights}
