"""Claim C7's comparison: do stochastic spikes classify speech as well as deterministic ones?

The rule was fixed before the numbers were there. At figure 7's preset `medium`, networks of both
spike modes are trained with the same seeds, 0, 1 and 2. The two networks of a seed are a pair: they
share the random numbers of their initial weights, the order of batches, and the test set. A pair's
difference is the test accuracy of the stochastic network minus that of the deterministic one, each
tested under its own spikes. A 95 % interval of the mean difference decides:

- its lower end above `MARGIN`: stochastic networks are *non-inferior*;
- its upper end below `MARGIN`: they are *inferior*;
- otherwise, and with a single pair, which has no interval: *undecided*.

The rule named Student's interval over pairs. It speaks of other networks on the same utterances. Of
other utterances speaks a second interval, added when the numbers were known, which has the
sampling error of the utterances, too. Which of them a network heard rightly is not stored, so that
this error is bounded: the two networks of a pair disagree on no more utterances than either of them
got wrong, or right. With a share d of disagreement at most and a mean difference m, one utterance's
difference has a variance of at most d - m^2, and so has the mean over pairs at most the mean of
these. Half widths over pairs and over utterances are added in squares. Utterances count as
independent: that a speaker said several of them is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from experiments.engine.declare.experiment import Data, Quantity
from experiments.speech.network import MODES
from experiments.statistics import mean_interval

MARGIN = -0.03
"""The loss of test accuracy up to which stochastic networks count as no worse."""


@dataclass(frozen=True)
class Comparison:
    """Test accuracy of stochastic minus deterministic networks.

    Attributes:
        accuracies: ``(pair, spike mode)``, each under its own spikes, deterministic first.
        n_test: Utterances that all were tested on.
    """

    accuracies: np.ndarray
    n_test: int

    @property
    def differences(self) -> np.ndarray:
        """One number per pair."""
        return self.accuracies[:, 1] - self.accuracies[:, 0]

    @property
    def mean(self) -> float:
        """The mean difference."""
        return float(np.mean(self.differences))

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval over pairs (Student's), on these utterances; infinite for one pair."""
        if len(self.differences) == 1:
            return -np.inf, np.inf
        _, low, high = mean_interval(self.differences)
        return float(low), float(high)

    @property
    def utterance_error(self) -> float:
        """Upper bound of the mean's standard error over utterances, given the networks."""
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
        """Non-inferior, inferior or undecided, for other networks and utterances."""
        low, high = self.general_interval
        return "non-inferior" if low > MARGIN else "inferior" if high < MARGIN else "undecided"

    @property
    def quantity(self) -> Quantity:
        """The mean with its interval over pairs."""
        return self._quantity(self.interval)

    @property
    def general_quantity(self) -> Quantity:
        """The mean with its interval over pairs and utterances."""
        return self._quantity(self.general_interval)

    def _quantity(self, interval: tuple[float, float]) -> Quantity:
        n, (low, high) = len(self.differences), interval
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


def can_be_paired(data: Mapping[str, Data]) -> bool:
    """Return whether panels of both spike modes are there, with as many seeds each."""
    trained = all(mode in data for mode in MODES)
    return trained and len({len(data[mode]["test_accuracy"]) for mode in MODES}) == 1


def stochastic_minus_deterministic(data: Mapping[str, Data]) -> Comparison:
    """Return the comparison of figure 7's panels.

    Args:
        data: Arrays by panel; `test_accuracy` is ``(seed, spike mode)``.
            Those of both modes `can_be_paired`.
    """
    # Each under its own spikes.
    accuracy = [data[mode]["test_accuracy"][:, i] for i, mode in enumerate(MODES)]
    return Comparison(np.column_stack(accuracy), int(data["stochastic"]["n_test"][0]))
