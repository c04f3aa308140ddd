"""Claim C7's comparison: do stochastic spikes classify speech as well as deterministic ones?

The rule was fixed before the numbers were there. At figure 7's preset `medium`, networks of both
spike modes are trained with the same seeds, 0, 1 and 2. The two networks of a seed are a pair: they
share the random numbers of their initial weights, the order of batches, and the test set. A pair's
difference is the test accuracy of the stochastic network minus that of the deterministic one, each
tested under its own spikes. Over pairs, Student's 95 % interval of the mean difference decides:

- its lower end above `MARGIN`: stochastic networks are *non-inferior*;
- its upper end below `MARGIN`: they are *inferior*;
- otherwise, and with a single pair, which has no interval: *undecided*.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity
from experiments.engine.errors import UserError
from experiments.speech.intervals import confidence_interval
from experiments.speech.network import MODES

MARGIN = -0.03
"""The loss of test accuracy up to which stochastic networks count as no worse."""


@dataclass(frozen=True)
class Comparison:
    """Test accuracy of stochastic minus deterministic networks.

    Attributes:
        differences: One number per pair.
    """

    differences: np.ndarray

    @property
    def mean(self) -> float:
        """The mean difference."""
        return float(np.mean(self.differences))

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval over pairs (Student's); infinite for one pair."""
        if len(self.differences) == 1:
            return -np.inf, np.inf
        # The number of utterances plays no part where there are several networks.
        low, high = confidence_interval(self.differences, n_samples=0)
        return float(low), float(high)

    @property
    def verdict(self) -> str:
        """Non-inferior, inferior or undecided, by the rule above."""
        low, high = self.interval
        return "non-inferior" if low > MARGIN else "inferior" if high < MARGIN else "undecided"

    @property
    def quantity(self) -> Quantity:
        """The mean as a quantity with its interval."""
        n, (low, high) = len(self.differences), self.interval
        se = np.std(self.differences, ddof=1) / n**0.5 if n > 1 else np.inf
        why = f"{n} paired seeds" if n > 1 else "one seed"
        return Quantity(self.mean, "statistical", se=float(se), ci_low=low, ci_high=high, why=why)

    def __str__(self) -> str:
        n, (low, high) = len(self.differences), self.interval
        if n == 1:
            return f"{self.mean:+.3f}, one seed, no interval: {self.verdict}"
        ends = f"[{low:+.3f}, {high:+.3f}]"
        return f"{self.mean:+.3f} {ends} (95 %, {n} paired seeds): {self.verdict}"


def compare(data: Mapping[str, Data]) -> Comparison:
    """The comparison of figure 7's panels.

    Args:
        data: Arrays by panel; `test_accuracy` is ``(seed, spike mode)``.

    Raises:
        UserError: If the panels have different numbers of seeds.
    """
    # Each under its own spikes.
    accuracy = {m: data[m]["test_accuracy"][:, list(MODES).index(m)] for m in MODES}
    if len({len(values) for values in accuracy.values()}) > 1:
        raise UserError(
            "deterministic and stochastic networks cannot be paired",
            ", ".join(f"{len(values)} seeds {mode}" for mode, values in accuracy.items()),
            "the same seeds for both",
            "seeds=[0,1,2]",
        )
    return Comparison(accuracy["stochastic"] - accuracy["deterministic"])
