"""Time budget of an examination, in seconds of the clock."""

import time


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
