"""Comparison for claim C7: do stochastic networks classify speech as well as deterministic ones?

Networks of both spike modes are trained with the same seeds at figure 7's preset `medium`. The two
networks of a seed are a pair: they share the random numbers of their initial weights, the order of
batches, and the test set. A pair's difference is the test accuracy of the stochastic network minus
that of the deterministic one, each tested under its own spike mode. A 95 % interval of the mean
difference decides:

- its lower end above `MARGIN`: stochastic networks are *non-inferior*;
- its upper end below `MARGIN`: they are *inferior*;
- otherwise, and with a single pair, which has no interval: *undecided*.

The interval concerns other networks and other utterances. It has two errors. The error over pairs
is that of Student's interval. The error over utterances is the standard error of the difference on
one utterance, averaged over pairs: utterances are paired, too. The two half widths are added in
squares, which counts the error of single answers twice. The interval is then rather too wide.
Utterances count as independent, although speakers have several.

The committed numbers are of seeds 0, 1 and 2 on 800 utterances. They have no answers to single
utterances, so that the error over utterances is bounded: the two networks of a pair disagree on at
most as many utterances as either network classified wrongly, or rightly. If the share of
disagreement is at most d and the mean difference is m, the difference on one utterance has a
variance of at most d - m^2. The variance of the mean over pairs is at most the mean of these
bounds. This interval over utterances was added when the numbers were known.

The rule for the next run, written before it: seeds 0 to 9 and 3 000 utterances, the interval over
pairs and paired utterances, and the same margin. The difference of the run above, 0.019
[-0.041, 0.079], was known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from experiments.engine.experiment import Data, Quantity
from experiments.speech.network import MODES
from experiments.statistics import mean_interval

MARGIN = -0.03
"""Largest loss of test accuracy for stochastic networks to count as non-inferior, negative."""


@dataclass(frozen=True)
class Comparison:
    """Differences of test accuracies in pairs of a seed.

    Attributes:
        accuracies: ``(pair, 2)``; the first of a pair is subtracted from the second.
        n_test: Number of test utterances, the same for all networks.
        right: Whether a network classified an utterance correctly, ``(pair, 2, utterance)``; None
            if that was not stored.
    """

    accuracies: np.ndarray
    n_test: int
    right: np.ndarray | None = None

    @property
    def differences(self) -> np.ndarray:
        """Differences, one per pair."""
        return self.accuracies[:, 1] - self.accuracies[:, 0]

    @property
    def mean(self) -> float:
        """Mean difference over pairs."""
        return float(np.mean(self.differences))

    @property
    def interval(self) -> tuple[float, float]:
        """Student's 95 % interval over pairs, on these utterances; infinite for one pair."""
        if len(self.differences) == 1:
            return -np.inf, np.inf
        _, low, high = mean_interval(self.differences)
        return float(low), float(high)

    @property
    def utterance_error(self) -> float:
        """Standard error of the mean difference over utterances, or a bound, given the networks."""
        if self.right is not None:
            first, second = self.right.mean(axis=0)
            return float(np.std(second - first, ddof=1)) / self.n_test**0.5
        right = self.accuracies.sum(axis=1)
        disagreement = np.minimum(right, 2 - right)
        return float(np.mean(disagreement - self.differences**2) / self.n_test) ** 0.5

    @property
    def general_interval(self) -> tuple[float, float]:
        """The 95 % interval over pairs and utterances."""
        low, high = self.interval
        half = np.hypot((high - low) / 2, scipy.special.ndtri(0.975) * self.utterance_error)
        return self.mean - float(half), self.mean + float(half)

    @property
    def verdict(self) -> str:
        """Verdict for other networks and utterances: non-inferior, inferior or undecided."""
        low, high = self.general_interval
        return "non-inferior" if low > MARGIN else "inferior" if high < MARGIN else "undecided"

    @property
    def general_quantity(self) -> Quantity:
        """The mean with its interval over pairs and utterances."""
        n, (low, high) = len(self.differences), self.general_interval
        why = f"{n} paired seeds" if n > 1 else "one seed"
        return Quantity(self.mean, "statistical", ci_low=low, ci_high=high, why=why)

    def __str__(self) -> str:
        n = len(self.differences)
        if n == 1:
            return f"{self.mean:+.3f}, one seed, no interval: {self.verdict}"
        here, general = (
            f"[{low:+.3f}, {high:+.3f}]" for low, high in (self.interval, self.general_interval)
        )
        return (
            f"{self.mean:+.3f} {here} on these {self.n_test} utterances, {general} with the error "
            f"of the utterances (95 %, {n} paired seeds): {self.verdict}"
        )


def under_other_mode(data: Mapping[str, Data], mode: str) -> Quantity:
    """Return the test accuracy of a kind of network under the other spike mode, minus its own.

    The interval contains the error over seeds and over utterances.

    Args:
        data: Arrays by panel; `test_accuracy` is ``(seed, spike mode)``.
        mode: The spike mode of the training, as "stochastic".
    """
    own = list(MODES).index(mode)
    return _compared([(data[mode], own), (data[mode], 1 - own)]).general_quantity


def can_be_paired(data: Mapping[str, Data]) -> bool:
    """Return whether panels of both spike modes are there, with as many seeds each."""
    trained = all(mode in data for mode in MODES)
    return trained and len({len(data[mode]["test_accuracy"]) for mode in MODES}) == 1


def stochastic_minus_deterministic(data: Mapping[str, Data]) -> Comparison:
    """Return the comparison of figure 7's panels.

    Args:
        data: Arrays by panel; `test_accuracy` is ``(seed, spike mode)``.
            The panels of both modes `can_be_paired`.
    """
    # Each kind of network under its own spikes.
    return _compared([(data[mode], i) for i, mode in enumerate(MODES)])


def _compared(tests: Sequence[tuple[Data, int]]) -> Comparison:
    """Return the comparison of two panels, each under the spike mode of a number."""
    accuracies = np.column_stack([panel["test_accuracy"][:, i] for panel, i in tests])
    right = None
    if all("right" in panel for panel, _ in tests):
        right = np.stack([panel["right"][:, i] for panel, i in tests], axis=1)
    return Comparison(accuracies, int(tests[0][0]["n_test"][0]), right)
