"""Time budget of an examination, and one line of progress on a terminal."""

import re
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}

CODE_S = 60.0
"""Seconds that the tests of a network's code may use, even if the budget is smaller."""


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
    """Time since the start of an examination.

    By default the clock counts processor time of all threads of this process. Other programs on the
    machine then do not change what an examination has time for.
    """

    def __init__(
        self, budget: str | float | int, timer: Callable[[], float] = time.process_time
    ) -> None:
        """Start the clock.

        Args:
            budget: seconds, or a text such as ``"30s"``.
            timer: returns seconds. Work on an accelerator uses no processor time of the host;
                `time.monotonic` counts it.
        """
        self.budget = seconds(budget)
        self.interrupted = False
        self.timer, self.start = timer, timer()
        self.began, self.processor = time.monotonic(), time.process_time()

    def elapsed(self) -> float:
        """Return the seconds since the start, by the clock's timer."""
        return self.timer() - self.start

    def left(self) -> float:
        """Return the seconds left of the budget, negative once the budget is used up."""
        return self.budget - self.elapsed()

    def has_time_for_code(self) -> bool:
        """Return whether tests of the code may go on: within the budget, or within `CODE_S`."""
        return self.elapsed() < max(self.budget, CODE_S)

    def wall(self) -> float:
        """Return the seconds since the start on a clock on the wall."""
        return time.monotonic() - self.began

    def show(self, stage: str) -> None:
        """Show the current stage and an upper estimate of the time left, on a terminal only."""
        if sys.stderr.isatty():
            share = min(100, int(100 * self.elapsed() / self.budget))
            rest = max(0, int(self.left()))
            sys.stderr.write(f"\r\033[K[{share:3d} %] {stage}, at most about {rest} s left")
            sys.stderr.flush()

    def close(self) -> None:
        """Clear the line of progress."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")


PILOT, GRADIENT = 3.0, 1.5
"""Compile times of the pilot and of one gradient, relative to the compile time of trials."""


class Cost(NamedTuple):
    """Seconds to compile the gradient of single trials, and to run the gradient of one trial."""

    compiled: float
    run: float
