"""How long an examination may take, and what a terminal sees of it."""

import re
import sys
import time
from typing import NamedTuple

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def seconds(budget: str | float | int) -> float:
    """Read a budget, in seconds.

    Args:
        budget: seconds, or a text such as ``"30s"``, ``"1min"`` or ``"0.5h"``.

    Raises:
        ValueError: for anything else, or a budget that is not positive.
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*", str(budget).lower())
    value = float(found[1]) * UNITS.get(found[2] or "s", 0.0) if found else 0.0
    if not value > 0:
        raise ValueError(
            f"budget: got {budget!r}, expected a positive number of seconds or a text such as "
            f'"30s", "1min" or "0.5h".'
        )
    return value


class Clock:
    """Time since the start of an examination, and one line of progress on a terminal."""

    def __init__(self, budget: str | float | int) -> None:
        self.budget = seconds(budget)
        self.interrupted = False
        self.start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.start

    def left(self) -> float:
        """Seconds that are left of the budget; negative beyond it."""
        return self.budget - self.elapsed()

    def says(self, what: str) -> None:
        """Show what is being done, and an upper estimate of what is left."""
        if sys.stderr.isatty():
            share = min(100, int(100 * self.elapsed() / self.budget))
            left = max(0, int(self.left()))
            sys.stderr.write(f"\r\033[K[{share:3d} %] {what}, at most about {left} s left")
            sys.stderr.flush()

    def close(self) -> None:
        """Wipe the line."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")


PILOT, GRADIENT = 3.0, 1.5
"""What the pilot and one gradient take to compile, over what single trials take."""


class Cost(NamedTuple):
    """Seconds that single trials took: to compile their gradient, and to run that of one."""

    compiled: float
    run: float
