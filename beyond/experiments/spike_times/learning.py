r"""Networks trained on spike times by event-based, surrogate and unbiased gradients.

All arms but one run the same noisy network; `event_based` updates follow EventProp, without noise.
All are judged in the noisy network. Every arm is trained at every rate; see `chosen_rates`. Rules
and hypotheses: beyond/docs/event_training.md.
"""

from typing import Annotated, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.spike_times.first_spikes import BATCH, FIRST
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT
from beyond.experiments.spike_times.training import ARMS, draws, judge, train
from beyond.experiments.study import DECIDED, Outcomes, Study, choose
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Seed,
    SeedsAtOnce,
    array,
    band,
    listed,
    param,
    seeds_param,
)
from experiments.engine.progress import track

FOLLOWED = ("event_based", "pathwise", "matched", "broad", "unbiased")
"""Arms, keys of `ARMS`."""


class Learning(Study, SeedsAtOnce):
    """Trains networks on many draws of a task by several gradients."""

    task: Annotated[str, OneOf((ACTIVE, SILENT, FIRST))] = param(ACTIVE, "task")
    arms: Distinct[Annotated[str, OneOf(FOLLOWED)]] = param(list(FOLLOWED), "what updates follow")
    rates: Rising[Positive] = param([0.003, 0.01, 0.03, 0.1, 0.3], "learning rates of Adam")
    n_updates: Annotated[int, Field(ge=10, le=100_000)] = param(200, "updates")
    n_trials: Annotated[int, Field(ge=2, le=10_000)] = param(8, "trials of an input in an update")
    n_points: Annotated[int, Field(ge=1, le=1000)] = param(10, "how often the loss is judged")
    beta: Annotated[float, Field(gt=0, le=100)] = param(
        10.0, "slope of the noise", unit="1/potential"
    )
    dt: Annotated[float, Field(ge=0.05, le=2)] = param(0.5, "time step", unit="ms")
    tuning_seeds: Distinct[Annotated[int, Field(ge=0)]] = param(
        list(range(100, 116)), "draws that choose the learning rates"
    )
    seeds: Distinct[Seed] = seeds_param()

    REFERENCE: ClassVar[str] = "broad"
    DRAWN_BY: ClassVar[str] = "by_student_inside"
    OWN: ClassVar[frozenset[str]] = frozenset({"updates", "runs", "loss"})
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
        "decided": DECIDED,
        "log_ratio": array(
            "method, method, statistic", "log ratio of final losses; bootstrap interval"
        ),
        # First-spike task alone. Losses of "quiet" are judged without noise, and choose the rates.
        "right": array("seed, method, rate, point", "share of right trials in the noisy network"),
        "right_course": array(
            "method, point, statistic", "right trials at the chosen rate; quartiles"
        ),
        "quiet_loss": array("seed, method, rate, point", "mean loss without noise"),
        "quiet_tuning": array("seed, method, rate, tuning task", "log of the final quiet loss"),
    }

    def check(self) -> None:
        """Refuse a task for both tuning and judging, and points that do not divide updates.

        Raises:
            ValueError: For a task for both tuning and judging, and points that do not divide
                updates.
        """
        chosen_rates.refuse_both(self.seeds, self.tuning_seeds)
        if self.n_updates % self.n_points:
            what, wanted = "points do not divide updates", "n_updates, a multiple of n_points"
            raise ValueError(f"{what}: {self.given('n_points', 'n_updates')}; expected {wanted}")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train all arms on the judged and the tuning draws, at every rate, in single precision."""
        with jax.enable_x64(False):
            return self._trained(seeds)

    def _trained(self, seeds: list[int]) -> list[Data]:
        tasks, keys, noise = draws(self.task, self.dt, (*seeds, *self.tuning_seeds))
        judges = [ARMS[arm].settings(self.beta, self.dt) for arm in ("pathwise", "event_based")]
        if self.task != FIRST:
            del judges[1]
        rows = []
        for arm in track(self.arms, "arms"):
            settings = ARMS[arm].settings(self.beta, self.dt)
            sizes = self._trials(arm), self.n_updates, self.n_points
            row = [train(settings, sizes, jnp.float32(r), tasks, keys) for r in self.rates]
            rows.append([[judge(by, weights, tasks, noise) for by in judges] for weights in row])
        # Judge, loss or right, draw, arm, rate, point.
        results = np.moveaxis(np.array(rows), (2, 3, 4), (0, 1, 2))
        (loss, right), quiet = results[0], results[1:, 0]
        arrays = {"loss": loss}
        if self.task == FIRST:
            arrays |= {"right": right, "quiet_loss": quiet[0]}
        batch = BATCH if self.task == FIRST else 1
        shared = {
            "methods": np.array(self.arms),
            "rates": np.array(self.rates),
            "updates": np.linspace(0, self.n_updates, self.n_points + 1).astype(int),
            "runs": np.array([batch * self._trials(arm) for arm in self.arms]),
        }
        for name, values in (("tuning", loss), *(("quiet_tuning", x) for x in quiet)):
            with np.errstate(divide="ignore"):
                logs = np.log(values[len(seeds) :, ..., -1]).transpose(1, 2, 0)
            shared[name] = logs.round(4).astype(np.float32)
        return [
            shared | {name: values[k].astype(np.float32) for name, values in arrays.items()}
            for k in range(len(seeds))
        ]

    def _trials(self, arm: str) -> int:
        # Without noise all trials of an input are the same.
        return 1 if ARMS[arm].quiet else self.n_trials

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final losses.

        Args:
            data: arrays of all draws.
            measure: "quiet" for losses without noise.
        """
        prefix = f"{measure}_" if measure else ""
        logs = np.log(data[f"{prefix}loss"].astype(float)[..., -1]).transpose(1, 2, 0)
        return Outcomes(listed(data, "methods"), data[f"{prefix}tuning"][0].astype(float), logs)

    def pooled(self, data: Data) -> Data:
        """Return arms at their rates, with intervals that contain the choice of the rate."""
        chosen, rates = choose(self.outcomes(data)), data["rates"][0]
        pooled = {
            "chosen_rate": rates[chosen.which],
            "at_end": chosen_rates.at_end(chosen.which, len(rates)),
            "log_ratio": chosen_rates.differences(chosen.end, chosen.samples),
            "course": _quartiles(data["loss"].astype(float), chosen.which),
        }
        if self.task == FIRST:
            pooled["right_course"] = _quartiles(data["right"].astype(float), chosen.which)
        return pooled

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final over first losses, medians at each arm's best rate."""
        ratio = data["loss"][..., -1] / data["loss"][..., 0]
        # A rate at which a training overflows is not the best one.
        best = np.fmin.reduce(np.median(ratio, axis=0), axis=1)
        return {
            f"{name}_final_over_first": band(float(value), 0, 10, "a ratio of losses")
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }


def _quartiles(values: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return quartiles over draws at each arm's rate, ``(arm, point, 3)``."""
    course = values.transpose(1, 2, 3, 0)[np.arange(len(which)), which]
    return np.moveaxis(np.quantile(course, (0.25, 0.5, 0.75), axis=-1), 0, -1)
