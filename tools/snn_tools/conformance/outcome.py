"""What a check found."""

from __future__ import annotations

from typing import NamedTuple

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Outcome(NamedTuple):
    """The outcome of one check.

    Attributes:
        check: The check's name.
        status: `PASSED`, `FAILED` or `SKIPPED`.
        message: What was found: what, got, expected. Why, where nothing was checked.
        at: The potential at which it shows.
        dtype: The precision in which it shows.
    """

    check: str
    status: str
    message: str = ""
    at: float = 0.5
    dtype: str = "float32"


class Failure(Exception):
    """Raised by a check: the message, and the potential and precision at which it shows."""

    def __init__(self, message: str, at: float = 0.5, dtype: str = "float32") -> None:
        super().__init__(message)
        self.at, self.dtype = float(at), dtype


class Skipped(Exception):
    """Raised by a check that does not apply; the message says why."""
