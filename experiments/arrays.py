"""What the arrays of a result are: axes, units and meanings, from arrays.yaml beside this file."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

LINE = re.compile(r"\((?P<axes>[^)]*)\)(?: \[(?P<unit>[^\]]+)\])? (?P<meaning>.+)")


@dataclass(frozen=True)
class About:
    """What is known of an array.

    Attributes:
        axes: Names of its axes, in order.
        unit: Its unit; empty for a plain number.
        meaning: What it is, in words.
    """

    axes: tuple[str, ...]
    unit: str
    meaning: str


@cache
def catalogue() -> dict[str, dict[str, About]]:
    """Every description, by experiment and name; a star in a name stands for any part of it."""
    text = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return {
        experiment: {pattern: _parsed(line) for pattern, line in lines.items()}
        for experiment, lines in text.items()
    }


def pattern_of(experiment: str, name: str) -> str | None:
    """The entry that describes an array: its own, else the first with a star that fits."""
    lines = catalogue().get(experiment, {})
    if name in lines:
        return name
    return next((pattern for pattern in lines if fnmatchcase(name, pattern)), None)


def about(experiment: str, name: str) -> About | None:
    """What an array of an experiment is; None where nothing is written of it."""
    pattern = pattern_of(experiment, name)
    return catalogue()[experiment][pattern] if pattern else None


def _parsed(line: str) -> About:
    found = LINE.fullmatch(line)
    if not found:
        raise ValueError(f"not of the form (axes) [unit] meaning: {line}")
    axes = tuple(filter(None, found["axes"].split(", ")))
    return About(axes, found["unit"] or "", found["meaning"])
