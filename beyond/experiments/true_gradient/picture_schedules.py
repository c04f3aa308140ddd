r"""Broad first, then matched: does a schedule help where a network learns to paint a picture?

Figure 6's task at a smaller size: layers of LIF neurons without recurrence, hidden noise of slope
`beta`, output noise ten times as steep, a picture as target, and the published kernel of the van
Rossum distance. That distance is descended, by surrogate gradients through the reset (figure 6's
own descent follows the published rule). *Matched* is the slope of the hidden noise in both layers,
as in figure 6; *broad* a quarter of it. Seeds have inputs, weights and noise of their own, and the
picture in common.

Rules, which were committed before any of these trainings (docs/why_bias_helps.md): learning rates
as in `tuned_descent`; a schedule *helps* where its final loss is below that of either of its parts
alone. Exact sign test over seeds, Holm's correction for the four comparisons; median ratio with its
interval by order statistics.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

import snn
from beyond.experiments.true_gradient.budgets import METHODS, Followed
from beyond.experiments.true_gradient.descent import Tasks, final
from beyond.experiments.true_gradient.hybrids import BROAD, MATCHED, Annealed, Schedule
from beyond.experiments.true_gradient.lif_task import LIFTask
from beyond.experiments.true_gradient.tuned_descent import TUNING, TunedDescent, rates, stacked
from experiments.engine.base import Data, Quantity, array, band, param
from experiments.over_seeds import listed
from experiments.spike_timing.picture import read, target
from experiments.spike_timing.task import PUBLISHED_KERNEL
from experiments.statistics import holm, median_interval, sign_test

ROTUNDA = "rotunda"
STEEPER = 10.0
"""Slope of the output noise over that of the hidden noise, as in figure 6."""
PARTS = (BROAD, MATCHED)
ARMS: dict[str, Followed] = {
    BROAD: METHODS[BROAD],
    MATCHED: METHODS[MATCHED],
    "broad_then_matched": Schedule(METHODS[BROAD], METHODS[MATCHED]),
    "annealed": Annealed(METHODS[MATCHED].method),
}
"""What updates follow, by name: the parts alone, and the schedules made of them."""
PAIRS = [(name, part) for name in ARMS if name not in PARTS for part in PARTS]
"""The comparisons: each schedule with either part."""


@dataclass
class PictureSchedules(TunedDescent):
    """Trains networks to paint by a broad, a matched and a scheduled surrogate, at equal runs."""

    density: float = param(0.274, "share of spikes in the picture", above=0, below=1)

    ARRAYS = {
        "methods": array("seed, method", "names"),
        "update": array("seed, observation", "updates so far"),
        **TUNING,
        "loss": array("seed, method, observation", "mean over test trials"),
        "final": array("seed, method", "final loss"),
        "paired": array("method, method, statistic", "median ratio of final losses, its interval"),
        "lower": array("method, method", "seeds in which the first one's is lower"),
        "sign_p": array("method, method", "exact two-sided sign test, not corrected"),
    }

    def validate(self, path: str) -> None:
        """Refuse a task for both tuning and judging, and a raster too small for a picture."""
        super().validate(path)
        _ = self._picture  # refuses what is none

    @cached_property
    def _file(self) -> bytes:
        """The picture's file, read once: what is hashed is what is painted."""
        return read(ROTUNDA)

    @property
    def _picture(self) -> np.ndarray:
        return target(ROTUNDA, self.n_outputs, self.steps, self.density, self._file)

    def input_digest(self) -> str:
        """Return a hash of the picture's file."""
        return hashlib.sha256(self._file).hexdigest()

    def tasks(self, seeds: list[int]) -> tuple[Tasks, Tasks]:
        """Return the tasks of some seeds, and those that choose learning rates."""
        judged, tuning = super().tasks(seeds)
        return self._painting(judged), self._painting(tuning)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose each arm's learning rate on the tuning tasks, and train with it."""
        judged, tuning = self.tasks(seeds)
        each = [self.trained(name, arm, judged, tuning) for name, arm in ARMS.items()]
        loss = stacked(each, "loss")
        shared = {
            "methods": np.array(list(ARMS)),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "tuned_on": np.asarray(tuning.seeds),
            **rates(each),
        }
        return [shared | {"loss": one, "final": final(one)} for one in loss]

    def pooled(self, data: Data) -> Data:
        """Compare final losses in pairs of arms."""
        logs = np.log(data["final"].astype(float))
        off = (logs[:, :, None] - logs[:, None, :]).transpose(1, 2, 0)
        paired = np.exp([np.median(off, axis=-1), *median_interval(off)])
        lower = (off < 0).sum(axis=-1)
        return {
            "paired": np.moveaxis(paired, 0, -1),
            "lower": lower,
            "sign_p": np.vectorize(sign_test)(lower, lower.T),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Schedules over their parts: median ratio, and Holm's p-value."""
        found = {}
        for panel, data in panels.items():
            at = [tuple(list(ARMS).index(name) for name in pair) for pair in PAIRS]
            corrected = holm(np.array([data["sign_p"][pair] for pair in at]))
            for (schedule, part), pair, p in zip(PAIRS, at, corrected, strict=True):
                name, why = f"{panel}.{schedule}_over_{part}", f"{len(data['final'])} seeds"
                value, low, high = map(float, data["paired"][pair])
                found[name] = Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)
                found[f"{name}_p"] = band(float(p), 0, 1, f"Holm, of {len(PAIRS)}")
        return found

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise final over first loss by medians over seeds."""
        relative = np.median(data["final"] / data["loss"][:, :, 0], axis=0)
        why = "training must not do harm"
        return {
            f"{name}_final_over_first": band(float(value), 0.0, 1.0, why)
            for name, value in zip(listed(data, "methods"), relative, strict=True)
        }

    def _painting(self, tasks: Tasks) -> Tasks:
        """Return the tasks with the picture as target and figure 6's output noise."""
        picture = self._picture.T
        distance = snn.losses.VanRossum(jnp.asarray(picture), **PUBLISHED_KERNEL)
        noise = tuple(snn.escape.Sigmoid(slope) for slope in (self.beta, STEEPER * self.beta))

        def painting(program: LIFTask) -> LIFTask:
            return replace(program, network=replace(program.network, escape=noise), loss=distance)

        return tasks._replace(programs=jax.vmap(painting)(tasks.programs))
