r"""Networks trained on spike times by event-based, surrogate and unbiased gradients.

Libraries that train with EventProp add a term on firing rates, which keeps neurons firing. Let
neuron k spike :math:`n_k` times in a trial, below a wanted number :math:`\nu`. At every spike of
the neuron, the term adds

.. math:: \lambda \, (n_k - \nu) \, \partial V_k / \partial w_{kc}

to the gradient, with the potential :math:`V_k` before the reset. This is the term of mlGeNN, for
hidden neurons and outputs. A silent neuron has no spike. Here, unlike in mlGeNN, the term then acts
at the time of its largest potential, so that it can bring neurons back: the comparison is generous
to event-based gradients.

Updates of `event_based` arms follow EventProp, and those of *quiet* arms a surrogate, in the
network without noise. All other updates have noise. An *option* is a rate, and for arms with the
term also :math:`\lambda` and :math:`\nu`; see `chosen_rates`. The network that judges chooses the
option, too. Rules and hypotheses: beyond/docs/event_training.md.
"""

from itertools import product
from typing import Annotated, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.spike_times.first_spikes import FIRST
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT
from beyond.experiments.spike_times.stepped import Backward, StepSettings
from beyond.experiments.spike_times.training import ARMS, Drawn, draws, judge, train
from beyond.experiments.study import DECIDED, Outcomes, Study, choose
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Seed,
    SeedsAtOnce,
    Size,
    array,
    band,
    listed,
    param,
    seeds_param,
)

NOISE, QUIET = JUDGES = ("noise", "quiet")
"""Networks that judge: with noise, and without."""
FOLLOWED = ("event_based", "pathwise", "matched", "broad", "unbiased")
"""Arms by default, keys of `ARMS`."""
WIDTH = 16
"""Draws that are trained together. Rounding depends on the width of a vectorised program, and
training amplifies it: with one width the result of a seed does not depend on the other seeds."""
Group = tuple[tuple[Drawn, Array, Array], int]
"""Draws of one width with their keys, and how many of them are no repeats."""


class Learning(Study, SeedsAtOnce):
    """Trains networks on many draws of a task by several gradients."""

    task: Annotated[str, OneOf((ACTIVE, SILENT, FIRST))] = param(ACTIVE, "task")
    arms: Distinct[Annotated[str, OneOf(ARMS)]] = param(list(FOLLOWED), "what updates follow")
    judges: Distinct[Annotated[str, OneOf(JUDGES)]] = param(
        list(JUDGES), "networks that judge: with noise, and without"
    )
    rates: Rising[Positive] = param([0.003, 0.01, 0.03, 0.1, 0.3], "learning rates of Adam")
    strengths: Rising[Positive] = param([0.01, 0.1, 1.0], "weights of the term, lambda")
    wanted: Rising[Positive] = param([1.0, 3.0], "spikes wanted in a trial by the term, nu")
    n_updates: Annotated[int, Field(ge=10, le=100_000)] = param(200, "updates")
    n_trials: Size = param(8, "trials of an input in an update with noise")
    n_points: Annotated[int, Field(ge=1, le=1000)] = param(10, "how often the loss is judged")
    beta: Annotated[float, Field(gt=0, le=100)] = param(
        10.0, "slope of the noise", unit="1/potential"
    )
    dt: Annotated[float, Field(ge=0.05, le=2)] = param(0.5, "time step", unit="ms")
    tuning_seeds: Distinct[Annotated[int, Field(ge=0)]] = param(
        list(range(100, 116)), "draws that choose the options"
    )
    seeds: Distinct[Seed] = seeds_param()

    REFERENCE: ClassVar[str] = "broad"
    DRAWN_BY: ClassVar[str] = "by_student_inside"
    OWN: ClassVar[frozenset[str]] = frozenset({"updates", "judges"})
    ARRAYS = {
        "methods": array("seed, method", "names of the arms"),
        "judges": array("seed, judge", "networks that judge: with noise, and without"),
        "rates": array("seed, rate", "learning rates"),
        "strengths": array("seed, strength", "weights of the term"),
        "wanted": array("seed, number", "wanted spikes of a neuron in a trial"),
        "updates": array("seed, point", "updates before each judged loss"),
        "tuning": array(
            "seed, method, option, judge, tuning task",
            "log of final over first loss; rates fastest, then wanted numbers, then strengths",
        ),
        "loss": array(
            "seed, method, option, judge, point",
            "of judged draws; NaN without a training",
        ),
        "right": array(
            "seed, method, option, judge, point", "share of right trials, of first spikes"
        ),
        "dead": array(
            "seed, method, option, judge", "share of neurons without a spike, after training"
        ),
        "chosen_rate": array("judge, method", "learning rate"),
        "at_end": array("judge, method", "whether it is an end of the grid"),
        "final": array("judge, method, statistic", "final over first loss; bootstrap interval"),
        "log_ratio": array(
            "judge, method, method, statistic", "log ratio of final losses; bootstrap interval"
        ),
        "course": array("judge, method, point, statistic", "loss at the chosen option; quartiles"),
        "right_course": array(
            "judge, method, point, statistic", "right trials at the chosen option; quartiles"
        ),
        "silenced": array("judge, method", "mean share of neurons without a spike"),
        "decided": DECIDED,
    }

    def check(self) -> None:
        """Refuse a draw for both tuning and judging, and numbers that do not fit together.

        Raises:
            ValueError: For a draw for both tuning and judging, points that do not divide updates,
                and a score function of single trials.
        """
        chosen_rates.refuse_both(self.seeds, self.tuning_seeds)
        if self.n_updates % self.n_points:
            what, wanted = "points do not divide updates", "n_updates, a multiple of n_points"
            raise ValueError(f"{what}: {self.given('n_points', 'n_updates')}; expected {wanted}")
        if "unbiased" in self.arms and self.n_trials == 1:
            what = "the score function compares a trial with others"
            raise ValueError(f"{what}: {self.given('n_trials')}; expected 2 or more")

    @property
    def terms(self) -> list[tuple[float, float]]:
        """Pairs of strength and wanted number."""
        return list(product(self.strengths, self.wanted))

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning draws at all options, judged draws at options that may be chosen."""
        with jax.enable_x64(False):
            return self._trained(seeds)

    def _trained(self, seeds: list[int]) -> list[Data]:
        tasks = {TUNING: self._draws(self.tuning_seeds), JUDGED: self._draws(seeds)}
        judged: dict[str, dict[int, Data]] = {}

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            each = {option: self._results(name, option, tasks[role]) for option in some}
            judged[name] = each  # The judged draws come last.
            logs = np.stack([_log_ratio(one["loss"]) for one in each.values()], axis=1)
            return logs.astype(np.float32).round(4)

        n_terms = {name: len(self.terms) if ARMS[name].term else 1 for name in self.arms}
        arms = {name: [range(n * len(self.rates))] for name, n in n_terms.items()}
        tuning, _ = tuned(arms, train, n_scores=len(self.judges))
        shared = {
            "methods": np.array(self.arms),
            "judges": np.array(self.judges),
            "rates": np.array(self.rates),
            "strengths": np.array(self.strengths),
            "wanted": np.array(self.wanted),
            "updates": np.linspace(0, self.n_updates, self.n_points + 1).astype(int),
            "tuning": np.moveaxis(tuning, 0, 2),
        }
        kept = ("loss", "dead", "right") if self.task == FIRST else ("loss", "dead")
        arrays = {name: _at_options(judged, name, tuning.shape[2]) for name in kept}
        return [
            shared | {name: values[..., k] for name, values in arrays.items()}
            for k in range(len(seeds))
        ]

    def _draws(self, seeds: list[int]) -> list[Group]:
        """Return the draws of seeds in groups of one width; the last seed fills up the last one."""
        filled = [*seeds, *[seeds[-1]] * (-len(seeds) % WIDTH)]
        sizes = [min(WIDTH, len(seeds) - start) for start in range(0, len(seeds), WIDTH)]
        return [
            (draws(self.task, self.dt, filled[i * WIDTH : (i + 1) * WIDTH]), size)
            for i, size in enumerate(sizes)
        ]

    def _results(self, name: str, option: int, groups: list[Group]) -> Data:
        """Train an arm with an option, and judge it.

        Returns:
            Losses and shares of right trials, ``(judge, point, draw)``, and the share of silent
            neurons at the end, ``(judge, draw)``.
        """
        arm, (which, rate) = ARMS[name], divmod(option, len(self.rates))
        term = jnp.array(self.terms[which], jnp.float32) if arm.term else None
        # Without noise all trials of an input are the same.
        sizes = 1 if arm.quiet else self.n_trials, self.n_updates, self.n_points
        settings, slopes = arm.settings(self.beta, self.dt), {NOISE: self.beta, QUIET: np.inf}
        networks = [StepSettings(self.dt, slopes[by], Backward.TIMES) for by in self.judges]
        results = []
        for (tasks, keys, noise), size in groups:
            weights = train(settings, sizes, jnp.float32(self.rates[rate]), tasks, keys, term)
            each = [judge(network, weights, tasks, noise) for network in networks]
            results.append([np.stack([x[:size].T for x in xs]) for xs in zip(*each, strict=True)])
        loss, right, dead = (np.concatenate(x, axis=-1) for x in zip(*results, strict=True))
        return {"loss": loss, "right": right, "dead": dead[:, -1]}

    @classmethod
    def drawn(cls, data: Data) -> list[str]:
        """Return the arms, if losses were judged along the way: pictures show their course."""
        return listed(data, "methods") if data["updates"].shape[1] > 2 else []

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final over first losses; an option is a rate and a term.

        Args:
            data: arrays of a panel, with a first axis of seeds.
            measure: the network that judges, one of `JUDGES`; by default with noise.
        """
        j = listed(data, "judges").index(measure or NOISE)
        tuning = data["tuning"][0][:, :, j].astype(float)
        logs = _log_ratio(np.moveaxis(data["loss"][..., j, :].astype(float), 0, -1))
        return Outcomes(listed(data, "methods"), tuning, logs, digits=6)

    def pooled(self, data: Data) -> Data:
        """Return arms at their options, with intervals that contain the choice."""
        each = [_of_judge(data, j, name) for j, name in enumerate(listed(data, "judges"))]
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final over first losses in noise, medians at each arm's best option."""
        loss = data["loss"][:, :, :, 0]
        medians = np.median(loss[..., -1] / loss[..., 0], axis=0)
        # An option at which a training overflows is not the best one.
        best = np.fmin.reduce(medians, axis=1)
        return {
            f"{name}_final_over_first": band(float(value), 0, 10, "a ratio of losses")
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }


def _log_ratio(loss: np.ndarray) -> np.ndarray:
    """Return logs of final over first losses, from ``(..., point, draw)``; infinite if diverged."""
    first, last = loss[..., 0, :].astype(float), loss[..., -1, :].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(last / first)
    return np.where(np.isfinite(log) | np.isnan(first), log, np.inf)


def _at_options(judged: dict[str, dict[int, Data]], name: str, n_options: int) -> np.ndarray:
    """Return an array of all arms, ``(arm, option, judge, ..., draw)``; NaN at other options."""
    shape = next(iter(next(iter(judged.values())).values()))[name].shape
    values = np.full((len(judged), n_options, *shape), np.nan, np.float32)
    for row, each in zip(values, judged.values(), strict=True):
        for option, one in each.items():
            row[option] = one[name]
    return values


def _of_judge(data: Data, j: int, name: str) -> Data:
    """Return the arrays of `Learning.pooled` for one judge."""
    chosen, rates = choose(Learning.outcomes(data, name)), data["rates"][0]
    which = chosen.which % len(rates)
    pooled = {
        "chosen_rate": rates[which],
        "at_end": chosen_rates.at_end(which, len(rates)),
        "final": np.exp(chosen_rates.with_interval(chosen.end.mean(axis=1), chosen.samples)),
        "log_ratio": chosen_rates.differences(chosen.end, chosen.samples),
    }

    def at_option(values: np.ndarray) -> np.ndarray:
        """Return values at each arm's option, ``(arm, ..., draw)``."""
        values = np.moveaxis(values[:, :, :, j].astype(float), 0, -1)
        return chosen_rates.at_chosen(values, chosen.which)

    for measured, course in (("loss", "course"), ("right", "right_course")):
        if measured in data:
            quartiles = np.quantile(at_option(data[measured]), (0.25, 0.5, 0.75), axis=-1)
            pooled[course] = np.moveaxis(quartiles, 0, -1)
    if "dead" in data:
        pooled["silenced"] = at_option(data["dead"]).mean(axis=-1)
    return pooled
