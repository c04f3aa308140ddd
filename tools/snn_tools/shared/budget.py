"""Time budget of an examination, in seconds of the clock."""

import re
import time

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def seconds(budget: str | float | int) -> float:
    """Convert a budget to seconds.

    Args:
        budget: seconds, or a text such as ``"30s"``, ``"1min"`` or ``"0.5h"``.

    Raises:
        ValueError: if the budget has another form or is not positive.
    """
    if isinstance(budget, float | int) and budget > 0:
        return float(budget)
    match = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*", str(budget).lower())
    value = float(match[1]) * UNITS.get(match[2] or "s", 0.0) if match else 0.0
    if not value > 0:
        raise ValueError(
            f"budget: got {budget!r}, expected a positive number of seconds or a text such as "
            f'"30s", "1min" or "0.5h".'
        )
    return value


class Clock:
    """Time since the start of an examination."""

    def __init__(self, budget: str | float | int) -> None:
        """Start the clock; the budget is as `seconds` reads it."""
        self.budget, self.start = seconds(budget), time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.start

    def left(self) -> float:
        """Return the seconds left of the budget, negative once the budget is used up."""
        return self.budget - self.elapsed()
