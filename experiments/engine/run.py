"""Runs: compute or load each panel and seed, draw, write and read the files of a run."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

import numpy as np

import figures
from experiments.engine.cache import (
    CorruptResult,
    SourceIndex,
    Store,
    cache_key,
    checkpointed,
    checksum,
    file_hash,
    locked,
    new_file,
    read_arrays,
    read_or_warn,
    sources_of,
    write_text,
)
from experiments.engine.config import GROUPS, Plan, Project, RunRequest, schema_in
from experiments.engine.errors import UserError
from experiments.engine.experiment import (
    ArraySpec,
    Data,
    Experiment,
    Quantity,
    SeedsAtOnce,
    derived,
)
from experiments.engine.jax_setup import Part, Seed, activate, compute, counting
from experiments.engine.progress import bar, count
from experiments.engine.provenance import environment, package_version, peak_memory_mb
from experiments.engine.quantity import measured
from experiments.tables import aligned
from figures.captions import caption
from figures.drawing import Words, draw, pack, pictures, unpack
from figures.panels import Data as Panels

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


class NotCached(UserError):
    """A result is missing from the cache, and the run must not compute it."""


def collect(
    project: Project,
    plan: Plan,
    with_cache: bool = True,
    sources: SourceIndex | None = None,
) -> Record:
    """Compute or load every panel, check and seed.

    Args:
        project: Where experiments lie.
        plan: The validated run.
        with_cache: Whether results are read from the cache of the run's results, and kept there.
        sources: The code that results depend on; by default this process's index.

    Returns:
        The run with its arrays, its summary and its provenance.

    Raises:
        UserError: If compute=never and a result is missing, or an experiment refuses its
            parameters or inputs.
        OSError: If something has to be computed, and the cache cannot be written.
    """
    experiments = plan.experiments
    store = Store(project.root / plan.settings.results_dir / "cache") if with_cache else None
    folder = store.folder if store else None
    sources = sources or sources_of(project)
    keyed = _keyed(plan, sources)
    cached = {name: _cached(plan, store, keys) for name, keys in keyed.items()}
    for name, keys in keyed.items():
        if len(cached[name]) < len(keys):
            experiments[name].check_inputs()
            _refuse_never(plan)
    record = Record(plan, provenance=environment(project.root))
    # Panels of equal keys are computed once.
    by_key: dict[str, Part] = {}
    total = sum(len(experiment.seed_list) for experiment in experiments.values())
    with bar(total=total, desc=plan.figure, unit="panel") as progress:
        for name, experiment in experiments.items():
            progress.set_postfix_str(name)
            keys, parts = keyed[name], cached[name]
            parts |= {seed: by_key[key] for seed, key in keys.items() if key in by_key}
            progress.update(len(parts))
            missing = [seed for seed in keys if seed not in parts]
            if missing and folder:
                _try_to_write(folder)
            n = len(missing) if isinstance(experiment, SeedsAtOnce) else 1
            for together in (missing[i : i + n] for i in range(0, len(missing), n or 1)):
                label = name if together == [None] else f"{name} seed {str(together)[1:-1]}"
                progress.set_postfix_str(label)
                activate(plan.settings.runtime)
                with checkpointed(folder, [keys[seed] for seed in together]):
                    computed = compute(project.root, experiment, {s: keys[s] for s in together})
                    sources.refuse_imported_since(type(experiment).__module__)
                    for part in computed.values():
                        if store:
                            store.save(*part)
                parts |= computed
                by_key |= {keys[seed]: part for seed, part in computed.items()}
                seconds = sum(record["wall_time_s"] for _, record in computed.values())
                count(progress, f"{plan.figure} {label}", len(together), seconds)
            data = _stack(experiment, [parts[seed][0] for seed in keys])
            record.panels[name] = Panel(
                type(experiment).__module__,
                data,
                tuple(
                    {"seed": seed, "cached": seed not in missing} | parts[seed][1] for seed in keys
                ),
            )
            quantities = experiment.summary(data)
            record.summary.update({f"{name}.{key}": value for key, value in quantities.items()})
    for name, arrays in derived(experiments, record.arrays).items():
        record.panels[name].arrays.update(arrays)
        _refuse_undeclared(experiments[name], record.panels[name].arrays)
    record.provenance["peak_memory_mb"] = round(peak_memory_mb(), 1)
    return record


def _try_to_write(folder: Path) -> None:
    """Write to a folder before anything is computed; an `OSError` ends the command."""
    folder.mkdir(parents=True, exist_ok=True)
    TemporaryFile(dir=folder).close()


def _keyed(plan: Plan, sources: SourceIndex) -> dict[str, dict[Seed, str]]:
    """Return the key of each experiment's seeds."""
    keyed = {}
    for name, experiment in plan.experiments.items():
        source = sources.source_hash(type(experiment).__module__)
        keyed[name] = {
            seed: cache_key(experiment, seed, source, plan.settings.runtime, counting())
            for seed in experiment.seed_list
        }
    return keyed


def _cached(plan: Plan, store: Store | None, keys: Mapping[Seed, str]) -> dict[Seed, Part]:
    """Return the seeds that are in the cache."""
    if store is None or plan.settings.compute == "always":
        return {}
    parts = {seed: store.load(key) for seed, key in keys.items()}
    return {seed: part for seed, part in parts.items() if part}


def _refuse_never(plan: Plan) -> None:
    """Raise `NotCached` if the run must not compute."""
    if plan.settings.compute == "never":
        rest = [item for item in plan.overrides if not item.startswith("compute=")]
        raise NotCached(
            f"{plan.figure} is not in the cache",
            "compute=never",
            "results computed before with the same parameters and sources",
            " ".join(["python -m experiments.run", f"figure={plan.figure}/{plan.preset}", *rest]),
        )


def _stack(experiment: Experiment, parts: list[Data]) -> Data:
    """Return one panel's arrays, with a leading axis of seeds if the experiment has any."""
    if experiment.seed_list == [None]:
        return parts[0]

    def kept(name: str) -> list[Data]:
        return parts[:1] if experiment.about(name).axes[:1] == ("first seed",) else parts

    return {name: np.stack([part[name] for part in kept(name)]) for name in parts[0]}


def _refuse_undeclared(experiment: Experiment, data: Data) -> None:
    """Refuse arrays that differ from the experiment's declaration."""
    for name, array in data.items():
        axes = experiment.about(name).axes
        if len(axes) != np.ndim(array):
            raise TypeError(
                f"{type(experiment).__name__}.ARRAYS: {name} has axes ({', '.join(axes)}), "
                f"computed shape {np.shape(array)}"
            )


SUFFIXES = (".png", ".pdf")
"""Files of a picture."""
DRAWING = ("*.py", "*.mplstyle")
"""Files that decide a picture, in the folders of renderers."""


def target(project: Project, run: Plan) -> Path:
    """Return the folder to publish a run in; refuse to overwrite a run with other parameters."""
    folder = project.root / run.settings.results_dir / run.folder
    _refuse_another(folder, run)
    return folder


def publish(project: Project, record: Record, folder: Path) -> list[str]:
    """Render a run and write all files but the pictures that are up to date.

    Files that an earlier run published here are removed if this run does not publish them. All
    other files stay.

    Args:
        project: Where renderers lie.
        record: The run.
        folder: Where to publish.

    Returns:
        The pictures that were drawn.

    Raises:
        UserError: If another run was published here meanwhile, with other parameters or inputs.
    """
    plan, words = record.plan, Words(record.plan.stamp)
    renderers = project.room(plan.figure).figures
    groups: dict[str, Panels] = {
        file: {name: panel.arrays for name, panel in record.panels_of_kind(kind).items()}
        for file, kind in ((f"{plan.figure}.npz", "panels"), (CHECKS, "checks"))
    }
    panels: Panels = groups[f"{plan.figure}.npz"]
    before = _published(folder)
    identities, files, drawn = {}, {}, []
    with ExitStack() as ready:
        for picture in pictures(plan.figure, renderers):
            names = [f"{picture}{suffix}" for suffix in SUFFIXES]
            identities[picture] = drawn_from(project, picture, panels, words)
            if before.get("pictures", {}).get(picture) == identities[picture]:
                hashes = {name: file_hash(folder / name) for name in names}
                if hashes.items() <= before["files"].items():
                    files |= hashes
                    continue
            written = [ready.enter_context(new_file(folder / name)) for name in names]
            draw(picture, panels, words, written, renderers)
            files |= {path.name: file_hash(path) for path in written}
            drawn.append(picture)
        for name, arrays in groups.items():
            if arrays:
                path = ready.enter_context(new_file(folder / name))
                np.savez_compressed(path, allow_pickle=False, **pack(arrays, words))
                files[name] = file_hash(path)
        with locked(folder.parent):
            _refuse_another(folder, plan, record)
            ready.close()
            meta = record.as_dict() | {"pictures": identities, "files": files}
            write_text(folder / META, json.dumps(meta, indent=2) + "\n")
    for name, digest in before.get("files", {}).items():
        if name not in files and file_hash(folder / name) == digest:
            (folder / name).unlink()
    return drawn


def drawn_from(project: Project, picture: str, panels: Panels, words: Words) -> str:
    """Return a hash of numbers, code, style, headline and Matplotlib, which decide a picture.

    Args:
        project: Where renderers lie.
        picture: As "fig4_supplement".
        panels: Its figure's arrays, by panel and name.
        words: Stamp of the figure.
    """
    room = project.room(picture.partition("_")[0])
    parts = [checksum(pack(panels, words)), caption(picture, room.captions).headline]
    parts += [package_version(name) for name in ("matplotlib", "numpy")]
    for folder in sorted({Path(figures.__file__).parent, room.drawings}):
        files = sorted(path for kind in DRAWING for path in folder.rglob(kind))
        parts += [f"{path.relative_to(folder)}\n{path.read_text()}" for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _published(folder: Path) -> dict[str, Any]:
    """Return the JSON record in a folder; empty if it is missing or damaged."""
    try:
        meta = json.loads((folder / META).read_text())
        return meta if meta["pictures"].items() and meta["files"].items() else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _refuse_another(folder: Path, plan: RunRequest, record: Record | None = None) -> None:
    """Raise `UserError` if a user's run would replace a run of other parameters or inputs.

    Args:
        folder: Where the run is to be published.
        plan: The run.
        record: Results of the run; None before the computation, when inputs are not compared.
    """
    existing = read_meta(folder, "replaced") if plan.name else None
    if existing is None:
        return
    if existing.plan.modified != plan.modified:
        raise UserError(
            f"there is a run named {plan.name} already, with other parameters",
            " ".join(plan.modified) or "the preset as it is",
            "the parameters of that run: " + (" ".join(existing.plan.modified) or "the preset's"),
            f"name={plan.name}-2, or remove {folder}",
        )
    if record is not None and existing.inputs != record.inputs:
        raise UserError(
            f"the run in {folder} was computed from other files of the same names",
            ", ".join(name for name in record.inputs if record.inputs[name]),
            "the files that it was computed from; a picture or data set has changed since",
            f"name={plan.name}-2, or remove {folder}",
        )
