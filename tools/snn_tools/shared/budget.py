"""Time budget of an examination, in seconds of the clock."""

import time
from collections.abc import Callable

FEWEST = 8
"""Fewest turns of a comparison for a standard error, and for any statement."""

GRACE = 10.0
"""Seconds beyond the budget, or beyond its own start, for these turns of a comparison."""


class Clock:
    """Time since the start of an examination."""

    def __init__(self, budget: float | int) -> None:
        """Start the clock.

        Args:
            budget: seconds.

        Raises:
            ValueError: if the budget is not a positive number.
        """
        if isinstance(budget, str) or not budget > 0:
            raise ValueError(f"budget: got {budget!r}, expected a positive number of seconds.")
        self.budget, self.start = budget, time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.start

    def left(self) -> float:
        """Return the seconds left of the budget, negative once the budget is used up."""
        return self.budget - self.elapsed()


def in_turns(turn: Callable[[], None], enough: Callable[[int], bool], clock: Clock) -> bool:
    """Take turns until there are enough or time is up.

    Args:
        turn: draws a batch of each gradient.
        enough: returns whether this number of turns is enough.
        clock: the budget.

    Returns:
        Whether time sufficed for `FEWEST` turns.
    """
    n, first = 0, clock.elapsed()
    end = max(clock.budget, first) + GRACE
    while n < FEWEST or clock.left() > 0 and not enough(n):
        now = clock.elapsed()
        if n == 1:  # the first turn compiles
            first = now
        elif 1 < n < FEWEST and now + (FEWEST - n) * (now - first) / (n - 1) > end:
            return False
        turn()
        n += 1
    return True
