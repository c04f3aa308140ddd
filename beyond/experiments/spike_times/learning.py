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
from beyond.experiments.spike_times.learning_statements import predictions
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT, Task, draw
from beyond.experiments.spike_times.stepped import Backward, StepSettings, run
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
MADE = {"event_based": Backward.TIMES, "pathwise": Backward.TIMES, "unbiased": Backward.SCORE}
"""How arms differentiate; the others are surrogates."""
Weights = dict[str, Array]


def settings_of(arm: str, beta: float, dt: float) -> StepSettings:
    """Return how an arm runs and differentiates the network."""
    noise = float("inf") if arm == "event_based" else beta
    slope = beta * (BROAD if arm == "broad" else 1.0)
    return StepSettings(dt, noise, MADE.get(arm, Backward.SURROGATE), slope)


def losses(
    settings: StepSettings, params: Weights, task: Task, key: Array, n_trials: int
) -> tuple[Array, Array]:
    """Return losses and log-likelihoods of trials, ``(trial,)``."""
    n = len(params["hidden"]) + len(params["output"])

    def trial(key: Array) -> tuple[Array, Array]:
        noise = jax.random.exponential(key, (len(task.target) + 1, n))
        result = run(settings, params, task.inputs, noise)
        distance = jnp.sum((result.trace - task.target) ** 2, axis=0) * settings.dt / 2
        return jnp.mean(distance), result.log_density

    return jax.vmap(trial)(jax.random.split(key, n_trials))


def objective(
    params: Weights, settings: StepSettings, task: Task, key: Array, n_trials: int
) -> Array:
    """Return what is differentiated: the mean loss, or the score function's product."""
    loss, density = losses(settings, params, task, key, n_trials)
    if settings.backward is not Backward.SCORE:
        return jnp.mean(loss)
    others = (loss.sum() - loss) / (n_trials - 1)
    return jnp.mean(jax.lax.stop_gradient(loss - others) * density)


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def train(
    settings: StepSettings,
    n_trials: int,
    n_updates: int,
    n_points: int,
    rate: Array,
    tasks: Task,
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

    def one(task: Task, key: Array) -> Weights:
        each = jax.random.split(key, (n_points, n_updates // n_points))
        end, before = jax.lax.scan(point, (task.params, adam.init(task.params), task), each)
        return jax.tree.map(lambda b, e: jnp.concatenate([b, e[None]]), before, end[0])

    return jax.vmap(one)(tasks, keys)


@partial(jax.jit, static_argnums=0)
def judge(settings: StepSettings, weights: Weights, tasks: Task, keys: Array) -> Array:
    """Return mean losses of weights ``(task, point, ...)``, on the same noise at all points."""

    def one(params: Weights, task: Task, key: Array) -> Array:
        return jnp.mean(losses(settings, params, task, key, N_JUDGED)[0])

    return jax.vmap(jax.vmap(one, in_axes=(0, None, None)))(weights, tasks, keys)


@dataclass
class Learning(SeedsAtOnce):
    """Trains networks on many draws of a task by several gradients."""

    task: str = param(ACTIVE, "task", choices=(ACTIVE, SILENT))
    arms: list[str] = param(list(ARMS), "what updates follow", choices=ARMS, distinct=True)
    rates: list[float] = param(
        [0.003, 0.01, 0.03, 0.1, 0.3], "learning rates of Adam", above=0, rising=True
    )
    n_updates: int = param(200, "updates", low=10, high=100_000)
    n_trials: int = param(8, "trials of an update", low=2, high=10_000)
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
        """Refuse a task for both tuning and judging, and points that do not divide updates.

        Raises:
            UserError: For a task for both tuning and judging, and points that do not divide
                updates.
        """
        chosen_rates.refuse_both(path, self.seeds, self.tuning_seeds)
        if self.n_updates % self.n_points:
            what, wanted = "points do not divide updates", "n_updates, a multiple of n_points"
            raise self.parameter_error(path, what, "n_points n_updates", wanted, n_points=1)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train all arms on the judged and the tuning draws, at every rate, in single precision."""
        with jax.enable_x64(False):
            return self._trained(seeds)

    def _trained(self, seeds: list[int]) -> list[Data]:
        every = [jax.random.key(seed) for seed in (*seeds, *self.tuning_seeds)]
        tasks = jax.vmap(lambda key: draw(self.task, key, self.dt))(jnp.stack(every))
        keys, noise = (jnp.stack([jax.random.fold_in(k, i) for k in every]) for i in (1, 2))
        rows = []
        for arm in track(self.arms, "arms"):
            settings = settings_of(arm, self.beta, self.dt)
            sizes = self._runs(arm), self.n_updates, self.n_points
            row = [train(settings, *sizes, jnp.float32(r), tasks, keys) for r in self.rates]
            judged = settings_of("pathwise", self.beta, self.dt)
            rows.append([np.asarray(judge(judged, weights, tasks, noise)) for weights in row])
        # Draw, arm, rate, point.
        loss = np.moveaxis(np.array(rows), 2, 0)
        with np.errstate(divide="ignore"):
            tuning = np.log(loss[len(seeds) :, ..., -1]).transpose(1, 2, 0)
        shared = {
            "methods": np.array(self.arms),
            "rates": np.array(self.rates),
            "updates": np.linspace(0, self.n_updates, self.n_points + 1).astype(int),
            "runs": np.array([self._runs(arm) for arm in self.arms]),
            "tuning": tuning.round(4).astype(np.float32),
        }
        return [shared | {"loss": loss[k].astype(np.float32)} for k in range(len(seeds))]

    def _runs(self, arm: str) -> int:
        return 1 if arm == "event_based" else self.n_trials

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
