"""Comparison for claim C7: do stochastic networks classify speech as well as deterministic ones?

The rule was fixed before its run. At figure 7's preset `medium`, networks of both spike modes are
trained with the same ten seeds, and tested on the same 3 000 utterances. The two networks of a seed
are a pair: they share the random numbers of their initial weights, the order of batches, and the
test set. A pair's difference is the test accuracy of the stochastic network minus that of the
deterministic one, each tested under its own spike mode. A 95 % interval of the mean difference
decides:

- its lower end above `MARGIN`: stochastic networks are *non-inferior*;
- its upper end below `MARGIN`: they are *inferior*;
- otherwise, and with a single pair, which has no interval: *undecided*.

The interval concerns other networks and other utterances. It has two errors. The error over pairs
is that of Student's interval. The error over utterances is the standard error of the difference on
one utterance, averaged over pairs: utterances are paired, too. The two half widths are added in
squares, which counts the error of single answers twice. The interval is then rather too wide.
Utterances count as independent, although speakers have several.

An earlier run was known when this rule was written: seeds 0, 1 and 2 on 800 utterances, whose
difference was 0.019 [-0.041, 0.079], undecided. The margin is the same in both.
"""

from collections.abc import Mapping
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
        right: Whether a network classified an utterance correctly, ``(pair, 2, utterance)``; the
            first network of a pair is subtracted from the second.
    """

    right: np.ndarray

    @property
    def differences(self) -> np.ndarray:
        """Differences of accuracies, one per pair."""
        accuracies = self.right.mean(axis=2)
        return accuracies[:, 1] - accuracies[:, 0]

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
        """Standard error of the mean difference over utterances, given the networks."""
        first, second = self.right.mean(axis=0)
        return float(np.std(second - first, ddof=1)) / self.right.shape[2] ** 0.5

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
        n, _, n_test = self.right.shape
        if n == 1:
            return f"{self.mean:+.3f}, one seed, no interval: {self.verdict}"
        here, general = (
            f"[{low:+.3f}, {high:+.3f}]" for low, high in (self.interval, self.general_interval)
        )
        return (
            f"{self.mean:+.3f} {here} on these {n_test} utterances, {general} with the error "
            f"of the utterances (95 %, {n} paired seeds): {self.verdict}"
        )


def under_other_mode(data: Mapping[str, Data], mode: str) -> Quantity:
    """Return the test accuracy of a kind of network under the other spike mode, minus its own.

    The interval contains the error over seeds and over utterances.

    Args:
        data: Arrays by panel; `right` is ``(seed, spike mode, utterance)``.
        mode: The spike mode of the training, as "stochastic".
    """
    own = list(MODES).index(mode)
    return Comparison(data[mode]["right"][:, [own, 1 - own]]).general_quantity


def can_be_paired(data: Mapping[str, Data]) -> bool:
    """Return whether panels of both spike modes are there, with as many seeds each."""
    trained = all(mode in data for mode in MODES)
    return trained and len({data[mode]["right"].shape for mode in MODES}) == 1


def stochastic_minus_deterministic(data: Mapping[str, Data]) -> Comparison:
    """Return the comparison of figure 7's panels.

    Args:
        data: Arrays by panel; `right` is ``(seed, spike mode, utterance)``.
            The panels of both modes `can_be_paired`.
    """
    # Answers of each kind of network under its own spikes.
    return Comparison(np.stack([data[mode]["right"][:, i] for i, mode in enumerate(MODES)], axis=1))
