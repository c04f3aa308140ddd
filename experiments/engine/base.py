"""What an experiment's schema is made of: parameters with meaning and range, and quantities."""

import copy
import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from experiments.engine.errors import UserError, nearest

Data = dict[str, np.ndarray]

MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Bounds:
    """What a parameter's value, or each element of a list, may be.

    Attributes:
        above: Exclusive lower bound.
        below: Exclusive upper bound.
        low: Inclusive lower bound.
        high: Inclusive upper bound.
        choices: The only values allowed.
        length: The number of elements of a list.
    """

    above: float | None = None
    below: float | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None
    length: int | None = None

    def allow(self, value: Any) -> bool:
        """Whether `value` may be used."""
        if self.choices is not None and value not in self.choices:
            return False
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return (
            (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
        )

    def __str__(self) -> str:
        if self.choices is not None:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        limits = ((">", self.above), (">=", self.low), ("<", self.below), ("<=", self.high))
        parts = [f"{sign} {limit:g}" for sign, limit in limits if limit is not None]
        return " and ".join(parts) or "any finite value"


def param(default: Any, help: str, *, unit: str = "", **bounds: Any) -> Any:
    """Declares a parameter of an experiment.

    Args:
        default: Its default; a list is copied for every instance.
        help: Its meaning, in a few words.
        unit: Its unit, where it has one.
        **bounds: The fields of `Bounds`: above, below, low, high, choices, which hold for each
            element of a list, and its length.
    """
    if bounds.get("choices") is not None:
        bounds["choices"] = tuple(bounds["choices"])
    metadata = {"help": help, "unit": unit, "bounds": Bounds(**bounds)}
    if isinstance(default, list | dict) or dataclasses.is_dataclass(default):
        return field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def seeds_param() -> Any:
    """Declares the seeds of an experiment with randomness; by default the run's own `seeds`."""
    help = "random seeds, each computed and cached by itself"
    return param("${seeds}", help, low=0, high=MAX_SEED)


@dataclass(frozen=True)
class Quantity:
    """A number that a result is summarised by, and how exactly it must be reproduced.

    Attributes:
        value: The number.
        kind: "exact" (the same on every machine and JAX up to rtol and atol), "statistical"
            (an estimate with a standard error) or "band" (a training result, in [low, high]).
        rtol: Relative tolerance of an exact quantity.
        atol: Absolute tolerance of an exact quantity.
        se: Standard error of a statistical quantity.
        ci_low: Lower end of the 95 % confidence interval, where one is given.
        ci_high: Its upper end.
        low: Lower end of a band.
        high: Upper end of a band.
        why: Where a band comes from.
    """

    value: float
    kind: str
    rtol: float | None = None
    atol: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    why: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields that this kind of quantity has."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v is not None}

    @property
    def error(self) -> float:
        """Standard error, error bound, or half the width of the band."""
        if self.kind == "statistical":
            return self.se
        if self.kind == "band":
            return (self.high - self.low) / 2
        return self.rtol * abs(self.value) + self.atol


def exact(value: float, rtol: float = 1e-9, atol: float = 0.0) -> Quantity:
    """A quantity that holds on every machine, up to rounding."""
    return Quantity(float(value), "exact", rtol=float(rtol), atol=float(atol))


def statistical(value: float, se: float) -> Quantity:
    """An estimate with its standard error."""
    return Quantity(float(value), "statistical", se=float(se))


def band(
    value: float, low: float, high: float, why: str, interval: tuple[float, float] | None = None
) -> Quantity:
    """A result of training, which must fall in [low, high] for the reason given.

    Args:
        value: The number.
        low: Lower end.
        high: Upper end.
        why: The reason.
        interval: Its 95 % confidence interval, for the record.
    """
    ends = {} if interval is None else dict(ci_low=float(interval[0]), ci_high=float(interval[1]))
    return Quantity(float(value), "band", low=float(low), high=float(high), why=why, **ends)


@dataclass
class Experiment:
    """Base of every experiment: its fields are its parameters, and its config schema.

    Attributes:
        NEEDS_X64: Whether its numbers mean nothing in single precision.
        OF_FIRST_SEED: Names of arrays that a figure gets of the first seed alone.
        NOT_IN_KEY: Parameters on which no number depends, such as where files are.
    """

    NEEDS_X64: ClassVar[bool] = False
    OF_FIRST_SEED: ClassVar[frozenset[str]] = frozenset()
    NOT_IN_KEY: ClassVar[frozenset[str]] = frozenset()

    def check(self, path: str = "") -> None:
        """Checks every parameter against its range, then the experiment's own conditions.

        Args:
            path: Where the experiment stands in the config, to name a parameter in full.

        Raises:
            UserError: For the first parameter that is out of range.
        """
        check_ranges(self, path)
        self.validate(path)

    def validate(self, path: str) -> None:
        """Checks conditions that span parameters; raises `UserError`.

        Args:
            path: As in `check`: the parameter `x` is to be named `f"{path}.x"`.
        """

    def summary(self, data: Data) -> dict[str, Quantity]:
        """The numbers that stand for the result.

        Args:
            data: The arrays of `compute`; with seeds, each has a leading axis of them.
        """
        return {}

    def input_digest(self) -> str:
        """A hash of the files that the result depends on, for the cache; empty without files."""
        return ""

    @property
    def seed_list(self) -> list[int | None]:
        """The seeds to compute; one None for an experiment without randomness."""
        return list(getattr(self, "seeds", [None]))


def check_ranges(node: Any, path: str) -> None:
    """Checks the fields of a config dataclass, and of those nested in it, against their bounds."""
    for item in dataclasses.fields(node):
        name, value = f"{path}.{item.name}".lstrip("."), getattr(node, item.name)
        if dataclasses.is_dataclass(value):
            check_ranges(value, name)
            continue
        if isinstance(value, list) and not value:
            raise UserError(f"{name} is empty", "[]", "at least one value", f"{name}=[...]")
        if item.name == "seeds" and len(set(value)) < len(value):
            raise UserError("a seed is listed twice", value, "distinct seeds", "drop the repeats")
        bounds = item.metadata.get("bounds")
        if bounds is not None and bounds.length is not None and len(value) != bounds.length:
            raise UserError(
                f"{name} has the wrong length",
                f"{len(value)} values, {value}",
                f"{bounds.length} values ({item.metadata['help']})",
                f"{name}=[{','.join(['...'] * bounds.length)}]",
            )
        for element in _elements(value):
            if bounds is not None and element is not None and not bounds.allow(element):
                raise UserError(
                    f"{name} is out of range",
                    element,
                    f"{bounds} ({item.metadata['help']})",
                    f"{name}={_example(value, bounds)}",
                )


def _example(value: Any, bounds: Bounds) -> str:
    """A value that would have been allowed, to show in the message."""
    if bounds.choices is not None:
        names = [str(choice) for choice in bounds.choices]
        wrong = next((item for item in _elements(value) if item not in bounds.choices), "")
        example = nearest(str(wrong), names) or names[0]
    elif bounds.low is not None or bounds.high is not None:
        example = bounds.low if bounds.low is not None else bounds.high
    elif bounds.above is not None and bounds.below is not None:
        example = (bounds.above + bounds.below) / 2
    elif bounds.above is not None:
        example = bounds.above + 1
    elif bounds.below is not None:
        example = bounds.below - 1
    else:
        example = 0
    return f"[{example}]" if isinstance(value, list) else str(example)


def _elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
