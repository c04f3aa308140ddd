"""Find the potential at which a spike function steps, by trying potentials."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

PROBES = np.concatenate([-np.geomspace(1e3, 1e-3, 25), np.geomspace(1e-3, 1e3, 25)])
"""Potentials for the test whether a function is a step."""


@dataclass(frozen=True)
class Step:
    """Threshold of a step function of several arguments.

    Attributes:
        operand: position of the potential among the arguments.
        offset: the threshold if all arguments in `weights` are 0.
        weights: change of the threshold with each other argument, by position.
    """

    operand: int = 0
    offset: float = 0.0
    weights: tuple[tuple[int, float], ...] = ()

    def threshold(self, args: Any) -> Any:
        """Return the threshold for these arguments, 0 if there is none."""
        return self.offset + sum(w * args[k] for k, w in self.weights)


def step_of(
    potentials: Iterable[int],
    numbers: Iterable[int],
    spikes: Callable[[int, int | None, np.ndarray], np.ndarray],
) -> Step | None:
    """Return the step of a function of several arguments; None for another function.

    Args:
        potentials: positions of the arguments that may be the potential.
        numbers: positions of the arguments that may move the threshold.
        spikes: function of the position of the potential, of the position of another argument (or
            None) and of potentials. It returns the spikes of the first neuron, where all numbers
            are 1, but the other argument is 2.
    """
    numbers = list(numbers)
    for operand in potentials:
        at_one = _threshold(lambda at, k=operand: spikes(k, None, at))
        if at_one is None:
            continue
        weights = []
        for k in numbers:
            if k != operand:
                moved = _threshold(lambda at, n=operand, k=k: spikes(n, k, at))
                weight = 0.0 if moved is None else round(moved - at_one, 3)
                weights += [(k, weight)] * (weight != 0)
        return Step(operand, at_one - sum(w for _, w in weights), tuple(weights))
    return None


def _threshold(spikes: Callable[[np.ndarray], np.ndarray]) -> float | None:
    """Return the threshold of a step from 0 to 1; None for another function."""
    at, low, high = PROBES, -1e3, 1e3
    while high - low > 1e-5 * max(1.0, abs(low)):
        s = spikes(at)
        if not set(s.tolist()) <= {0.0, 1.0} or (np.diff(s) < 0).any() or s[0] == s[-1]:
            return None
        last = int((s == 0).sum())
        low, high = float(at[last - 1]), float(at[last])
        if low < 0 < high:
            return 0.0
        at = np.linspace(low, high, 9)
    # A step at a round number is meant to be there.
    middle = (low + high) / 2
    return round(middle, 3) if abs(middle - round(middle, 3)) < 1e-4 else middle
