r"""Spiking networks trained on the expected loss and on the loss of the mean response.

The loss of the mean response is the van Rossum distance between the mean of the output trains and
the target. Its gradient is estimated by `cross_fitted`, within the same budget of runs. With
:math:`\ell` the log of final over first loss, of either loss, arms are compared in each task.

Tuning tasks are trained at every rate, judged tasks at the rates that a bootstrap sample of tuning
tasks may choose. An arm's *option* is a rate, for unbiased gradients a pair
of rate and number of trials; see `chosen_rates`. The loss that is compared chooses the option, too.
Rules, which were committed before any of these numbers: beyond/docs/hypotheses.md.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.lif import response_statements
from beyond.experiments.lif.descent import response_loss
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.rate_grids import JUDGED, TUNING, RateGrid, log_ratio
from beyond.experiments.lif.response_arms import (
    GRADIENTS,
    LOSSES,
    SURROGATE,
    SURROGATES,
    UNBIASED,
    Variant,
    surrogate_variants,
    unbiased_variants,
)
from beyond.experiments.lif.response_options import (
    arms_of,
    at_options,
    candidates,
    compared,
    members_of,
)
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Several,
    array,
    band,
    listed,
    param,
)


class ResponseOverTime(RateGrid):
    """Trains spiking networks by unbiased and surrogate gradients of two losses."""

    gradients: Distinct[Annotated[str, OneOf(GRADIENTS)]] = param(
        list(GRADIENTS), "kinds of gradients to train by"
    )
    alone: Distinct[Count] = param([1], "trials of unbiased gradients of the expected loss")
    shared: Distinct[Annotated[int, Field(ge=2)]] = param(
        [2, 4], "trials of unbiased gradients of the mean response"
    )
    crossed: Several[Annotated[str, OneOf(SURROGATES)]] = param(
        ["broad"], "surrogates on the loss of the mean response, too"
    )
    surrogates: Several[Annotated[str, OneOf(SURROGATES)]] = param(
        ["matched", "broad"], "surrogates on the expected loss"
    )
    resets: bool = param(False, "train matched, broad and SuperSpike with the opposite reset, too")
    rates: Rising[Positive] = param([0.01, 0.03, 0.1, 0.3], "of Adam, to choose from")

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

    def check(self) -> None:
        """Refuse a task for both tuning and judging, and a trial without a flip.

        Raises:
            ValueError: For a task for both tuning and judging, and a trial without a flip.
        """
        super().check()
        for name in ("alone", "shared") if UNBIASED in self.gradients else ():
            trials, most = getattr(self, name), self.budget // 2
            if max(trials, default=0) > most:
                what = "a trial of an unbiased gradient has no flip"
                allowed = f"at most half the budget, {most}"
                raise ValueError(f"{what}: {self.given(name)}; expected {allowed}")
        if UNBIASED in self.gradients:
            self.refuse_flips("budget")

    @property
    def variants(self) -> list[Variant]:
        """All variants to train."""
        listed: list[Variant] = []
        if UNBIASED in self.gradients:
            listed += unbiased_variants(self.alone, self.shared)
        if SURROGATE in self.gradients:
            listed += surrogate_variants(self.surrogates, self.crossed, self.resets)
        return listed

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every rate, and judged tasks at options that tuning may choose."""
        judged, tuning_tasks = (self.tasks(group) for group in (seeds, self.tuning_seeds))
        n, rates = len(seeds), range(len(self.rates))
        every = self.variants
        # Rounded as in the stored array, so that later choices agree.
        tuning = np.stack([self._trained(one, tuning_tasks, rates, TUNING) for one in every])
        tuning = tuning.astype(np.float32)
        arms, names = [one.arm for one in every], [one.name for one in every]
        some = candidates(arms, tuning, n)
        logs = np.stack(
            [self._trained(one, judged, r, JUDGED) for one, r in zip(every, some, strict=True)]
        )
        shared = {
            "variants": np.array(names),
            "arm_of": np.array(arms),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "methods": np.array(list(arms_of(arms, names))),
        }
        return [shared | {"log_loss": logs[:, :, i].astype(np.float32)} for i in range(n)]

    def _trained(
        self, variant: Variant, tasks: Tasks, some: Iterable[int], role: str
    ) -> np.ndarray:
        """Return the log of final over first loss, ``(rate, task, loss)``.

        It is infinite if training diverged, and NaN at rates that are left out.
        """
        label = f"{variant.name}-{role}"
        expected, trainings = self.trained_at(variant.follows, tasks, some, label)
        response = np.full_like(expected, np.nan)
        for i, one in trainings.items():
            last = max(1, one.loss.shape[1] // 10)
            losses = response_loss(self, tasks, one.weights[:, [0, *range(-last, 0)]])
            response[i] = log_ratio(losses[:, 1:].mean(axis=1), losses[:, 0])
        return np.stack([expected, response], axis=-1)

    def pooled(self, data: Data) -> Data:
        """Compare final losses of arms at chosen options; intervals include the choice."""
        rates = data["rates"][0]
        members = members_of(data)
        each = [_of_loss(data, j) for j in range(len(LOSSES))]
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
            for name, arm, row in zip(
                listed(data, "variants"), listed(data, "arm_of"), best, strict=True
            )
            for loss, value in zip(LOSSES, row, strict=True)
            if arm.endswith(f"of_{loss}")
        }


def _of_loss(data: Data, j: int) -> Data:
    """Return the arrays of `pooled` for one loss."""
    which, logs, samples = at_options(data, j)
    return {"option": which} | compared(logs, samples)
