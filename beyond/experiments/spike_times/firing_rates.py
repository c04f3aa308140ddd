r"""Event-based gradients with a term that keeps neurons firing, beside surrogate gradients.

Libraries that train with EventProp add a term on firing rates. Let neuron k spike :math:`n_k` times
in a trial, below a wanted number :math:`\nu`. At every spike of the neuron, the term adds

.. math:: \lambda \, (n_k - \nu) \, \partial V_k / \partial w_{kc}

to the gradient, with the potential :math:`V_k` before the reset. This is the term of mlGeNN, for
hidden neurons and outputs. A silent neuron has no spike. Here, unlike in mlGeNN, the term then acts
at the time of its largest potential, so that it can bring neurons back: the comparison is generous
to event-based gradients. Updates of *quiet* arms run the network without noise.

Every arm is judged with and without noise. An *option* is a rate, and for arms with the term also
:math:`\lambda` and :math:`\nu`; see `chosen_rates`. The judge that is compared chooses the option,
too. Rules and predictions, which were committed before any of these numbers:
beyond/docs/event_training.md.
"""

from itertools import product
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.predictions import NOISE, QUIET
from beyond.experiments.spike_times.first_spikes import FIRST
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT
from beyond.experiments.spike_times.stepped import Backward, StepSettings
from beyond.experiments.spike_times.training import (
    ARMS,
    Drawn,
    draws,
    judge,
    silent_share,
    train,
)
from beyond.experiments.study import JUDGED, TUNING, Outcomes, Study, choose, tuned
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

JUDGES = (NOISE, QUIET)
"""Networks that judge: with noise, and without."""


FOLLOWED = (
    "event_based",
    "event_based_term",
    "pathwise_term",
    "broad",
    "broad_quiet",
    "matched",
)
"""Arms, keys of `ARMS`."""
WIDTH = 16
"""Draws that are trained together. Rounding depends on the width of a vectorised program, and
training amplifies it: with one width the result of a seed does not depend on the other seeds."""
Group = tuple[tuple[Drawn, Array, Array], int]
"""Draws of one width with their keys, and how many of them are no repeats."""


class FiringRates(Study, SeedsAtOnce):
    """Trains networks by event-based gradients with a term on rates, and by surrogates."""

    task: Annotated[str, OneOf((ACTIVE, SILENT, FIRST))] = param(ACTIVE, "task")
    arms: Distinct[Annotated[str, OneOf(FOLLOWED)]] = param(list(FOLLOWED), "what updates follow")
    rates: Rising[Positive] = param([0.003, 0.01, 0.03, 0.1, 0.3], "learning rates of Adam")
    strengths: Rising[Positive] = param([0.01, 0.1, 1.0], "weights of the term, lambda")
    wanted: Rising[Positive] = param([1.0, 3.0], "spikes wanted in a trial, nu")
    n_updates: Annotated[int, Field(ge=10, le=100_000)] = param(200, "updates")
    n_trials: Size = param(8, "trials of an input in an update with noise")
    beta: Annotated[float, Field(gt=0, le=100)] = param(
        10.0, "slope of the noise", unit="1/potential"
    )
    dt: Annotated[float, Field(ge=0.05, le=2)] = param(0.5, "time step", unit="ms")
    tuning_seeds: Distinct[Annotated[int, Field(ge=0)]] = param(
        list(range(300, 316)), "draws that choose the options"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "methods": array("seed, method", "names of the arms"),
        "judges": array("seed, judge", "networks that judge: with noise, and without"),
        "rates": array("seed, rate", "learning rates"),
        "strengths": array("seed, strength", "weights of the term"),
        "wanted": array("seed, number", "wanted spikes of a neuron in a trial"),
        "tuning": array("seed, method, option, judge, tuning task", "log of final over first loss"),
        "log_loss": array(
            "seed, method, option, judge", "the same of judged draws; NaN without a training"
        ),
        "dead": array(
            "seed, method, option, judge", "share of neurons without a spike, after training"
        ),
        "chosen_option": array(
            "judge, method", "index: rates fastest, then wanted numbers, then strengths"
        ),
        "chosen_rate": array("judge, method", "learning rate"),
        "at_end": array("judge, method", "whether it is an end of the grid"),
        "final": array("judge, method, statistic", "final over first loss; bootstrap interval"),
        "silenced": array("judge, method", "mean share of neurons without a spike"),
    }

    def check(self) -> None:
        """Refuse a draw for both tuning and judging.

        Raises:
            ValueError: For a draw for both tuning and judging.
        """
        chosen_rates.refuse_both(self.seeds, self.tuning_seeds)

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

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            each = [self._results(name, option, tasks[role]) for option in some]
            values = np.stack(each, axis=1).astype(np.float32)
            return values.round(4) if role == TUNING else values

        n_terms = {name: len(self.terms) if ARMS[name].term else 1 for name in self.arms}
        arms = {name: [range(n * len(self.rates))] for name, n in n_terms.items()}
        # Losses of both judges, then shares of silent neurons.
        tuning, judged = tuned(arms, train, n_scores=len(JUDGES))
        tuning, logs, dead = (
            np.moveaxis(x, 0, 2) for x in (tuning[: len(JUDGES)], *np.split(judged, [len(JUDGES)]))
        )
        shared = {
            "methods": np.array(self.arms),
            "judges": np.array(JUDGES),
            "rates": np.array(self.rates),
            "strengths": np.array(self.strengths),
            "wanted": np.array(self.wanted),
            "tuning": tuning,
        }
        return [
            shared | {"log_loss": logs[..., k], "dead": dead[..., k]} for k in range(len(seeds))
        ]

    def _draws(self, seeds: list[int]) -> list[Group]:
        """Return the draws of seeds in groups of one width; the last seed fills up the last one."""
        filled = [*seeds, *[seeds[-1]] * (-len(seeds) % WIDTH)]
        sizes = [min(WIDTH, len(seeds) - start) for start in range(0, len(seeds), WIDTH)]
        return [
            (draws(self.task, self.dt, filled[i * WIDTH : (i + 1) * WIDTH]), size)
            for i, size in enumerate(sizes)
        ]

    def _results(self, name: str, option: int, draws: list[Group]) -> np.ndarray:
        """Return logs of final over first loss by judge, then shares of silent neurons."""
        each = [self._of_group(name, option, group)[..., :size] for group, size in draws]
        return np.concatenate(each, axis=-1)

    def _of_group(self, name: str, option: int, group: tuple[Drawn, Array, Array]) -> np.ndarray:
        arm, (tasks, keys, noise) = ARMS[name], group
        which, rate = divmod(option, len(self.rates))
        term = jnp.array(self.terms[which], jnp.float32) if arm.term else None
        settings = arm.settings(self.beta, self.dt)
        sizes = 1 if arm.quiet else self.n_trials, self.n_updates, 1
        weights = train(settings, sizes, jnp.float32(self.rates[rate]), tasks, keys, term)
        losses, dead = [], []
        for beta in (self.beta, float("inf")):
            network = StepSettings(self.dt, beta, Backward.TIMES)
            loss = np.asarray(judge(network, weights, tasks, noise)[0], float)
            with np.errstate(divide="ignore", invalid="ignore"):
                log = np.log(loss[:, -1] / loss[:, 0])
            losses.append(np.where(np.isfinite(log), log, np.inf))
            dead.append(np.asarray(silent_share(network, weights, tasks, noise)))
        return np.stack([*losses, *dead])

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final over first losses; an option is a rate and a term.

        Args:
            data: arrays of a panel, with a first axis of seeds.
            measure: the network that judges, one of `JUDGES`.
        """
        j = JUDGES.index(measure)
        tuning = data["tuning"][0][:, :, j].astype(float)
        logs = np.moveaxis(data["log_loss"][..., j].astype(float), 0, -1)
        return Outcomes(listed(data, "methods"), tuning, logs, digits=6)

    def pooled(self, data: Data) -> Data:
        """Return arms at their options, with intervals that contain the choice."""
        each = [_of_judge(data, j) for j in range(len(JUDGES))]
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final over first losses in noise, medians at each arm's best option."""
        medians = np.median(data["log_loss"][:, :, :, 0], axis=0)
        best = np.exp(np.fmin.reduce(medians, axis=1))
        return {
            f"{name}_final_over_first": band(float(value), 0, 10, "a ratio of losses")
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }


def _of_judge(data: Data, j: int) -> Data:
    """Return the arrays of `FiringRates.pooled` for one judge."""
    chosen, rates = choose(FiringRates.outcomes(data, JUDGES[j])), data["rates"][0]
    dead = np.moveaxis(data["dead"][..., j].astype(float), 0, -1)
    final = chosen_rates.with_interval(chosen.end.mean(axis=1), chosen.samples)
    return {
        "chosen_option": chosen.which,
        "chosen_rate": rates[chosen.which % len(rates)],
        "at_end": chosen_rates.at_end(chosen.which % len(rates), len(rates)),
        "final": np.exp(final),
        "silenced": chosen_rates.at_chosen(dead, chosen.which).mean(axis=1),
    }
