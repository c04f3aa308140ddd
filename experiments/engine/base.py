"""What an experiment's schema is made of: parameters with meaning and range, and quantities."""

import copy
import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, SupportsFloat

import numpy as np

from experiments.engine.bounds import Bounds, check_ranges
from experiments.engine.errors import UserError
from experiments.engine.estimate import refuse_too_large

Data = dict[str, np.ndarray]

KINDS = {
    "exact": ("rtol", "atol"),
    "statistical": ("se",),
    "band": ("low", "high", "why", "ci_low", "ci_high"),
}
"""Kinds of quantities, and what each has beside its value."""

MAX_SEED = 2**63 - 1


def param(default: Any, help: str, *, unit: str = "", **bounds: Any) -> Any:
    """Declares a parameter of an experiment.

    Args:
        default: Its default; a list is copied for every instance.
        help: Its meaning, in a few words.
        unit: Its unit, where it has one.
        **bounds: The fields of `Bounds`: above, below, low, high (a number, or the name of another
            parameter), choices, which hold for each element of a list; its length, and whether it
            is distinct or rising.
    """
    if bounds.get("choices") is not None:
        bounds["choices"] = tuple(bounds["choices"])
    metadata = {"help": help, "unit": unit, "bounds": Bounds(**bounds)}
    if isinstance(default, list | dict) or dataclasses.is_dataclass(default):
        return field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def seeds_param(high: int = MAX_SEED) -> Any:
    """Declares the seeds of an experiment with randomness; by default the run's own `seeds`."""
    help = "random seeds, each computed and cached by itself"
    return param("${seeds}", help, low=0, high=high, distinct=True)


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
    rtol: float = 0.0
    atol: float = 0.0
    se: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    why: str = ""
    ci_low: float | None = None
    ci_high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields that this kind of quantity has."""
        fields = {name: getattr(self, name) for name in ("value", "kind", *KINDS[self.kind])}
        return {name: value for name, value in fields.items() if value is not None}

    @property
    def error(self) -> float:
        """Standard error, error bound, or half the width of the band."""
        if self.kind == "statistical":
            return self.se
        if self.kind == "band":
            return (self.high - self.low) / 2
        return self.rtol * abs(self.value) + self.atol


def exact(value: SupportsFloat, rtol: SupportsFloat = 1e-9, atol: SupportsFloat = 0.0) -> Quantity:
    """A quantity that holds on every machine, up to rounding."""
    return Quantity(float(value), "exact", rtol=float(rtol), atol=float(atol))


def statistical(value: SupportsFloat, se: SupportsFloat) -> Quantity:
    """An estimate with its standard error."""
    return Quantity(float(value), "statistical", se=float(se))


def band(
    value: SupportsFloat,
    low: float,
    high: float,
    why: str,
    interval: tuple[float, float] | None = None,
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


def stacked(rows: Sequence[Mapping[str, Any]]) -> Data:
    """Results of one kind, such as those of several slopes, with a leading axis of them."""
    return {name: np.stack([np.asarray(row[name]) for row in rows]) for name in rows[0]}


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

    def check(self, path: str = "", number_bytes: int = 8) -> None:
        """Checks every parameter against its range, memory, and the experiment's own conditions.

        Args:
            path: Where the experiment stands in the config, to name a parameter in full.
            number_bytes: Bytes of a number; 0 where nothing is computed.

        Raises:
            UserError: For the first parameter that is out of range.
        """
        check_ranges(self, path)
        refuse_too_large(self, path, number_bytes)
        self.validate(path)

    @staticmethod
    def synapses(*sizes: int) -> int:
        """Weights between layers of such sizes, inputs first."""
        return sum(before * after for before, after in itertools.pairwise(sizes))

    def held(self) -> float:
        """How many numbers `compute` holds at once, at the least, from the shapes of its arrays."""
        return 0.0

    def work(self) -> float:
        """What the time of one seed grows in proportion to.

        In steps of neurons or synapses, so that a figure's experiments are of one unit.
        """
        return max(self.held(), 1.0)

    def validate(self, path: str) -> None:
        """Checks conditions that span parameters; raises `UserError`.

        Args:
            path: As in `check`: the parameter `x` is to be named `f"{path}.x"`.
        """

    def refusal(self, path: str, what: str, names: str, expected: str, **fix: object) -> UserError:
        """The error to raise where parameters do not suit each other.

        Args:
            path: As in `check`.
            what: The mistake.
            names: The parameters, set apart by spaces; the first is named as the one at fault.
            expected: What would have been accepted.
            **fix: Values of parameters that would do.
        """
        each = names.split()
        got = ", ".join(f"{name}={getattr(self, name)}" for name in each)
        values = [f"{path}.{name}={value}".replace(" ", "") for name, value in fix.items()]
        return UserError(f"{path}.{each[0]}: {what}", got, expected, " ".join(values))

    def summary(self, data: Data) -> dict[str, Quantity]:
        """The numbers that stand for the result.

        Args:
            data: The arrays of `compute`; with seeds, each has a leading axis of them.
        """
        return {}

    def pooled(self, data: Data) -> Data:
        """What follows from all seeds together and a figure shows: intervals, decisions.

        Args:
            data: As in `summary`.

        Returns:
            Further arrays, without an axis of seeds.
        """
        return {}

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """What follows from this panel and others, and a figure shows: paired differences.

        Args:
            panel: This panel's name.
            panels: Arrays of all panels by name, each as in `summary`.

        Returns:
            Further arrays of this panel, without an axis of seeds.
        """
        return {}

    def input_digest(self) -> str:
        """A hash of the files that the result depends on, for the cache; empty without files."""
        return ""

    @property
    def seed_list(self) -> list[int | None]:
        """The seeds to compute; one None for an experiment without randomness."""
        return list(getattr(self, "seeds", [None]))


def derived(experiments: Mapping[str, Experiment], panels: Mapping[str, Data]) -> dict[str, Data]:
    """What follows from all seeds (`pooled`) and from other panels (`compared`), by panel."""
    return {
        name: experiment.pooled(panels[name]) | experiment.compared(name, panels)
        for name, experiment in experiments.items()
    }
