r"""Spiking networks trained on the expected loss and on the loss of the mean response.

The loss of the mean response is the van Rossum distance between the mean of the output trains and
the target. Its gradient is estimated by `snn.CrossFitted`, within the same budget of forward
passes. An arm's *option* is a rate; for unbiased gradients it is a pair of rate and number of
trials. The loss that is compared chooses the option, too. Rules: `study`, and
beyond/docs/hypotheses.md.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.lif.descent import final
from beyond.experiments.lif.rate_grids import RateGrid, log_losses, log_ratio
from beyond.experiments.methods import (
    SURROGATES,
    Variant,
    surrogate_variants,
    unbiased_variants,
)
from beyond.experiments.study import DECIDED, Outcomes, choose, losses
from beyond.experiments.tuning import JUDGED, TUNING, tuned
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

MEASURED = ("expected", "response")
"""Losses that are measured at the end."""
UNBIASED, SURROGATE = "unbiased", "surrogate"
GRADIENTS = (UNBIASED, SURROGATE)
"""Kinds of gradients."""


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

    REFERENCE = "unbiased_of_expected"
    MEASURES = MEASURED
    OWN = frozenset({"arm_of"})
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
        "relative": array("loss, method, statistic", "final over first loss; bootstrap interval"),
        "paired": array(
            "loss, method, method, statistic", "ratio of final losses; bootstrap interval"
        ),
        "decided": array("loss, method", DECIDED.meaning),
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
                raise ValueError(f"{what}: {self.given(*name.split())}; expected {allowed}")

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
        tasks = {TUNING: self.tasks(self.tuning_seeds), JUDGED: self.tasks(seeds)}
        arms: dict[str, list[Variant]] = {}
        for one in self.variants:
            arms.setdefault(one.arm, []).append(one)

        def train(arm: str, role: str, some: list[int]) -> np.ndarray:
            each = []
            for option in some:
                which, rate = divmod(option, len(self.rates))
                variant = arms[arm][which]
                label = f"{variant.name}-{role}"
                each += self.train(variant.follows, tasks[role], [rate], label)
            response = [log_ratio(final(one.response), one.response[:, 0]) for one in each]
            return np.stack([log_losses(each), response])

        sizes = {arm: len(variants) for arm, variants in arms.items()}
        groups = {arm: self._groups(n) for arm, n in sizes.items()}
        both = tuned(groups, train, n_scores=len(MEASURED))
        tuning, logs = (self._by_variant(values, list(sizes.values())) for values in both)
        owners, names = [one.arm for one in self.variants], [one.name for one in self.variants]
        shared = {
            "variants": np.array(names),
            "arm_of": np.array(owners),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "methods": np.array(list(arms_of(owners, names))),
        }
        return [shared | {"log_loss": logs[:, :, i].astype(np.float32)} for i in range(len(seeds))]

    def _groups(self, n: int) -> list[range]:
        """Return groups of options of an arm with n variants: all of them, and each variant's."""
        size = len(self.rates)
        alone = [range(i * size, (i + 1) * size) for i in range(n)]
        return [range(n * size), *alone] if n > 1 else alone

    def _by_variant(self, values: np.ndarray, sizes: list[int]) -> np.ndarray:
        """Return ``(variant, rate, task, loss)`` from ``(loss, arm, option, task)``."""
        n_losses, n_arms, _, n_tasks = values.shape
        values = values.reshape(n_losses, n_arms, -1, len(self.rates), n_tasks)
        return np.concatenate([np.moveaxis(values[:, i, :n], 0, -1) for i, n in enumerate(sizes)])

    @classmethod
    def drawn(cls, data: Data) -> list[str]:
        """Return the arms, without single variants of arms."""
        return list(dict.fromkeys(listed(data, "arm_of")))

    @classmethod
    def outcomes(cls, data: Data, measure: str = "expected") -> Outcomes:
        """Return logs of final over first losses, by option: a variant and a rate.

        The loss that is compared chooses the option, too.
        """
        j, members = MEASURED.index(measure), _members(data)
        tuning = _options(data["tuning"][0][..., j].astype(float), members, np.inf)
        values = np.moveaxis(data["log_loss"][..., j].astype(float), 0, -1)
        names = listed(data, "methods")
        return Outcomes(names, tuning, _options(values, members, np.nan), digits=6)

    def pooled(self, data: Data) -> Data:
        """Compare final losses of arms at chosen options."""
        rates, members = data["rates"][0], _members(data)
        chosen = [choose(self.outcomes(data, measure)) for measure in MEASURED]
        each = [losses(one, rates) for one in chosen]
        variant = [
            [indices[i // len(rates)] for i, indices in zip(one.which, members, strict=True)]
            for one in chosen
        ]
        by_loss = {name: np.stack([one[name] for one in each]) for name in each[0]}
        return by_loss | {"chosen_variant": np.array(variant)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise final over first loss, at each variant's best rate on these tasks."""
        best = np.exp(np.nanmin(np.median(data["log_loss"], axis=0), axis=1))
        why = "training must not do harm"
        return {
            f"{name}_{loss}_final_over_first": band(float(value), 0.0, 1.0, why)
            for name, arm, row in zip(
                listed(data, "variants"), listed(data, "arm_of"), best, strict=True
            )
            for loss, value in zip(MEASURED, row, strict=True)
            if arm.endswith("of_response") == (loss == "response")
        }


def arms_of(arm_of: list[str], names: list[str]) -> dict[str, list[int]]:
    """Return the indices of variants by arm, and of each variant of an arm with several."""
    arms = {
        arm: [i for i, owner in enumerate(arm_of) if owner == arm] for arm in dict.fromkeys(arm_of)
    }
    return arms | {name: [i] for i, name in enumerate(names) if name not in arms}


def _members(data: Data) -> list[list[int]]:
    """Return the indices of the variants of each method of a panel."""
    return list(arms_of(listed(data, "arm_of"), listed(data, "variants")).values())


def _options(values: np.ndarray, members: list[list[int]], fill: float) -> np.ndarray:
    """Return values by option, ``(arm, option, task)``, from ``(variant, rate, task)``.

    An option is a variant and a rate. Arms with fewer variants are filled up.
    """
    most = max(map(len, members))
    rows = np.full((len(members), most, *values.shape[1:]), fill)
    for row, indices in zip(rows, members, strict=True):
        row[: len(indices)] = values[indices]
    return rows.reshape(len(members), -1, values.shape[-1])
