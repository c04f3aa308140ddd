"""The base of experiments, and declarations of parameters and arrays."""

import copy
import dataclasses
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, ClassVar

import numpy as np

from experiments.engine.declare.bounds import Bounds, check_ranges
from experiments.engine.declare.quantity import Quantity as Quantity
from experiments.engine.declare.quantity import band as band
from experiments.engine.declare.quantity import exact as exact
from experiments.engine.declare.quantity import statistical as statistical
from experiments.engine.errors import UserError

Data = dict[str, np.ndarray]

MAX_SEED = 2**32 - 1  # In single precision, JAX's keys drop higher bits.


def param(default: Any, help: str, *, unit: str = "", **bounds: Any) -> Any:
    """Declare a parameter of an experiment.

    Args:
        default: Its default; a list is copied for every instance.
        help: The parameter's meaning, in a few words.
        unit: The unit; empty for plain numbers.
        **bounds: Fields of `Bounds`. For a list, above, below, low, high and choices hold for each
            element; length, distinct and rising for the list.
    """
    if bounds.get("choices") is not None:
        bounds["choices"] = tuple(bounds["choices"])
    metadata = {"help": help, "unit": unit, "bounds": Bounds(**bounds)}
    if isinstance(default, list | dict) or dataclasses.is_dataclass(default):
        return field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def seeds_param() -> Any:
    """Declare the seeds of an experiment with randomness; by default the run's own `seeds`."""
    help = "random seeds, each computed and cached by itself"
    return param("${seeds}", help, low=0, high=MAX_SEED, distinct=True)


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


@dataclass
class Experiment(ABC):
    """Base of experiments. The fields of an experiment are parameters and the config schema.

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

    @classmethod
    def declarations(cls) -> list[tuple[ArraySpec, list[str]]]:
        """Group consecutive array names that share a declaration."""
        grouped = itertools.groupby(cls.ARRAYS.items(), key=itemgetter(1))
        return [(spec, [name for name, _ in group]) for spec, group in grouped]

    def check(self, path: str = "") -> None:
        """Check every parameter against its range, and the experiment's own conditions.

        Args:
            path: Place of the experiment in the config, to name a parameter in full.

        Raises:
            UserError: For the first parameter that is out of range.
        """
        check_ranges(self, path)
        self.validate(path)

    def validate(self, path: str) -> None:  # noqa: B027
        """Check conditions that span parameters.

        Args:
            path: As in `check`; errors name the parameter `x` as `f"{path}.x"`.

        Raises:
            UserError: If a condition is not met.
        """

    def parameter_error(
        self, path: str, what: str, names: str, expected: str, **fix: object
    ) -> UserError:
        """Return an error about incompatible parameters.

        Args:
            path: As in `check`.
            what: The mistake.
            names: The parameters, separated by spaces; the message begins with the first.
            expected: Accepted values.
            **fix: Values of parameters that would be accepted.
        """
        parameters = names.split()
        got = ", ".join(f"{name}={getattr(self, name)}" for name in parameters)
        values = [f"{path}.{name}={value}".replace(" ", "") for name, value in fix.items()]
        return UserError(f"{path}.{parameters[0]}: {what}", got, expected, " ".join(values))

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

    def resolve_auto(self, on_cpu: bool) -> Mapping[str, Any]:
        """Set the parameters that depend on the machine, before the key is computed.

        Args:
            on_cpu: Whether the run computes on a CPU.

        Returns:
            The values set, by name.
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


@dataclass
class SeedsAtOnce(Experiment):
    """Base of experiments that are vectorised over seeds."""

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
