"""What the hidden weights of figure 6 contribute, paired over the seeds of the committed numbers.

The rule: both distances, in both spike modes, after training; the ratio of the network with
trained hidden weights to that with frozen ones, seed by seed; its geometric mean with Student's
95 % interval of the logarithms. An interval that contains 1 is undecided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import t

CONTROLS = (
    ("deterministic", "deterministic_frozen", "frozen"),
    ("deterministic", "deterministic_frozen_slow", "frozen, slower readout"),
    ("stochastic", "stochastic_frozen", "frozen"),
)
COLUMNS = (
    "spikes",
    "hidden weights of the control",
    "distance",
    "trained",
    "control",
    "trained / control [95 %]",
    "seeds",
    "trained is",
)
DISTANCES = {"van_rossum": "van Rossum", "l2": "L2"}


@dataclass(frozen=True)
class Ratio:
    """A geometric mean over seeds with its 95 % interval.

    Attributes:
        value: the mean.
        low: lower end.
        high: upper end.
    """

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Which side of 1 the interval lies on."""
        if self.high < 1:
            return "lower"
        return "higher" if self.low > 1 else "undecided"

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        mode: the spike mode.
        control: what the frozen network is called.
        distance: a key of `DISTANCES`.
        trained: by seed, with all weights trained.
        frozen: by seed, with frozen hidden weights.
    """

    mode: str
    control: str
    distance: str
    trained: np.ndarray
    frozen: np.ndarray

    @property
    def ratio(self) -> Ratio:
        """Trained over frozen."""
        return ratio(self.trained, self.frozen)


def ratio(one: np.ndarray, other: np.ndarray) -> Ratio:
    """The ratio of two positive numbers, paired by seed.

    Args:
        one: (seed,).
        other: (seed,).

    Raises:
        ValueError: For fewer than two seeds, which give no interval.
    """
    logs = np.log(np.asarray(one, float) / np.asarray(other, float))
    if logs.size < 2:
        raise ValueError(f"{logs.size} seeds give no interval; expected two or more")
    half = t.ppf(0.975, logs.size - 1) * logs.std(ddof=1) / logs.size**0.5
    mean = logs.mean()
    return Ratio(*(float(np.exp(x)) for x in (mean, mean - half, mean + half)))


def rows(numbers: Path) -> Iterator[Row]:
    """Every comparison of the committed numbers of figure 6."""
    with np.load(numbers, allow_pickle=False) as file:
        for mode, panel, control in CONTROLS:
            for distance in DISTANCES:
                trained, frozen = (file[f"{name}/last_{distance}"] for name in (mode, panel))
                yield Row(mode, control, distance, trained, frozen)


def table(numbers: Path) -> list[list[str]]:
    """The comparisons as cells, the names of the columns first."""
    cells: list[list[str]] = [list(COLUMNS)]
    for row in rows(numbers):
        medians = (f"{np.median(values):.3g}" for values in (row.trained, row.frozen))
        words = (row.mode, row.control, DISTANCES[row.distance], *medians)
        cells.append([*words, str(row.ratio), str(row.trained.size), row.ratio.verdict])
    return cells
