"""Runs as values: parameters, numbers and provenance.

A `Record` goes from the computation to the run's folder, to notebooks, comparisons and claims.
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
from experiments.engine.configure.schema import GROUPS, RunRequest
from experiments.engine.declare.experiment import ArraySpec, Data, Quantity
from experiments.engine.declare.quantity import measured
from experiments.tables import aligned
from figures.drawing import unpack

META, CHECKS = "meta.json", "checks.npz"
"""Files of a run's folder: the record, and the arrays of checks."""

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Panel(Mapping[str, np.ndarray]):
    """Arrays of a panel or check, by name. Printed, a panel is a table of its arrays.

    Attributes:
        experiment: Module of the experiment.
        arrays: Arrays by name, with a leading axis of seeds if the experiment has seeds.
        parts: For each seed, the device, the time and the settings of the computation.
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
    """Quantities by "panel.name". Printed, a summary is a table of quantities and errors."""

    def __repr__(self) -> str:
        rows = [[name, measured(quantity), quantity.kind] for name, quantity in self.items()]
        return aligned(["quantity", "value", "kind"], rows, [60, 50, 12])


@dataclass(frozen=True, repr=False)
class Record(Mapping[str, Panel]):
    """A run: a mapping from names to panels, with checks after the panels that are drawn.

    Attributes:
        plan: Parameters of the run.
        panels: Arrays, by panel.
        summary: Quantities by "panel.name", with their errors.
        provenance: Time, commit and packages.
        folder: Where the run is published; None for a run that is only in memory.
    """

    plan: RunRequest
    panels: dict[str, Panel] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=Summary)
    provenance: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def arrays(self) -> dict[str, Data]:
        """Arrays by panel and name."""
        return {name: panel.arrays for name, panel in self.panels.items()}

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Records of all panels and seeds: device, time and settings of the computation."""
        return [part for panel in self.panels.values() for part in panel.parts]

    @property
    def inputs(self) -> dict[str, list[str]]:
        """Hashes of the files that each panel was computed from, by panel; empty without files."""
        return {
            name: sorted({part.get("inputs", "") for part in panel.parts} - {""})
            for name, panel in self.panels.items()
        }

    def panels_of_kind(self, kind: str) -> dict[str, Panel]:
        """Return the panels of one kind: "panels" are drawn, "checks" are not."""
        return {name: p for name, p in self.panels.items() if name in self.plan.config[kind]}

    def as_dict(self) -> dict[str, Any]:
        """Return all but the arrays, for meta.json."""
        return {
            **{item.name: getattr(self.plan, item.name) for item in fields(RunRequest)},
            **self.provenance,
            "summary": {name: quantity.as_dict() for name, quantity in self.summary.items()},
            **{
                kind: {name: p.parts for name, p in self.panels_of_kind(kind).items()}
                for kind in GROUPS
            },
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
    """Read a run from its folder.

    Args:
        folder: The run's folder.
        arrays: Whether to read the arrays, too.

    Returns:
        The run; None for a folder without a run.

    Raises:
        CorruptResult: If the record is damaged or of an older version, or if a file of numbers has
            another hash than the record lists, as after a kill between two files.
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
        names = [item.name for item in fields(RunRequest)]
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
    plan = RunRequest(figure, preset, tuple(overrides), tuple(modified), config)
    return Record(plan, panels, summary, meta, folder)


def read_meta(folder: Path, consequence: str) -> Record | None:
    """Read a run without its arrays; if the record is damaged, warn and return None.

    Args:
        folder: The run's folder.
        consequence: What happens without the record, for the warning, as "left out".

    Returns:
        The run; None for a folder without a run, or with a damaged one.
    """
    return read_or_warn(folder, lambda: read(folder, arrays=False), consequence)


def _named(kind: str, name: str, items: Mapping[str, T]) -> T:
    if name not in items:
        raise KeyError(f"no {kind} {name!r}, but {', '.join(items)}")
    return items[name]
