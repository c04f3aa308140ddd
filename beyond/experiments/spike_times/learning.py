r"""Networks trained on spike times by event-based, surrogate and unbiased gradients.

All arms but one run the same noisy network; `event_based` updates follow EventProp, without noise.
All are judged in the noisy network. Every arm is trained at every rate; see `chosen_rates`. Rules
and hypotheses: beyond/docs/event_gradients.md#learning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from beyond.experiments import chosen_rates
from beyond.experiments.spike_times import learning_tasks
from beyond.experiments.spike_times.learning_statements import predictions
from beyond.experiments.spike_times.learning_tasks import BATCH, FIRST, N_SAMPLES, Task
from beyond.experiments.spike_times.stepped import Backward, Settings, run
from beyond.experiments.statistics import paired_p_values
from experiments.engine.compute.progress import track
from experiments.engine.declare.experiment import (
    Data,
    Quantity,
    SeedsAtOnce,
    array,
    band,
    listed,
    param,
    seeds_param,
)

ARMS = ("event_based", "pathwise", "matched", "broad", "unbiased")
BROAD = 0.25
"""Slope of the broad surrogate over that of the noise."""
N_JUDGED = 32
"""Trials of a judged loss."""


@dataclass
class Learning(SeedsAtOnce):
    """Trains many draws of one task on spike times by several gradients."""

    task: str = param("times", "task", choices=("times", "silent", "first_spikes"))
    arms: list[str] = param(list(ARMS), "what updates follow", choices=ARMS, distinct=True)
    rates: list[float] = param(
        [0.003, 0.01, 0.03, 0.1, 0.3], "learning rates of Adam", above=0, rising=True
    )
    n_updates: int = param(200, "updates", low=10, high=100_000)
    n_trials: int = param(8, "trials of an update; in the first-spike task 2 a sample", low=2)
    n_points: int = param(10, "how often the loss is judged", low=1, high=1000)
    beta: float = param(10.0, "slope of the noise", unit="1/potential", above=0, high=100)
    dt: float = param(0.5, "time step", unit="ms", low=0.05, high=2)
    tuning_seeds: list[int] = param(
        list(range(100, 116)), "draws that choose the learning rates", low=0, distinct=True
    )
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "methods": array("seed, method", "names of the arms"),
        "rates": array("seed, rate", "learning rates"),
        "updates": array("seed, point", "updates before each judged loss"),
        "runs": array("seed, method", "runs of the network per update"),
        "loss": array("seed, method, rate, point", "mean loss in the noisy network"),
        "right": array("seed, method, rate", "share of right answers at the end; NaN: no classes"),
        "tuning": array("seed, method, rate, tuning task", "log of the final loss"),
        "chosen_rate": array("method", "learning rate"),
        "at_end": array("method", "whether it is an end of the grid"),
        "course": array("method, point, statistic", "loss at the chosen rate; quartiles"),
        "log_ratio": array(
            "method, method, statistic", "log ratio of final losses; bootstrap interval"
        ),
        "log_fall": array("method, statistic", "log of final over first loss; bootstrap interval"),
        "log_ratio_p": array("method, method", "two-sided p-value of the log ratio, Student's t"),
    }

    def validate(self, path: str) -> None:
        """Refuse a task for both tuning and judging, and points that do not divide updates."""
        chosen_rates.refuse_both(path, self.seeds, self.tuning_seeds)
        if self.n_updates % self.n_points:
            what, wanted = "points do not divide updates", "n_updates, a multiple of n_points"
            raise self.parameter_error(path, what, "n_points n_updates", wanted, n_points=1)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train all arms on the judged and the tuning draws, at every rate, in single precision."""
        with jax.enable_x64(False):
            return self._trained(seeds)

    def _trained(self, seeds: list[int]) -> list[Data]:
        every = [*seeds, *self.tuning_seeds]
        tasks = jax.vmap(lambda key: learning_tasks.draw(self.task, key, self.dt))(
            jnp.stack([jax.random.key(seed) for seed in every])
        )
        keys = jnp.stack([jax.random.fold_in(jax.random.key(seed), 1) for seed in every])
        losses, right = [], []
        for arm in track(self.arms, "arms"):
            results = [self._train(arm, jnp.float32(rate), tasks, keys) for rate in self.rates]
            losses.append(np.stack([np.asarray(one[0]) for one in results], axis=1))
            right.append(np.stack([np.asarray(one[1]) for one in results], axis=1))
        loss, right_share = np.stack(losses, axis=1), np.stack(right, axis=1)
        with np.errstate(divide="ignore"):
            tuning = np.log(loss[len(seeds) :, ..., -1]).transpose(1, 2, 0)
        shared = {
            "methods": np.array(self.arms),
            "rates": np.array(self.rates),
            "updates": np.linspace(0, self.n_updates, self.n_points + 1).astype(int),
            "runs": np.array([self._runs(arm) for arm in self.arms]),
            "tuning": tuning.round(4).astype(np.float32),
        }
        return [
            shared
            | {"loss": loss[k].astype(np.float32), "right": right_share[k].astype(np.float32)}
            for k in range(len(seeds))
        ]

    def _runs(self, arm: str) -> int:
        samples = BATCH if self.task == FIRST else 1
        trials = 1 if arm == "event_based" else 2 if self.task == FIRST else self.n_trials
        return samples * trials

    @partial(jax.jit, static_argnums=(0, 1))
    def _train(self, arm: str, rate: Array, tasks: Task, keys: Array) -> tuple[Array, Array]:
        return jax.vmap(lambda task, key: self._one(arm, rate, task, key))(tasks, keys)

    def __hash__(self) -> int:
        return hash(repr(self))

    def _one(self, arm: str, rate: Array, task: Task, key: Array) -> tuple[Array, Array]:
        """Train a network; return the losses at all points and the share of right answers."""
        adam = optax.adam(rate)
        per_point = self.n_updates // self.n_points
        judge_key, key = jax.random.split(key)

        def update(state: tuple, key: Array) -> tuple[tuple, None]:
            params, memory = state
            grad = jax.grad(self._objective)(params, arm, task, key)
            # After an overflow in a draw's gradient its update is left out.
            sound = jnp.all(jnp.array([jnp.all(jnp.isfinite(g)) for g in jax.tree.leaves(grad)]))
            grad = jax.tree.map(lambda g: jnp.where(sound, g, 0.0), grad)
            change, memory = adam.update(grad, memory)
            return (optax.apply_updates(params, change), memory), None

        def point(state: tuple, key: Array) -> tuple[tuple, Array]:
            state, _ = jax.lax.scan(update, state, jax.random.split(key, per_point))
            return state, self._judge(state[0], task, judge_key)[0]

        start = task.params, adam.init(task.params)
        first = self._judge(task.params, task, judge_key)[0]
        end, losses = jax.lax.scan(point, start, jax.random.split(key, self.n_points))
        right = self._judge(end[0], task, judge_key)[1]
        return jnp.concatenate([first[None], losses]), right

    def _settings(self, arm: str) -> Settings:
        backward = {
            "event_based": Backward.TIMES,
            "pathwise": Backward.TIMES,
            "unbiased": Backward.SCORE,
        }.get(arm, Backward.SURROGATE)
        beta = float("inf") if arm == "event_based" else self.beta
        return Settings(self.dt, beta, backward, self.beta * (BROAD if arm == "broad" else 1.0))

    def _losses(
        self, settings: Settings, params: dict, task: Task, which: Array, keys: Array
    ) -> tuple[Array, Array, Array]:
        """Return losses, log-likelihoods and first spikes, each ``(sample, trial)``."""
        n = len(params["hidden"]) + len(params["output"])

        def trial(sample: Array, key: Array) -> tuple[Array, Array, Array]:
            inputs = task.on_v[sample], task.on_i[sample]
            noise = jax.random.exponential(key, (len(inputs[0]) + 1, n))
            result = run(settings, params, inputs, noise)
            loss = learning_tasks.loss_of(self.task, result, task.target[sample], self.dt)
            return loss, result.log_density, jnp.argmin(result.first)

        return jax.vmap(jax.vmap(trial, in_axes=(None, 0)))(which, keys)

    def _objective(self, params: dict, arm: str, task: Task, key: Array) -> Array:
        """Return what is differentiated: the mean loss, or the score function's product."""
        settings, (own, other) = self._settings(arm), jax.random.split(key)
        first = self.task == FIRST
        which = jax.random.choice(own, N_SAMPLES, (BATCH,), False) if first else jnp.zeros(1, int)
        n_trials = self._runs(arm) // len(which)
        keys = jax.random.split(other, (len(which), n_trials))
        loss, density, _ = self._losses(settings, params, task, which, keys)
        if settings.backward is not Backward.SCORE:
            return jnp.mean(loss)
        others = (loss.sum(axis=1, keepdims=True) - loss) / (n_trials - 1)
        return jnp.mean(jax.lax.stop_gradient(loss - others) * density)

    def _judge(self, params: dict, task: Task, key: Array) -> tuple[Array, Array]:
        """Return the mean loss in the noisy network, of test samples, and right answers."""
        settings = Settings(self.dt, self.beta, Backward.TIMES)
        if self.task == FIRST:
            which = jnp.arange(N_SAMPLES, 2 * N_SAMPLES)
            keys = jax.random.split(key, (N_SAMPLES, 2))
            loss, _, answer = self._losses(settings, params, task, which, keys)
            return jnp.mean(loss), jnp.mean(answer == task.target[which][:, None])
        keys = jax.random.split(key, (1, N_JUDGED))
        loss = self._losses(settings, params, task, jnp.zeros(1, int), keys)[0]
        return jnp.mean(loss), jnp.float32(jnp.nan)

    def pooled(self, data: Data) -> Data:
        """Return arms at their rates, with intervals that contain the choice of the rate."""
        tuning = data["tuning"][0].astype(float)
        which = chosen_rates.chosen(tuning)
        loss = data["loss"].astype(float).transpose(1, 2, 3, 0)
        logs = np.log(loss[:, :, -1])
        falls = logs - np.log(loss[:, :, 0])
        end, fall = (chosen_rates.at_chosen(x, which) for x in (logs, falls))
        ratios, others = (chosen_rates.resampled(tuning, x) for x in (logs, falls))
        course = loss[np.arange(len(which)), which]
        return {
            "chosen_rate": data["rates"][0][which],
            "at_end": chosen_rates.at_end(which, len(data["rates"][0])),
            "course": np.moveaxis(np.quantile(course, (0.25, 0.5, 0.75), axis=-1), 0, -1),
            "log_ratio": chosen_rates.differences(end, ratios),
            "log_fall": chosen_rates.with_interval(fall.mean(axis=1), others),
            "log_ratio_p": paired_p_values(np.exp(end.T)),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return what the hypotheses are about, with p-values of their family."""
        return predictions(panels)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final over first losses, medians at each arm's best rate."""
        ratio = data["loss"][..., -1] / data["loss"][..., 0]
        best = np.median(ratio, axis=0).min(axis=1)
        return {
            f"{name}_final_over_first": band(float(value), 0, 10, "a ratio of losses")
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }
