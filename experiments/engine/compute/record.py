"""A run as a value: what was asked for, its numbers, and where they come from.

One `Record` goes from the computation to its folder, to notebooks, comparisons, reports and claims.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.engine.compute.atomic import file_hash
from experiments.engine.compute.store import CorruptResult, read_arrays, read_or_warn
from experiments.engine.configure.registry import schema_in
from experiments.engine.configure.schema import GROUPS, Settings
from experiments.engine.declare.experiment import ArraySpec, Data, Quantity
from experiments.engine.declare.quantity import measured
from experiments.tables import aligned
from figures.drawing import unpack

META, CHECKS = "meta.json", "checks.npz"
"""Files of a run's folder: its record, and the arrays that are not drawn."""

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Panel(Mapping[str, np.ndarray]):
    """The arrays of a panel or check, by name; as text, a table of them.

    Attributes:
        experiment: Module of the experiment that it shows.
        arrays: With a leading axis of seeds where the experiment has any.
        parts: Of each seed, how, where and how fast it was computed.
    """

    experiment: str
    arrays: Data
    parts: tuple[dict[str, Any], ...] = ()

    def about(self, name: str) -> ArraySpec:
        """Return an array's axes, unit and meaning."""
        return schema_in(self.experiment).about(name)

    def __getitem__(self, name: str) -> np.ndarray:
        return _named("array", name, self.arrays)

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def __repr__(self) -> str:
        rows = []
        for name, array in self.arrays.items():
            # An older run may have arrays that are computed no more.
            is_declared = name in schema_in(self.experiment).ARRAYS
            spec = self.about(name) if is_declared else ArraySpec((), "computed no more")
            named = map("{} {}".format, spec.axes, array.shape)
            axes = named if is_declared else map(str, array.shape)
            rows.append([name, ", ".join(axes) or "one number", spec.unit, spec.meaning])
        return aligned(["array", "shape", "unit", "meaning"], rows, [32, 36, 12, 50])


class Summary(dict[str, Quantity]):
    """Quantities by "panel.name"; as text, a table of them with their errors."""

    def __repr__(self) -> str:
        rows = [[name, measured(quantity), quantity.kind] for name, quantity in self.items()]
        return aligned(["quantity", "value", "kind"], rows, [60, 50, 12])


@dataclass(frozen=True, repr=False)
class Record(Mapping[str, Panel]):
    """A run, by panel; those that are only checked come last.

    Attributes:
        plan: What was asked for.
        panels: Its numbers.
        summary: Quantities by "panel.name", with their errors.
        provenance: Time, commit and packages.
        folder: Where it is published; None if it is not.
    """

    plan: Settings
    panels: dict[str, Panel] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=Summary)
    provenance: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def arrays(self) -> dict[str, Data]:
        """Its arrays by panel and name."""
        return {name: panel.arrays for name, panel in self.panels.items()}

    @property
    def parts(self) -> list[dict[str, Any]]:
        """How each panel and seed was computed."""
        return [part for panel in self.panels.values() for part in panel.parts]

    @property
    def inputs(self) -> dict[str, list[str]]:
        """Hashes of the files that each panel was computed from, by panel; empty without files."""
        return {
            name: sorted({part.get("inputs", "") for part in panel.parts} - {""})
            for name, panel in self.panels.items()
        }

    def of(self, kind: str) -> dict[str, Panel]:
        """Return its "panels", which are drawn, or its "checks", which are not."""
        return {name: p for name, p in self.panels.items() if name in self.plan.config[kind]}

    def as_dict(self) -> dict[str, Any]:
        """Return all but the arrays, for meta.json."""
        return {
            **{item.name: getattr(self.plan, item.name) for item in fields(Settings)},
            **self.provenance,
            "summary": {name: quantity.as_dict() for name, quantity in self.summary.items()},
            **{kind: {name: p.parts for name, p in self.of(kind).items()} for kind in GROUPS},
        }

    def __getitem__(self, panel: str) -> Panel:
        return _named("panel", panel, self.panels)

    def __iter__(self) -> Iterator[str]:
        return iter(self.panels)

    def __len__(self) -> int:
        return len(self.panels)

    def __repr__(self) -> str:
        plan, parts = self.plan, []
        for name, panel in self.items():
            parts.append(f"{name} ({panel.experiment.rpartition('.')[2]})\n{panel}")
        changed = ", ".join(plan.modified) or "nothing"
        return "\n\n".join([f"{plan.figure}/{plan.preset}, changed: {changed}", *parts])


def read(folder: Path, arrays: bool = True) -> Record | None:
    """Read a run from its folder, with or without its arrays; None if there is none.

    Raises:
        CorruptResult: If the record cannot be read or is of an older version, or if the files of
            numbers are not those that it lists: another run was published there in part.
    """
    if not (folder / META).is_file():
        return None
    try:
        meta = json.loads((folder / META).read_text())
        files: dict[str, str] = meta["files"]
        data: Data = {}
        for name in (f"{meta['figure']}.npz", CHECKS) if arrays else ():
            if name in files:
                if file_hash(folder / name) != files[name]:
                    raise CorruptResult(f"{name} is not the file that {META} lists")
                data |= read_arrays(folder / name)
        names = [item.name for item in fields(Settings)]
        figure, preset, overrides, modified, config = (meta.pop(name) for name in names)
        quantities = meta.pop("summary").items()
        summary = Summary((name, Quantity(**entries)) for name, entries in quantities)
        parts = meta.pop("panels") | meta.pop("checks")
        unpacked = unpack(data)[0]
        panels = {
            name: Panel(seeds[0]["experiment"], unpacked.get(name, {}), tuple(seeds))
            for name, seeds in parts.items()
        }
    except CorruptResult:
        raise
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        raise CorruptResult(type(error).__name__) from error
    plan = Settings(figure, preset, tuple(overrides), tuple(modified), config)
    return Record(plan, panels, summary, meta, folder)


def read_meta(folder: Path, consequence: str) -> Record | None:
    """Return the run in a folder without its arrays; None if there is none, or a damaged one.

    Args:
        folder: The run's folder.
        consequence: What happens if it is damaged, for the warning, as "left out".
    """
    return read_or_warn(folder, lambda: read(folder, arrays=False), consequence)


def _named(kind: str, name: str, items: Mapping[str, T]) -> T:
    if name not in items:
        raise KeyError(f"no {kind} {name!r}, but {', '.join(items)}")
    return items[name]
