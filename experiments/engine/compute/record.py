"""A run as a value: what was asked for, its numbers, and where they come from.

One `Record` goes from the computation to its folder, to notebooks, comparisons, reports and claims.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.engine.compute.store import Damaged, check_seal, read_arrays, read_or_tell
from experiments.engine.configure.registry import schema_in
from experiments.engine.configure.schema import GROUPS, Settings
from experiments.engine.declare.experiment import Array, Data, Quantity
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

    def about(self, name: str) -> Array:
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
            known = name in schema_in(self.experiment).ARRAYS
            said = self.about(name) if known else Array((), "computed no more")
            axes = map("{} {}".format, said.axes, array.shape) if known else map(str, array.shape)
            rows.append([name, ", ".join(axes) or "one number", said.unit, said.meaning])
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
        Damaged: If its record or its arrays are not as they were published, or are of an older
            version.
    """
    if not (folder / META).is_file():
        return None
    try:
        meta = json.loads((folder / META).read_text())
        data: Data = {}
        if arrays:
            for path in (folder / f"{meta['figure']}.npz", folder / CHECKS):
                data |= read_arrays(path) if path.is_file() else {}
        check_seal(meta, data if arrays else None)
        names = [item.name for item in fields(Settings)]
        figure, preset, overrides, modified, config = (meta.pop(name) for name in names)
        summary = Summary((name, Quantity(**of)) for name, of in meta.pop("summary").items())
        parts = meta.pop("panels") | meta.pop("checks")
        of_panels = unpack(data)[0]
        panels = {
            name: Panel(of[0]["experiment"], of_panels.get(name, {}), tuple(of))
            for name, of in parts.items()
        }
    except Damaged:
        raise
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        raise Damaged(type(error).__name__) from error
    plan = Settings(figure, preset, tuple(overrides), tuple(modified), config)
    return Record(plan, panels, summary, meta, folder)


def known(folder: Path, otherwise: str) -> Record | None:
    """Return the run in a folder without its arrays; None for none, or a damaged one.

    One line tells of that; it ends in what happens `otherwise`, as "left out".
    """
    return read_or_tell(folder, lambda: read(folder, arrays=False), otherwise)


def _named(kind: str, name: str, items: Mapping[str, T]) -> T:
    if name not in items:
        raise KeyError(f"no {kind} {name!r}, but {', '.join(items)}")
    return items[name]
