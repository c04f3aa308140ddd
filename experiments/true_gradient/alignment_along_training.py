r"""Is alignment with the true gradient learning? Measured along training, not before it alone.

Every method trains the tasks of figure 9. At some points of each trajectory, of one method, all
methods are set against the true gradient h of the weights reached, the mean of unbiased stochastic
AD over other trials. Given are the cosine and norm ratio of a method's mean, as in
`gradient_comparison.compare`, and the mean cosine of what one update is made of, an estimate
:math:`\hat g` from the budget of runs:

.. math::
    a = E \Big[ \frac{\hat g \cdot h}{|\hat g| |h|} \Big] ,

which counts bias and variance alike, and exists where a mean is lost in its noise.

Rules, laid down before any outcome was looked at: silent tasks are left out, as in
`unbiased_training`. A cosine counts as known where its standard error is below `KNOWN_SE`. *Does
alignment predict learning?* Within a task, Spearman's rank correlation over methods between
alignment and what is learned, log first over final loss; its mean over tasks, with Student's 95 %
interval. Alignment predicts if that lies above 0, does not if an interval below 0.5 holds 0, and is
undecided otherwise. Predictors are the a of all methods, before training and along each method's
own trajectory (mean of the points after the first), and the cosine of surrogates' means before
training.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from experiments.engine.base import Data, Quantity, param, statistical
from experiments.engine.errors import UserError
from experiments.engine.progress import track
from experiments.estimators import estimator, is_unbiased
from experiments.true_gradient.budgets import METHODS
from experiments.true_gradient.descent import Descent, descend, final, first_spikes, tasks_of
from experiments.true_gradient.gradient_comparison import KNOWN_SE, compare, mean_cosine
from experiments.true_gradient.intervals import mean_interval, rank_correlation
from experiments.true_gradient.unbiased_training import MIN_SPIKES
from snn.estimators.base import Estimator
from snn.types import Noise, Params, Program

UNBIASED = "stochastic_ad_systematic"
N_BATCHES = 16
PER_BATCH = 4
"""Updates in a batch of those of a method, whose spread over batches tells the error."""
PER_RUN = 16
"""Trials of stochastic AD at once: their replays fit into the processor's cache."""

PREDICTORS = ("update_before", "update_along", "mean_before")


@dataclass
class AlignmentAlongTraining(Descent):
    """Cosine and norm of every method against the true gradient, on every method's trajectory."""

    methods: list[str] = param(
        [
            "surrogate_through",
            "surrogate_through_x0.25",
            "surrogate",
            "super_spike",
            "score_function",
            "stochastic_ad_systematic",
        ],
        "what is followed and measured",
        choices=METHODS,
        distinct=True,
    )
    learning_rates: list[float] = param(
        [0.03] * 6, "of Adam, of each method: those chosen in the trainings", above=0
    )
    points: list[int] = param(
        [0, 20, 100, 300, 600], "updates after which is measured", low=0, rising=True
    )
    n_flips: int = param(64, "flips per trial of the true gradient", low=1)
    n_trials: int = param(1024, "trials of the true gradient", low=2 * N_BATCHES)

    def validate(self, path: str) -> None:
        """Refuses rates without a method, points between observations, more flips than sites."""
        if len(self.learning_rates) != len(self.methods):
            raise UserError(
                f"{path}: as many learning rates as methods are needed",
                f"{len(self.learning_rates)} rates, {len(self.methods)} methods",
                "one rate for each",
                f"{path}.learning_rates=[{','.join(['0.03'] * len(self.methods))}]",
            )
        seen = [*range(0, self.n_updates, self.chunk), self.n_updates]
        if not set(self.points) <= set(seen) or self.points[0] != 0:
            raise UserError(
                f"{path}.points: not before training and where the loss is observed",
                self.points,
                f"0 first, then multiples of chunk={self.chunk}, {self.n_updates} at most",
                f"{path}.points=[0,{self.n_updates}]",
            )
        sites = self.steps * (self.n_hidden + self.n_outputs)
        if self.n_flips > sites:
            raise UserError(
                f"{path}.n_flips: more flips than spike sites",
                self.n_flips,
                f"1 to {sites}",
                f"{path}.n_flips={sites}",
            )

    def pooled(self, data: Data) -> Data:
        """Means over tasks that are not silent, and whether alignment predicts learning.

        Returns:
            ``silent``, ``(task,)``; ``n_compared``, how many tasks are not; with an axis of mean
            and ends of the 95 % interval over these, ``update_mean``, alignment of one update,
            ``cosine_mean``, of known cosines alone, and ``log10_ratio_mean``, of their norms,
            ``(trajectory, point, method, 3)``; ``n_known``, of how many tasks the cosine is known,
            ``(trajectory, point, method)``; ``predictors`` by name; ``rank_correlations`` of each,
            with interval, ``(predictor, 3)``, and in each compared task, ``(predictor, task)``,
            ``task_rank_correlations``.
        """
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        on = ~silent
        cosine, update = (_known(data, name) for name in ("cosine", "update_cosine"))
        known = np.isfinite(cosine)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(known, np.log10(data["ratio"]), np.nan)
        learned = np.log(data["loss"][:, :, 0] / data["final"])
        own = np.moveaxis(update.diagonal(axis1=1, axis2=3)[:, 1:], 1, 0)
        surrogates = [not is_unbiased(METHODS[name].name) for name in self.methods]
        predictors = {
            "update_before": update[:, 0, 0],
            "update_along": mean_interval(own)[..., 0],
            "mean_before": np.where(surrogates, cosine[:, 0, 0], np.nan),
        }
        each = np.array(
            [
                [rank_correlation(*pair) for pair in zip(x[on], learned[on], strict=True)]
                for x in (predictors[name] for name in PREDICTORS)
            ]
        ).reshape(len(PREDICTORS), -1)
        return {
            "silent": silent,
            "n_compared": np.array(on.sum()),
            "n_known": known[on].sum(axis=0),
            "update_mean": mean_interval(update[on]),
            "cosine_mean": mean_interval(cosine[on]),
            "log10_ratio_mean": mean_interval(ratio[on]),
            "predictors": np.array(PREDICTORS),
            "rank_correlations": mean_interval(each.T),
            "task_rank_correlations": each,
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Cosine of every method's mean before training and at its own end, mean over tasks."""
        quantities = {}
        for i, name in enumerate(self.methods):
            for where, j in (("first", 0), ("last", -1)):
                values, errors = (data[n][:, i, j, i] for n in ("cosine", "cosine_se"))
                if np.isfinite(values).all() and np.isfinite(errors).all():
                    se = (errors**2).sum() ** 0.5 / len(errors)
                    quantities[f"{name}_cosine_{where}"] = statistical(values.mean(), se)
        return quantities


def _known(data: Data, name: str) -> np.ndarray:
    """A cosine where it is known, else NaN."""
    values = data[name]
    return np.where(np.isfinite(values) & (data[f"{name}_se"] < KNOWN_SE), values, np.nan)


class Weights(NamedTuple):
    """The program of a task, and weights at several points."""

    program: Program
    params: Params


def compute(config: AlignmentAlongTraining, seed: int) -> dict[str, np.ndarray]:
    """One seed; see `compute_many`."""
    return compute_many(config, [seed])[0]


def compute_many(config: AlignmentAlongTraining, seeds: list[int]) -> list[dict[str, np.ndarray]]:
    """Trains with every method, and measures all of them at points of each trajectory.

    Returns:
        For each seed the names of the ``methods`` and the ``points``; ``loss``, the mean over test
        trials, ``(method, observation)``, and the ``final`` loss, ``(method,)``; ``first_spikes``
        per trial of each layer before training, ``(layer,)``; against the true gradient
        ``cosine``, ``ratio`` of norms, ``cosine_se`` and ``ratio_se`` of a method's mean, and
        ``update_cosine`` with ``update_cosine_se``, the mean cosine of an estimate from the
        budget, ``(trajectory, point, method)``; and ``true_noise``, the squared standard error of
        the true gradient over its squared norm, ``(trajectory, point)``.
    """
    tasks = tasks_of(config, seeds)
    each = [
        descend(config, METHODS[name], rate, tasks, name)
        for name, rate in zip(config.methods, config.learning_rates, strict=True)
    ]
    loss = np.stack([found.loss for found in each], axis=1)
    # Before training all trajectories are at one point, which is measured once.
    at = -(-np.array(config.points) // config.chunk)
    weights = np.stack([found.weights[:, at] for found in each], axis=1)
    spikes = first_spikes(config, tasks)
    shared = {"methods": np.array(config.methods), "points": np.array(config.points)}
    results = []
    for i, seed in enumerate(track(seeds, "tasks")):
        program, params = jax.tree.map(lambda leaf, i=i: leaf[i], (tasks.programs, tasks.params))
        numbers = _measure(config, seed, Weights(program, params), weights[i])
        results.append(
            shared | {"loss": loss[i], "final": final(loss[i]), "first_spikes": spikes[i]} | numbers
        )
    return results


def _measure(
    config: AlignmentAlongTraining, seed: int, task: Weights, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """All methods at all points of one task, ``(trajectory, point, method)``."""
    n_trajectories, n_points = weights.shape[:2]
    later = weights[:, 1:].reshape(-1, weights.shape[-1])
    flat = jnp.asarray(np.concatenate([weights[:1, 0], later]))
    unravel = ravel_pytree(task.params)[1]
    at = Weights(task.program, jax.vmap(unravel)(flat))
    true_key, other_key = jax.random.split(jax.random.key(seed))
    unbiased = estimator(UNBIASED, n_flips=config.n_flips, batch_size=PER_RUN)
    true = _batches(unbiased, at, true_key, (N_BATCHES, config.n_trials // N_BATCHES))
    columns: dict[str, list] = {}
    for name in config.methods:
        method, n_trials = METHODS[name].within(config.budget, config.beta)
        shape = (N_BATCHES * PER_BATCH, n_trials)
        found = _batches(method, at, other_key, shape)
        for number, values in _compared(found, true).items():
            columns.setdefault(number, []).append(values)
    noise = [h.var(axis=0, ddof=1).sum() / N_BATCHES / (h.mean(axis=0) ** 2).sum() for h in true]
    columns["true_noise"] = [np.array(noise)]

    def spread(values: list[np.ndarray]) -> np.ndarray:
        """From all distinct points to trajectories and points."""
        first, rest = np.split(np.stack(values, axis=-1), [1])
        start = np.broadcast_to(first[None], (n_trajectories, *first.shape))
        rest = rest.reshape(n_trajectories, n_points - 1, *rest.shape[1:])
        return np.concatenate([start, rest], axis=1)

    numbers = {name: spread(values) for name, values in columns.items()}
    return numbers | {"true_noise": numbers["true_noise"][..., 0]}


def _compared(found: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """A method against the true gradient at each point, from ``(point, batch, parameter)``."""
    rows = []
    for g, h in zip(found.astype(float), true.astype(float), strict=True):
        norm = np.linalg.norm(g, axis=-1, keepdims=True)
        # An update of length 0 leads nowhere: its cosine counts as 0.
        unit = np.divide(g, norm, out=np.zeros_like(g), where=norm > 0)
        g, unit = (x.reshape(N_BATCHES, PER_BATCH, -1).mean(axis=1) for x in (g, unit))
        cosine, se = mean_cosine(unit, h)
        rows.append(compare(g, h)._asdict() | {"update_cosine": cosine, "update_cosine_se": se})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _batches(estimator: Estimator, at: Weights, key: Array, shape: tuple[int, int]) -> np.ndarray:
    """Means over so many batches of so many trials, ``(point, batch, parameter)``."""
    noise_key, own_key = jax.random.split(key)
    n_batches, size = shape
    one = Weights(at.program, jax.tree.map(lambda leaf: leaf[0], at.params))
    # Drawn once and outside: to compile random numbers takes longer than most estimators do. All
    # points share them.
    noise: Any = jax.tree.map(
        lambda xi: xi.reshape(n_batches, size, *xi.shape[1:]),
        snn.draw_noise(*one, noise_key, n_batches * size),
    )
    return np.asarray(_means(estimator, at, jax.random.split(own_key, n_batches), noise))


@jax.jit
def _means(estimator: Estimator, at: Weights, keys: Array, noise: Noise) -> Array:
    def point(params: Params) -> Array:
        def batch(trials: tuple[Array, Noise]) -> Array:
            key, xi = trials
            return ravel_pytree(estimator(at.program, params, xi, key).grad)[0]

        return jax.lax.map(batch, (keys, noise))

    return jax.lax.map(point, at.params)
