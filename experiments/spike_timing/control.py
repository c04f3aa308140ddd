"""Comparison for claim C6: the gain of trained hidden weights over frozen hidden weights.

The rule: both distances of figure 6, in both spike modes, at the paper preset; the distance after
training over that of the control of the same seed; its geometric mean over seeds, and Student's
t-test of the logarithms against 0. Holm's procedure keeps the six comparisons together at 5 %.
Comparisons that it does not decide are undecided.

When the rule was written, seeds 17 to 21 had already shown that the deterministic network with
frozen hidden weights is ahead in L2: for these seeds, that comparison is a description. The control
with a slower readout was added after its readout had been trained at rates of 1e-5, 3e-5 and 1e-4;
it uses the rate with the smallest van Rossum distance. All this was on an earlier picture; rule,
seeds and rates stayed when the picture was drawn anew.

Confirmation, not run yet: the same rule on seeds 22 to 31. Expected: the L2 ratio of the
deterministic network to its frozen control above 1, the other five below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy

from experiments.engine.experiment import Data, Quantity
from experiments.statistics import holm_levels, mean_interval

CONTROLS = {
    "deterministic_frozen": "deterministic",
    "deterministic_frozen_slow": "deterministic",
    "stochastic_frozen": "stochastic",
}
"""Panels of trained networks, by the panel of the control."""

DISTANCES = ("van_rossum", "l2")


@dataclass(frozen=True)
class Ratio:
    """Trained over frozen, paired by seed.

    Attributes:
        logs: Logarithms of the ratios, one for each seed.
        level: Confidence of the `adjusted` interval; 0.95 for a single comparison.
    """

    logs: np.ndarray
    level: float = 0.95

    @property
    def mean(self) -> float:
        """The geometric mean."""
        return float(np.exp(self.logs.mean()))

    @property
    def p(self) -> float:
        """The two-sided p-value of Student's t-test of the logarithms; 1 for one seed."""
        n = self.logs.size
        if n == 1:
            return 1.0
        # Equal ratios have no spread: infinite t, or NaN.
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.logs.mean() / (self.logs.std(ddof=1) / np.sqrt(n))
        return float(2 * scipy.special.stdtr(n - 1, -abs(t)))

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of 95 % for the mean; from 0 to infinity for one seed."""
        return self._interval(0.95)

    @property
    def adjusted(self) -> tuple[float, float]:
        """The interval that excludes 1 exactly if Holm's procedure decides."""
        return self._interval(self.level)

    def _interval(self, level: float) -> tuple[float, float]:
        if self.logs.size == 1:
            return 0.0, np.inf
        _, low, high = np.exp(mean_interval(self.logs, level))
        return float(low), float(high)

    @property
    def verdict(self) -> str:
        """Verdict: the trained network's distance is lower, higher or undecided."""
        low, high = self.adjusted
        return "lower" if high < 1 else "higher" if low > 1 else "undecided"

    @property
    def quantity(self) -> Quantity:
        """The mean as a quantity with its adjusted interval."""
        low, high = self.adjusted
        why = f"{self.logs.size} paired seeds" if self.logs.size > 1 else "one seed"
        return Quantity(self.mean, "statistical", ci_low=low, ci_high=high, why=why)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.mean:.3f} [{low:.3f}, {high:.3f}]"


def trained_over_frozen(data: Mapping[str, Data]) -> dict[str, Ratio]:
    """Return figure 6's comparisons, as "deterministic_frozen.l2", by Holm's procedure.

    Absent panels, panels whose seeds cannot be paired and distances of 0 are left out.
    """
    family = {}
    for control, trained in CONTROLS.items():
        if control not in data or trained not in data:
            continue
        for distance in DISTANCES:
            after = [data[panel][f"last_{distance}"] for panel in (trained, control)]
            if after[0].shape == after[1].shape and np.all(after):
                family[f"{control}.{distance}"] = ratio(*after)
    return holm(family)


def holm(family: Mapping[str, Ratio]) -> dict[str, Ratio]:
    """Return the comparisons with the levels that Holm's procedure assigns."""
    levels = holm_levels(np.array([ratio.p for ratio in family.values()]))
    return {
        name: replace(ratio, level=float(level))
        for (name, ratio), level in zip(family.items(), levels, strict=True)
    }


def ratio(trained: np.ndarray, control: np.ndarray) -> Ratio:
    """Return the ratio of two distances, ``(seed,)``."""
    return Ratio(np.log(np.asarray(trained, float) / np.asarray(control, float)))
