r"""Recurrent networks over time, trained along exact gradients and along sampled ones.

Unbiased estimates of the gradient train less far than broad surrogate gradients (SGs). Either
their variance is the reason, or exact gradients without any variance do so, too. Here the networks
are so small that both are known: the exact gradient of the expected loss, that of the loss of the
mean response, and the *mean* of an SG are sums over all spike patterns. Beside them are sampled
stochastic AD and sampled SGs.

Every arm has its own scale of the initial weights, which is chosen with the learning rate. Rules
and predictions: beyond/docs/bias_or_variance.md.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from pydantic import Field

import snn
from beyond.experiments.lif.enumerable import EnumerableTask, Sizes, draw_task, mean_response
from beyond.experiments.study import Outcomes, Study
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from beyond.experiments.updates import begin, follow
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    Experiment,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Seed,
    Size,
    array,
    band,
    listed,
    param,
    seeds_param,
)
from snn.types import Params

FLOOR = 0.01
"""Lower losses count as this loss: half a wrong spike in 50 trials."""
CHUNK = 8
"""Number of tasks that are trained at once."""

Gradient = Callable[[snn.Program, Params, Array, Any, int], Params]
"""Function of program, parameters, key, slope of the noise and number of passes."""


def _exact(program: snn.Program, params: Params, key: Array, beta: float, passes: int) -> Params:
    return snn.ExactEnumeration()(program, params).grad


def _exact_of_response(
    program: snn.Program, params: Params, key: Array, beta: float, passes: int
) -> Params:
    return jax.grad(lambda p: program.loss(mean_response(program, p)))(params)


def _surrogate(beta: float) -> snn.Surrogate:
    return snn.Surrogate(snn.surrogate.Sigmoid(beta), reset=snn.through)


def _mean(ratio: float) -> Gradient:
    """Return the mean of the SG whose slope is a multiple of the noise's slope."""

    def gradient(program: Any, params: Params, key: Array, beta: float, passes: int) -> Params:
        return snn.Expected(_surrogate(ratio * beta))(program, params).grad

    return gradient


def _sampled(make: Callable[[float, int], tuple[Any, int]]) -> Gradient:
    """Return a sampled estimate; ``make`` returns the estimator and its number of trials."""

    def gradient(program: Any, params: Params, key: Array, beta: float, passes: int) -> Params:
        estimator, n_trials = make(beta, passes)
        of_noise, of_flips = jax.random.split(key)
        noise = snn.draw_noise(program, params, of_noise, n_trials)
        return estimator(program, params, noise, of_flips).grad

    return gradient


def _flips(n: int) -> snn.StochasticAD:
    return snn.StochasticAD(n_flips=n, draw=snn.flips.Systematic())


ARMS: dict[str, Gradient] = {
    "exact_of_expected": _exact,
    "exact_of_response": _exact_of_response,
    "mean_of_broad": _mean(0.25),
    "mean_of_matched": _mean(1.0),
    "stochastic_ad": _sampled(lambda beta, passes: (_flips(passes - 1), 1)),
    "stochastic_ad_of_response": _sampled(
        lambda beta, passes: (snn.CrossFitted(_flips(passes // 2 - 1)), 2)
    ),
    "broad": _sampled(lambda beta, passes: (_surrogate(0.25 * beta), passes)),
    "matched": _sampled(lambda beta, passes: (_surrogate(beta), passes)),
}
"""Gradients that are followed; the first four have no variance, the first two no bias."""
MEASURES = ("expected", "response")
"""Judged losses: the expected loss, and the loss of the mean response."""


class EnumeratedTraining(Study, Experiment):
    """Trains small recurrent networks from weights of several scales, at several rates."""

    beta: Positive = param(10.0, "slope of the escape noise", unit="1/theta")
    arms: Distinct[Annotated[str, OneOf(ARMS)]] = param(list(ARMS), "gradients that are followed")
    scales: Rising[Positive] = param(
        [0.5, 1.0, 2.0, 4.0], "standard deviations of the free potential before training"
    )
    rates: Rising[Positive] = param([0.01, 0.03, 0.1, 0.3], "of Adam, to choose from")
    n_updates: Count = param(400, "updates")
    passes: Annotated[int, Field(ge=4, le=18)] = param(
        8, "forward passes per update and input, of a sampled gradient"
    )
    patterns: Size = param(4, "inputs of a task, each with a target")
    steps: Annotated[int, Field(ge=2, le=4)] = param(3, "time steps")
    n_inputs: Size = param(4, "input neurons")
    n_hidden: Annotated[int, Field(ge=1, le=3)] = param(2, "hidden neurons")
    n_outputs: Annotated[int, Field(ge=1, le=2)] = param(1, "output neurons")
    n_tasks: Annotated[int, Field(ge=2, le=10_000)] = param(40, "tasks per seed")
    n_tuning: Size = param(16, "other tasks, which choose scale and rate")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "arms": array("seed, arm", "names of the gradients"),
        "scales": array("seed, scale", "scales of the initial weights"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, measure, arm, scale, rate, tuning task", "log of the final loss"),
        "log_loss": array(
            "seed, measure, arm, scale, rate, task",
            "log of the final loss; NaN at options that no bootstrap sample chooses",
        ),
        "dead": array(
            "seed, arm, scale, rate, task",
            "share of inputs whose target has a spike, with less than 0.01 expected output spikes "
            "after training",
        ),
    }

    def check(self) -> None:
        """Refuse networks with too many spike sites, and more flips than sites.

        Raises:
            ValueError: for more than 12 spike sites, or more flips than sites.
        """
        sites = self.steps * (self.n_hidden + self.n_outputs)
        if sites > 12:
            names = self.given("steps", "n_hidden", "n_outputs")
            raise ValueError(f"too many spike patterns: {sites} sites, {names}; expected up to 12")
        if self.passes > 1 + sites:
            raise ValueError(f"more flips than sites: {self.given('passes')}; up to {1 + sites}")

    @property
    def sizes(self) -> Sizes:
        """Sizes of the tasks."""
        return Sizes(self.patterns, self.steps, self.n_inputs, self.n_hidden, self.n_outputs)

    def tasks(self, seed: int) -> tuple[EnumerableTask, EnumerableTask]:
        """Return the judged tasks of a seed, and the tuning tasks.

        A task depends on its number alone: fewer tasks are the first ones.
        """
        each = []
        for role, n in enumerate((self.n_tasks, self.n_tuning)):
            key = jax.random.fold_in(jax.random.key(seed), role)
            keys = jax.vmap(jax.random.fold_in, (None, 0))(key, np.arange(n))
            each.append(_draw(self.sizes, keys))
        return each[0], each[1]

    def compute(self, seed: int) -> Data:
        """Train tuning tasks at every option, and judged tasks at options that may be chosen."""
        judged, tuning_tasks = self.tasks(seed)
        tasks = {TUNING: tuning_tasks, JUDGED: judged}
        grid = len(self.scales), len(self.rates)

        def train(arm: str, role: str, some: list[int]) -> np.ndarray:
            each = [self.trained(arm, option, tasks[role]) for option in some]
            values = [[*_log(losses), dead] for losses, dead in each]
            return np.stack(values, axis=1).astype(np.float32)

        arms = dict.fromkeys(self.arms, [range(grid[0] * grid[1])])
        (*tuning, _), (*log_loss, dead) = tuned(arms, train, self.n_tasks, n_scores=len(MEASURES))
        shape = len(MEASURES), len(self.arms), *grid, -1
        return {
            "arms": np.array(self.arms),
            "scales": np.array(self.scales),
            "rates": np.array(self.rates),
            "tuning": np.reshape(tuning, shape),
            "log_loss": np.reshape(log_loss, shape),
            "dead": dead.reshape(shape[1:]),
        }

    def trained(
        self, arm: str, option: int, tasks: EnumerableTask
    ) -> tuple[np.ndarray, np.ndarray]:
        """Train along a gradient, and return losses and dead outputs at the end.

        Args:
            arm: name of the gradient.
            option: index of scale and rate.
            tasks: the tasks.

        Returns:
            Losses, ``(measure, task)``, and the share of dead responses, ``(task,)``.
        """
        scale, rate = divmod(option, len(self.rates))
        how = ARMS[arm], self.n_updates, self.passes
        at = float(self.beta), float(self.rates[rate])
        n = len(tasks.x)
        numbered, results = (scaled(tasks, self.scales[scale]), np.arange(n)), []
        for start in range(0, n, CHUNK):
            # Repeats fill up the last chunk.
            rows = np.arange(start, start + CHUNK).clip(max=n - 1)
            part = jax.tree.map(lambda leaf, rows=rows: leaf[rows], numbered)
            results.append([np.asarray(x) for x in _train(how, *at, part)])
        losses, dead = (np.concatenate(parts)[:n] for parts in zip(*results, strict=True))
        return losses.T, dead

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final losses, at least that of `FLOOR`; an option is a scale and a rate.

        Args:
            data: arrays of a panel.
            measure: one of `MEASURES`; by default the expected loss.
        """
        which = MEASURES.index(measure or MEASURES[0])
        tuning, judged = (
            np.concatenate(data[name][:, which], axis=-1) for name in ("tuning", "log_loss")
        )
        arms = listed(data, "arms")
        tuning, judged = (
            x.reshape(len(arms), -1, x.shape[-1]).astype(float) for x in (tuning, judged)
        )
        return Outcomes(arms, tuning, judged, digits=6)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final losses at the best option of each arm; medians over tasks."""
        expected = data["log_loss"][:, 0]
        each = np.exp(np.median(expected, axis=-1)).min(axis=(0, 2, 3))
        return {
            f"{name}_final": band(float(loss), 0, 2, "a loss")
            for name, loss in zip(listed(data, "arms"), each, strict=True)
        }


def scaled(tasks: EnumerableTask, scale: float) -> EnumerableTask:
    """Return tasks with initial weights times a scale."""
    params = jax.tree.map(lambda w: scale * w, tasks.params)
    return EnumerableTask(tasks.x, tasks.targets, params)


def _log(losses: np.ndarray) -> np.ndarray:
    """Return logs of losses, at least the log of `FLOOR`; a diverged training is infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(losses), np.log(np.maximum(losses, FLOOR)), np.inf)


@partial(jax.jit, static_argnums=0)
def _draw(sizes: Sizes, keys: Array) -> EnumerableTask:
    return jax.vmap(partial(draw_task, sizes))(keys)


@partial(jax.jit, static_argnums=0)
def _train(
    how: tuple[Gradient, int, int],
    beta: Array,
    rate: Array,
    part: tuple[EnumerableTask, Array],
) -> tuple[Array, Array]:
    gradient, n_updates, passes = how

    def one(task: EnumerableTask, number: Array) -> tuple[Array, Array]:
        programs, adam = task.programs(beta), optax.adam(rate)

        def mean(params: Params, key: Array) -> tuple[Params, None]:
            keys = jax.random.split(key, len(task.x))
            each = jax.vmap(lambda program, k: gradient(program, params, k, beta, passes))(
                programs, keys
            )
            return jax.tree.map(lambda leaf: leaf.mean(axis=0), each), None

        keys = jax.random.split(jax.random.fold_in(jax.random.key(0), number), n_updates)
        end, _ = follow(adam, mean, begin(adam, task.params), keys)
        return observe(EnumerableTask(task.x, task.targets, end.params), beta)

    return jax.vmap(one)(*part)


def observe(task: EnumerableTask, beta: Array) -> tuple[Array, Array]:
    """Return both losses, ``(measure,)``, and the share of dead responses."""

    def one(program: snn.Program) -> tuple[Array, Array, Array]:
        response = mean_response(program, task.params)
        # The spikes of outputs are 0 or 1, so that their variance is p (1 - p).
        spread = 0.5 * jnp.sum(response * (1 - response))
        of_response = program.loss(response)
        return of_response + spread, of_response, response.sum()

    expected, of_response, spikes = jax.vmap(one)(task.programs(beta))
    wanted = task.targets.sum(axis=(1, 2)) > 0
    dead = (wanted & (spikes < 0.01)).sum() / jnp.maximum(wanted.sum(), 1)
    return jnp.stack([expected.mean(), of_response.mean()]), dead
