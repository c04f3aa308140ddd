r"""Spiking networks trained on the expected loss and on the loss of the mean response.

The loss of the mean response is the van Rossum distance between the mean of the output trains and
the target. Its gradient is estimated by `cross_fitted`, within the same budget of runs. With
:math:`\ell` the log of final over first loss, of either loss, arms are compared in each task.

Every variant is trained at every rate. An arm's *option* is a rate, for unbiased gradients a pair
of rate and number of trials; see `chosen_rates`. The loss that is compared chooses the option, too.
Rules, which were committed before any of these numbers: beyond/docs/hypotheses.md.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.true_gradient import response_statements
from beyond.experiments.true_gradient.descent import (
    Descent,
    descend,
    final,
    response_loss,
    tasks_of,
)
from beyond.experiments.true_gradient.lif_task import Tasks
from beyond.experiments.true_gradient.loss_variants import ROTUNDA, painting, picture
from beyond.experiments.true_gradient.response_arms import LOSSES, SURROGATES, Variant, variants
from experiments.engine.declare.experiment import Data, Quantity, array, band, listed, param
from experiments.spike_timing.picture import read


@dataclass
class ResponseOverTime(Descent):
    """Trains spiking networks by unbiased and surrogate gradients of two losses."""

    alone: list[int] = param(
        [1], "trials of unbiased gradients of the expected loss", low=1, distinct=True
    )
    shared: list[int] = param(
        [2, 4], "trials of unbiased gradients of the mean response", low=2, distinct=True
    )
    crossed: list[str] = param(
        ["broad"], "surrogates on the loss of the mean response, too", choices=SURROGATES
    )
    surrogates: list[str] = param(
        ["matched", "broad"], "surrogates on the expected loss", choices=SURROGATES
    )
    resets: bool = param(False, "train through the reset and detached, both broad and SuperSpike")
    paints: bool = param(False, "figure 6's picture as target, output noise of ten times the slope")
    rates: list[float] = param(
        [0.01, 0.03, 0.1, 0.3], "of Adam, to choose from", above=0, rising=True
    )
    tuning_seeds: list[int] = param(
        [1000, 1001], "tasks by which the options are chosen", low=0, high=2**32 - 1, distinct=True
    )

    ARRAYS = {
        "variants": array("seed, variant", "names of what is trained"),
        "arm_of": array("seed, variant", "names of the arms that they belong to"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, variant, rate, tuning task, loss", "log of final over first loss"),
        "log_loss": array(
            "seed, variant, rate, loss", "the same of judged tasks; NaN at options not chosen"
        ),
        "methods": array("seed, method", "names of arms, and of single variants of arms"),
        "chosen_rate": array("loss, method", "learning rate"),
        "chosen_variant": array("loss, method", "index of the variant"),
        "at_end": array("loss, method", "whether the rate is an end of the grid"),
        "final": array("loss, method, statistic", "final over first loss; bootstrap interval"),
        "paired": array(
            "loss, method, method, statistic", "ratio of final losses; bootstrap interval"
        ),
        "lower": array("loss, method, method", "tasks in which the first one's loss is lower"),
    }

    def validate(self, path: str) -> None:
        """Refuse a task for both tuning and judging, and a trial without a flip.

        Raises:
            UserError: For a task for both tuning and judging, and a trial without a flip.
        """
        chosen_rates.refuse_both(path, self.seeds, self.tuning_seeds)
        for name in ("alone", "shared"):
            trials, most = getattr(self, name), self.budget // 2
            if max(trials, default=0) > most:
                fix = [k for k in trials if k <= most] or [2]
                what = "a trial of an unbiased gradient has no flip"
                allowed = f"at most half the budget, {most}"
                raise self.parameter_error(path, what, name, allowed, **{name: fix})
        if self.alone or self.shared:
            self.refuse_flips(path, "budget")
        if self.paints:
            picture(self.n_outputs, self.steps)  # refuses a raster too small

    def input_digest(self) -> str:
        """Return a hash of the picture's file, if it is read."""
        return hashlib.sha256(read(ROTUNDA)).hexdigest() if self.paints else ""

    @property
    def variants(self) -> list[Variant]:
        """All variants to train."""
        return variants(self.alone, self.shared, (self.surrogates, self.crossed), self.resets)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every rate, and judged tasks at options that tuning may choose."""
        judged, tuning_tasks = (self._tasks(group) for group in (seeds, self.tuning_seeds))
        n, rates = len(seeds), range(len(self.rates))
        every = self.variants
        # Rounded as in the stored array, so that later choices agree.
        tuning = np.stack([self._trained(one, tuning_tasks, rates) for one in every])
        tuning = tuning.astype(np.float32)
        arms, names = [one.arm for one in every], [one.name for one in every]
        some = _candidates(arms, tuning, n)
        logs = np.stack([self._trained(one, judged, r) for one, r in zip(every, some, strict=True)])
        shared = {
            "variants": np.array(names),
            "arm_of": np.array(arms),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "methods": np.array(list(_arms(arms, names))),
        }
        return [shared | {"log_loss": logs[:, :, i].astype(np.float32)} for i in range(n)]

    def _tasks(self, seeds: list[int]) -> Tasks:
        tasks = tasks_of(self, seeds)
        if self.paints:
            return painting(tasks, picture(self.n_outputs, self.steps), self.beta)
        return tasks

    def _trained(self, variant: Variant, tasks: Tasks, some: Iterable[int]) -> np.ndarray:
        """Return the log of final over first loss, ``(rate, task, loss)``.

        Infinite if training diverged, NaN at rates that are left out.
        """
        logs = np.full((len(self.rates), len(tasks.seeds), len(LOSSES)), np.nan)
        for i in some:
            label = f"{variant.name}-{len(tasks.seeds)}"
            run = descend(self, variant.follows, self.rates[i], tasks, label)
            last = max(1, run.loss.shape[1] // 10)
            ends = run.weights[:, [0, *range(-last, 0)]]
            response = response_loss(self, tasks, ends)
            for j, (first, end) in enumerate(
                [(run.loss[:, 0], final(run.loss)), (response[:, 0], response[:, 1:].mean(axis=1))]
            ):
                with np.errstate(divide="ignore", invalid="ignore"):
                    log = np.log(end.astype(float) / first)
                logs[i, :, j] = np.where(np.isfinite(log), log, np.inf)
        return logs

    def pooled(self, data: Data) -> Data:
        """Compare final losses of arms at chosen options; intervals include the choice."""
        rates = data["rates"][0]
        members = list(_arms(listed(data, "arm_of"), listed(data, "variants")).values())
        each = [_of_loss(data, members, j) for j in range(len(LOSSES))]
        by_loss = {key: np.stack([one[key] for one in each]) for key in each[0]}
        option = by_loss.pop("option")
        variant = [
            [indices[o // len(rates)] for o, indices in zip(row, members, strict=True)]
            for row in option
        ]
        return by_loss | {
            "chosen_rate": rates[option % len(rates)],
            "chosen_variant": np.array(variant),
            "at_end": chosen_rates.at_end(option % len(rates), len(rates)),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions on both losses, and on slopes and resets."""
        return response_statements.predictions(panels)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise final over first loss, at each variant's best rate on these tasks."""
        best = np.exp(np.nanmin(np.median(data["log_loss"], axis=0), axis=1))
        why = "training must not do harm"
        return {
            f"{name}_{loss}_final_over_first": band(float(value), 0.0, 1.0, why)
            for name, row in zip(listed(data, "variants"), best, strict=True)
            for loss, value in zip(LOSSES, row, strict=True)
            if name.endswith(f"of_{loss}")
        }


def _arms(arm_of: list[str], names: list[str]) -> dict[str, list[int]]:
    """Return the indices of variants by arm, and of each variant of an arm with several."""
    arms = {
        arm: [i for i, owner in enumerate(arm_of) if owner == arm] for arm in dict.fromkeys(arm_of)
    }
    return arms | {name: [i] for i, name in enumerate(names) if name not in arms}


def _options(values: np.ndarray, members: list[list[int]], fill: float) -> np.ndarray:
    """Return values by option, ``(arm, option, task)``, from ``(variant, rate, task)``.

    An option is a variant and a rate. Arms with fewer variants are filled up.
    """
    most = max(map(len, members))
    rows = np.full((len(members), most, *values.shape[1:]), fill)
    for row, indices in zip(rows, members, strict=True):
        row[: len(indices)] = values[indices]
    return rows.reshape(len(members), -1, values.shape[-1])


def _candidates(arm_of: list[str], tuning: np.ndarray, n: int) -> list[list[int]]:
    """Return the rates of each variant that an arm may choose by either loss."""
    members = list(_arms(arm_of, [f"variant {i}" for i in range(len(arm_of))]).values())
    n_rates = tuning.shape[1]
    rates_of: list[set[int]] = [set() for _ in arm_of]
    for j in range(len(LOSSES)):
        options = _options(tuning[..., j], members, np.inf)
        for indices, chosen in zip(members, chosen_rates.candidates(options, n), strict=True):
            for option in chosen:
                rates_of[indices[option // n_rates]].add(int(option % n_rates))
    return [sorted(rates) for rates in rates_of]


def _of_loss(data: Data, members: list[list[int]], j: int) -> Data:
    """Return the arrays of `pooled` for one loss."""
    tuning = _options(data["tuning"][0][..., j].astype(float), members, np.inf)
    values = _options(np.moveaxis(data["log_loss"][..., j].astype(float), 0, -1), members, np.nan)
    which = chosen_rates.chosen(tuning)
    logs = chosen_rates.at_chosen(values, which)
    samples = chosen_rates.resampled(tuning, values)
    return {
        "option": which,
        "final": np.exp(chosen_rates.with_interval(logs.mean(axis=1), samples)),
        "paired": np.exp(chosen_rates.differences(logs, samples)),
        "lower": np.sum(logs[:, None].round(6) < logs[None].round(6), axis=-1),
    }
