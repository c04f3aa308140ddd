"""The base of experiments, and declarations of parameters and arrays."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)

from experiments.engine.quantity import Quantity as Quantity
from experiments.engine.quantity import at as at
from experiments.engine.quantity import band as band
from experiments.engine.quantity import exact as exact
from experiments.engine.quantity import statistical as statistical

Data = dict[str, np.ndarray]
T = TypeVar("T")

MAX_SEED = 2**32 - 1  # In single precision, JAX's keys drop higher bits.
MANY = 100_000_000
"""Largest count."""

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1, le=MANY)]
Size = Annotated[int, Field(ge=1, le=10_000)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
"""Types of parameters that are numbers."""


def _distinct(values: list[T]) -> list[T]:
    if len(values) > len(set(values)):
        raise ValueError(f"every value once: {list(dict.fromkeys(values))}")
    return values


def _rising(values: list[Any]) -> list[Any]:
    if values != sorted(set(values)):
        raise ValueError(f"each value larger than the one before: {sorted(set(values))}")
    return values


Several = Annotated[list[T], Field(min_length=1)]
Distinct = Annotated[list[T], Field(min_length=1), AfterValidator(_distinct)]
Rising = Annotated[list[T], Field(min_length=1), AfterValidator(_rising)]
"""Types of parameters that are lists, such as ``Rising[Positive]``."""


@dataclass(frozen=True)
class OneOf:
    """Type of a name from a catalogue, as ``Annotated[str, OneOf(CATALOGUE)]``.

    `typing.Literal` does the same for names that are written out.
    """

    names: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler.generate_schema(Literal[tuple(self.names)])


def param(default: Any, help: str, *, unit: str = "", shared: str = "") -> Any:
    """Declare a parameter of an experiment. Its type has the limits.

    Args:
        default: The default.
        help: The parameter's meaning, in a few words.
        unit: The unit; empty for plain numbers.
        shared: Parameter of the run, such as "data.name", that is the default in a run.
    """
    extra: dict[str, Any] = {"unit": unit, "shared": shared}
    return Field(default=default, description=help, json_schema_extra=extra)


def seeds_param() -> Any:
    """Declare the seeds of an experiment with randomness; by default the run's own `seeds`."""
    return param([0], "random seeds, each computed and cached by itself", shared="seeds")


@dataclass(frozen=True)
class ArraySpec:
    """Axes, meaning and unit of an array of a result.

    Attributes:
        axes: Names of the axes, in order. The first axis is "seed" for an array of each seed, or
            "first seed" if only the first seed's array is kept. Arrays computed from all seeds
            have neither.
        meaning: The array's meaning, in a few words.
        unit: The unit; empty for plain numbers.
    """

    axes: tuple[str, ...]
    meaning: str
    unit: str = ""

    def each(self, name: str, parts: Iterable[object]) -> dict[str, "ArraySpec"]:
        """Return the same declaration for several arrays, as "{}_loss" of "train", "valid"."""
        return dict.fromkeys(map(name.format, parts), self)


def array(axes: str, meaning: str, *, unit: str = "") -> ArraySpec:
    """Declare an array of an experiment, with axes as in "seed, slope, angle"."""
    return ArraySpec(tuple(filter(None, axes.split(", "))), meaning, unit)


def stacked(rows: Sequence[Mapping[str, Any]]) -> Data:
    """Stack results of several slopes, rates or seeds along a leading axis."""
    return {name: np.stack([np.asarray(row[name]) for row in rows]) for name in rows[0]}


def listed(data: Data, axis: str) -> list[str]:
    """Return the names along an axis, such as "estimators", that are stored with the numbers.

    The numbers may be older than the experiment's present list.
    """
    return [str(name) for name in data[axis][0]]


class Frozen(BaseModel):
    """Base of parameters: strict, so that "3" and true are not numbers, and frozen."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        validate_default=True,
        allow_inf_nan=False,
        ignored_types=(cached_property,),
    )


class Experiment(Frozen, ABC):
    """Base of experiments. The fields of an experiment are its parameters.

    Attributes:
        ARRAYS: Declarations of the arrays that `compute`, `pooled` and `compared` return.
        CONCLUDES_FROM: Panels that `conclusions` needs. A run without them has no conclusions.
        NEEDS_X64: Whether single precision makes the numbers meaningless.
        NOT_IN_KEY: Parameters that change no number, such as folders of files.
    """

    ARRAYS: ClassVar[Mapping[str, ArraySpec]] = {}
    CONCLUDES_FROM: ClassVar[tuple[str, ...]] = ()
    NEEDS_X64: ClassVar[bool] = False
    NOT_IN_KEY: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def compute(self, seed: Any) -> Data:
        """Return all arrays of one seed, without an axis of seeds.

        Args:
            seed: One of `seeds`; None for an experiment without randomness.
        """

    @classmethod
    def about(cls, name: str) -> ArraySpec:
        """Return an array's axes, unit and meaning.

        Raises:
            TypeError: If the array is not declared.
        """
        if name not in cls.ARRAYS:
            raise TypeError(f"{cls.__name__} does not declare an array {name}: add it to ARRAYS")
        return cls.ARRAYS[name]

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.check()
        return self

    def check(self) -> None:  # noqa: B027
        """Raise `ValueError`, with a sentence, if parameters do not fit together."""

    def given(self, *names: str) -> str:
        """Return parameters as typed, such as "rate=50.0, dt=0.1", for the message of `check`."""
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the numbers that summarise the result.

        Args:
            data: The arrays of `compute`, with a leading axis of seeds if there are seeds.
        """
        return {}

    def pooled(self, data: Data) -> Data:
        """Return arrays computed from all seeds, such as intervals and decisions.

        Args:
            data: As in `summary`.

        Returns:
            Further arrays, without an axis of seeds.
        """
        return {}

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return arrays computed from several panels, such as paired differences.

        Args:
            panel: This panel's name.
            panels: Arrays of all panels by name, each as in `summary`.

        Returns:
            Further arrays of this panel, without an axis of seeds.
        """
        return {}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return quantities over several panels that decide claims on the committed numbers.

        Args:
            panels: Arrays of this experiment's panels by name, with those of `pooled` and
                `compared`. All panels of `CONCLUDES_FROM` are present. The user may have changed
                seeds and methods.

        Returns:
            Quantities by "panel.name", with names that `summary` does not use; empty if the user's
            choice allows no conclusion.
        """
        return {}

    def check_inputs(self) -> None:  # noqa: B027
        """Raise `UserError`, before computing, for files that are missing or too small."""

    def input_digest(self) -> str:
        """Return a hash of the files that the result depends on; empty without files.

        The hash must be of the content that `compute` reads: read the file once, or compare its
        content with this hash when reading it.
        """
        return ""

    @property
    def seed_list(self) -> list[int | None]:
        """Seeds to compute; a single None for an experiment without randomness."""
        return list(getattr(self, "seeds", [None]))


class SeedsAtOnce(Experiment):
    """Base of experiments that are vectorised over seeds.

    The result of a seed must not depend on the others: compute at a fixed width, such as groups
    that repeats fill up. Rounding depends on the width of a vectorised program, and training
    amplifies it.
    """

    @abstractmethod
    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Return the arrays of each seed, as `compute` does for a single seed."""

    def compute(self, seed: int) -> Data:
        return self.compute_many([seed])[0]


def derived(experiments: Mapping[str, Experiment], panels: Mapping[str, Data]) -> dict[str, Data]:
    """Return the arrays of `pooled` and `compared`, by panel."""
    return {
        name: experiment.pooled(panels[name]) | experiment.compared(name, panels)
        for name, experiment in experiments.items()
    }
