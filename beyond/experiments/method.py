"""Methods by their parts, and their names in arrays, parameters and claims."""

import re
from dataclasses import astuple, dataclass
from typing import Self

RESETS = ("detached", "through", "ignored")
"""How a surrogate's reset is differentiated; the first is not part of a name."""
RUNS = {1: "", 0: "_one", 4: "_more"}
"""Ends of names, by budgets of forward passes per update; 0: one pass, whatever the budget."""
SLOPED = re.compile(
    r"(?P<estimator>surrogate\w*?)"
    r"(?:_(?P<reset>through|ignored))?(?:_x(?P<slope>\d+(?:\.\d+)?))?(?P<runs>_one|_more)?"
)
OTHER = re.compile(r"(?P<estimator>.+?)(?P<runs>_one|_more)?")


@dataclass(frozen=True)
class Method:
    """Parts of a method: estimator, slope, reset and budget.

    A combination of parts whose name would mean other parts is an error.

    Attributes:
        estimator: name of an estimator of the catalogue, or of another direction, without the
            parts below.
        slope: slope of a surrogate over that of the escape noise.
        reset: derivative of a surrogate's reset, one of `RESETS`.
        runs: budgets of runs per update, a key of `RUNS`.
    """

    estimator: str = "surrogate"
    slope: float = 1.0
    reset: str = RESETS[0]
    runs: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for parts that no name has."""
        if self.runs not in RUNS or _parts(self.name) != astuple(self):
            raise ValueError(f"no name for {self}; other parts: RESETS, RUNS and SLOPED here")

    @classmethod
    def from_name(cls, name: str) -> Self:
        """Return the method of a name: the inverse of `name`."""
        return cls(*_parts(name))

    @property
    def name(self) -> str:
        """The name for arrays, parameters and claims."""
        reset = "" if self.reset == RESETS[0] else f"_{self.reset}"
        slope = "" if self.slope == 1 else f"_x{self.slope:g}"
        return f"{self.estimator}{reset}{slope}{RUNS[self.runs]}"


def _parts(name: str) -> tuple[str, float, str, int]:
    match = SLOPED.fullmatch(name) or OTHER.fullmatch(name)
    if not match:
        raise ValueError(f"a method has a name, got {name!r}")
    part = {key: value for key, value in match.groupdict().items() if value}
    runs = {end: n for n, end in RUNS.items()}[part.get("runs", "")]
    slope, reset = float(part.get("slope", 1)), part.get("reset", RESETS[0])
    return part["estimator"], slope, reset, runs
