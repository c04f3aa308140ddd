"""What an experiment declares: parameters with range, arrays with axes, and quantities."""

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

MAX_SEED = 2**63 - 1


def param(default: Any, help: str, *, unit: str = "", **bounds: Any) -> Any:
    """Declare a parameter of an experiment.

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
    """Declare the seeds of an experiment with randomness; by default the run's own `seeds`."""
    help = "random seeds, each computed and cached by itself"
    return param("${seeds}", help, low=0, high=high, distinct=True)


@dataclass(frozen=True)
class ArraySpec:
    """What an array of a result is.

    Attributes:
        axes: Names of its axes, in order. The first is "seed" if each seed has one, or
            "first seed" if only that of the first is kept; arrays that follow from all seeds
            together have no such axis.
        meaning: What it is, in a few words.
        unit: Its unit; empty for a plain number.
    """

    axes: tuple[str, ...]
    meaning: str
    unit: str = ""

    def each(self, name: str, parts: Iterable[object]) -> dict[str, "ArraySpec"]:
        """Return it under several names, as "{}_loss" of "train" and "valid"."""
        return dict.fromkeys(map(name.format, parts), self)


def array(axes: str, meaning: str, *, unit: str = "") -> ArraySpec:
    """Declare an array of an experiment, with axes as in "seed, slope, angle"."""
    return ArraySpec(tuple(filter(None, axes.split(", "))), meaning, unit)


def stacked(rows: Sequence[Mapping[str, Any]]) -> Data:
    """Stack results of one kind, such as those of several slopes, along a leading axis."""
    return {name: np.stack([np.asarray(row[name]) for row in rows]) for name in rows[0]}


def listed(data: Data, axis: str) -> list[str]:
    """Return the names along an axis, such as "estimators", that lie beside the numbers.

    Not those that an experiment would compute today: numbers may be older than its list.
    """
    return [str(name) for name in data[axis][0]]


@dataclass
class Experiment(ABC):
    """Base of every experiment: its fields are its parameters, and its config schema.

    Attributes:
        ARRAYS: What each array is that `compute`, `pooled` and `compared` return.
        CONCLUDES_FROM: Panels that `conclusions` needs: a run without one of them has none.
        NEEDS_X64: Whether its numbers mean nothing in single precision.
        NOT_IN_KEY: Parameters on which no number depends, such as where files are.
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
            TypeError: If it is not declared.
        """
        if name not in cls.ARRAYS:
            raise TypeError(f"{cls.__name__} does not declare an array {name}: add it to ARRAYS")
        return cls.ARRAYS[name]

    @classmethod
    def declarations(cls) -> list[tuple[ArraySpec, list[str]]]:
        """Return what is said of arrays, in order, with the names of which it is said at once."""
        grouped = itertools.groupby(cls.ARRAYS.items(), key=itemgetter(1))
        return [(said, [name for name, _ in group]) for said, group in grouped]

    def check(self, path: str = "") -> None:
        """Check every parameter against its range, and the experiment's own conditions.

        Args:
            path: Where the experiment stands in the config, to name a parameter in full.

        Raises:
            UserError: For the first parameter that is out of range.
        """
        check_ranges(self, path)
        self.validate(path)

    def validate(self, path: str) -> None:  # noqa: B027
        """Check conditions that span parameters; raises `UserError`.

        Args:
            path: As in `check`: the parameter `x` is to be named `f"{path}.x"`.
        """

    def refusal(self, path: str, what: str, names: str, expected: str, **fix: object) -> UserError:
        """Return the error to raise where parameters are incompatible.

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
        """Return the numbers that summarise the result.

        Args:
            data: The arrays of `compute`; with seeds, each has a leading axis of them.
        """
        return {}

    def pooled(self, data: Data) -> Data:
        """Return arrays over all seeds that a figure shows: intervals, decisions.

        Args:
            data: As in `summary`.

        Returns:
            Further arrays, without an axis of seeds.
        """
        return {}

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return arrays over several panels that a figure shows: paired differences.

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
            panels: Arrays of this experiment's panels by name, those of `pooled` and `compared`
                included. Those of `CONCLUDES_FROM` are there; seeds and methods may be of the
                user's own choice.

        Returns:
            Quantities by "panel.name", other names than those of `summary`; none where a choice
            leaves nothing to conclude.
        """
        return {}

    def settle(self, on_cpu: bool) -> Mapping[str, Any]:
        """Set parameters that were left to the machine, before the key is made; return them.

        Args:
            on_cpu: Whether the run computes on a CPU.
        """
        return {}

    def check_inputs(self) -> None:  # noqa: B027
        """Refuse files that are missing or too small; raises `UserError` before computing."""

    def input_digest(self) -> str:
        """Return a hash of the files that the result depends on; empty without files.

        It is of what `compute` reads, which must not be another file by then: read it once, or
        compare it with this hash when it is read.
        """
        return ""

    @property
    def seed_list(self) -> list[int | None]:
        """The seeds to compute; one None for an experiment without randomness."""
        return list(getattr(self, "seeds", [None]))


@dataclass
class SeedsAtOnce(Experiment):
    """Base of an experiment that is vectorised over seeds."""

    @abstractmethod
    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Return the arrays of each seed, as `compute` does of one."""

    def compute(self, seed: int) -> Data:
        return self.compute_many([seed])[0]


def derived(experiments: Mapping[str, Experiment], panels: Mapping[str, Data]) -> dict[str, Data]:
    """Return, by panel, the arrays over all seeds (`pooled`) and panels (`compared`)."""
    return {
        name: experiment.pooled(panels[name]) | experiment.compared(name, panels)
        for name, experiment in experiments.items()
    }
