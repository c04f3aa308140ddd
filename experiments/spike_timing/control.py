"""Claim C6's comparison: what do trained hidden weights gain over frozen ones?

The rule was fixed before its intervals were computed, when it was known that the deterministic
network with frozen hidden weights is ahead in L2: both distances of figure 6, in both spike modes,
at the paper preset; the distance after training over that of the control of the same seed; its
geometric mean over seeds, with Student's 95 % interval of the logarithms. An interval that
contains 1 is undecided. Intervals are not widened for the number of comparisons.

The control with a slower readout was added after its readout had been run at 1e-5, 3e-5 and 1e-4:
it has the one of these rates at which its van Rossum distance is least.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from experiments.engine.base import Data, Quantity

CONTROLS = {
    "deterministic_frozen": "deterministic",
    "deterministic_frozen_slow": "deterministic",
    "stochastic_frozen": "stochastic",
}
"""Panel of the trained network, by that of its control."""

DISTANCES = ("van_rossum", "l2")


@dataclass(frozen=True)
class Ratio:
    """Trained over frozen, paired by seed.

    Attributes:
        logs: Logarithms of the ratios, one for each seed.
    """

    logs: np.ndarray

    @property
    def mean(self) -> float:
        """The geometric mean."""
        return float(np.exp(self.logs.mean()))

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval; from 0 to infinity for one seed."""
        n = self.logs.size
        if n == 1:
            return 0.0, np.inf
        half = t.ppf(0.975, n - 1) * self.logs.std(ddof=1) / n**0.5
        return self.mean * float(np.exp(-half)), self.mean * float(np.exp(half))

    @property
    def verdict(self) -> str:
        """Whether the trained network's distance is lower or higher, or neither is decided."""
        low, high = self.interval
        return "lower" if high < 1 else "higher" if low > 1 else "undecided"

    @property
    def quantity(self) -> Quantity:
        """The mean as a quantity with its interval."""
        low, high = self.interval
        why = f"{self.logs.size} paired seeds" if self.logs.size > 1 else "one seed"
        return Quantity(self.mean, "statistical", ci_low=low, ci_high=high, why=why)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.mean:.3f} [{low:.3f}, {high:.3f}]"


def compare(data: Mapping[str, Data]) -> dict[str, Ratio]:
    """All comparisons of figure 6's panels, as "deterministic_frozen.l2"."""
    return {
        f"{control}.{distance}": ratio(
            data[trained][f"last_{distance}"], data[control][f"last_{distance}"]
        )
        for control, trained in CONTROLS.items()
        for distance in DISTANCES
    }


def ratio(trained: np.ndarray, control: np.ndarray) -> Ratio:
    """The ratio of two distances.

    Args:
        trained: (seed,).
        control: (seed,).
    """
    return Ratio(np.log(np.asarray(trained, float) / np.asarray(control, float)))
