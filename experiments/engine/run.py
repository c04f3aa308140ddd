"""Runs: compute or load each panel and seed, draw, write and read the files of a run."""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

import numpy as np

from experiments.engine import cache
from experiments.engine.cache import CorruptResult, file_hash, new_file
from experiments.engine.checkpoint import checkpointed
from experiments.engine.config import Project, Run
from experiments.engine.errors import UserError, from_here
from experiments.engine.experiment import Data, Experiment, Quantity, SeedsAtOnce, derived
from experiments.engine.jax_setup import activate, counting, jax_flags
from experiments.engine.progress import bar, count
from experiments.engine.provenance import environment, peak_memory_mb

META = "meta.json"
"""File of a run's folder: the record."""
SUFFIXES = (".png", ".pdf")
"""Files of a picture."""

log = logging.getLogger(__name__)
Part = tuple[Data, dict[str, Any]]


class Artist(Protocol):
    """Draws the pictures of a figure; the engine imports no renderer."""

    def pictures(self) -> list[str]:
        """Return the names of the pictures."""
        ...

    def identity(self, picture: str, panels: Mapping[str, Data], stamp: str) -> str:
        """Return a hash of all that decides a picture."""
        ...

    def draw(
        self, picture: str, panels: Mapping[str, Data], stamp: str, paths: Sequence[Path]
    ) -> None:
        """Write a picture to files."""
        ...


class NotCached(UserError):
    """A result is missing from the cache, and the run must not compute it."""


# Computation.


def collect(project: Project, run: Run, with_cache: bool = True) -> Run:
    """Compute or load every panel and seed.

    Args:
        project: Where experiments lie.
        run: The validated run.
        with_cache: Whether results are read from the cache of the run's results, and kept there.

    Returns:
        The run with its arrays, its summary and its provenance.

    Raises:
        UserError: If compute=never and a result is missing, or an experiment refuses its
            parameters or inputs.
        OSError: If something has to be computed, and the cache cannot be written.
    """
    folder = project.root / run.settings.results_dir / "cache" if with_cache else None
    experiments = run.panels
    keyed = {name: _keys(project, run, x) for name, x in experiments.items()}
    found: dict[str, Part] = {}
    if folder and run.settings.compute != "always":
        keys = {key for each in keyed.values() for key in each.values()}
        found = {key: part for key in keys if (part := cache.load_result(folder, key))}
    for name, keys in keyed.items():
        if not found.keys() >= set(keys.values()):
            experiments[name].check_inputs()
            _refuse_never(run)
    is_read = set(found)
    done = replace(run, provenance=environment(project.root))
    with bar(total=sum(map(len, keyed.values())), desc=run.figure, unit="panel") as progress:
        for name, experiment in experiments.items():
            keys = keyed[name]
            missing = {seed: key for seed, key in keys.items() if key not in found}
            progress.update(len(keys) - len(missing))
            if missing and folder:
                folder.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=folder).close()
            for some in _together(experiment, missing):
                label = name if [*some] == [None] else f"{name} seed {str([*some])[1:-1]}"
                progress.set_postfix_str(label)
                start = time.perf_counter()
                found |= _computed(project, run, experiment, some, folder)
                seconds = time.perf_counter() - start
                count(progress, f"{run.figure} {label}", len(some), seconds)
            data = _stack(experiment, [found[key][0] for key in keys.values()])
            done.arrays[name] = data
            done.parts[name] = [
                {"seed": seed, "cached": key in is_read or seed not in missing, **found[key][1]}
                for seed, key in keys.items()
            ]
            quantities = experiment.summary(data)
            done.summary.update({f"{name}.{key}": value for key, value in quantities.items()})
    for name, arrays in derived(experiments, done.arrays).items():
        done.arrays[name].update(arrays)
        _refuse_undeclared(experiments[name], done.arrays[name])
    done.provenance["peak_memory_mb"] = round(peak_memory_mb(), 1)
    return done


def _keys(project: Project, run: Run, experiment: Experiment) -> dict[Any, str]:
    """Return the keys of an experiment's results, by seed."""
    source, settings = cache.source_hash(project, type(experiment).__module__), counting()
    return {
        seed: cache.cache_key(experiment, seed, source, run.settings.runtime, settings)
        for seed in experiment.seed_list
    }


def _together(experiment: Experiment, missing: dict[Any, str]) -> Iterator[dict[Any, str]]:
    """Yield seeds that are computed together, with their keys."""
    if isinstance(experiment, SeedsAtOnce) and missing:
        yield missing
        return
    for seed, key in missing.items():
        yield {seed: key}


def _computed(
    project: Project, run: Run, experiment: Experiment, keys: dict[Any, str], folder: Path | None
) -> dict[str, Part]:
    """Compute some seeds of an experiment, and store their results by their keys."""
    module, seeds = type(experiment).__module__, list(keys)
    name = hashlib.sha256("".join(keys.values()).encode()).hexdigest()
    activate(run.settings.runtime)
    with ExitStack() as stack:
        if folder:
            # A second process with the same keys waits here, and then reads the results.
            waited = stack.enter_context(cache.locked(folder / "locks", name))
            if waited and run.settings.compute != "always":
                stored = {key: cache.load_result(folder, key) for key in keys.values()}
                if all(stored.values()):
                    return {key: part for key, part in stored.items() if part}
        start, busy = time.perf_counter(), time.process_time()
        with checkpointed(folder, name):
            if isinstance(experiment, SeedsAtOnce):
                computed = experiment.compute_many(seeds)
            else:
                computed = [experiment.compute(seed) for seed in seeds]
            arrays = [{key: np.asarray(x) for key, x in data.items()} for data in computed]
            record = {
                "experiment": module,
                "inputs": experiment.input_digest(),
                "wall_time_s": round((time.perf_counter() - start) / len(seeds), 3),
                "process_time_s": round((time.process_time() - busy) / len(seeds), 3),
                "peak_memory_mb": round(peak_memory_mb(), 1),
                **jax_flags(),
                **environment(project.root),
            }
            parts = {
                key: (data, {"key": key, **record})
                for key, data in zip(keys.values(), arrays, strict=True)
            }
            if folder and not cache.is_edited(project, module):
                for key, (data, own) in parts.items():
                    cache.write_result(folder / f"{key}.npz", data, own)
    return parts


def _refuse_never(run: Run) -> None:
    """Raise `NotCached` if the run must not compute."""
    if run.settings.compute == "never":
        rest = [item for item in run.overrides if not item.startswith("compute=")]
        raise NotCached(
            f"{run.figure} is not in the cache",
            "compute=never",
            "results computed before with the same parameters and sources",
            " ".join(["python -m experiments.run", f"figure={run.figure}/{run.preset}", *rest]),
        )


def _stack(experiment: Experiment, parts: list[Data]) -> Data:
    """Return one panel's arrays, with a leading axis of seeds if the experiment has any."""
    if experiment.seed_list == [None]:
        return dict(parts[0])

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


# Files of a run.


def target(project: Project, run: Run) -> Path:
    """Return the folder to publish a run in; refuse to replace a named run of other parameters."""
    folder = project.root / run.settings.results_dir / run.folder
    _refuse_another(folder, run)
    return folder


def publish(run: Run, folder: Path, artist: Artist) -> list[str]:
    """Render a run and write its files, the record last.

    A picture is drawn again if the numbers, its code or Matplotlib changed. A file that is not as
    its run wrote it, such as a picture that you annotated, is kept under another name.

    Args:
        run: The run, with its numbers.
        folder: Where to publish.
        artist: Draws the figure.

    Returns:
        The pictures that were drawn.

    Raises:
        UserError: If another named run was published here meanwhile.
    """
    if run.name:
        with cache.locked(folder.parent):
            _refuse_another(folder, run)
            return _publish(run, folder, artist)
    return _publish(run, folder, artist)


def _publish(run: Run, folder: Path, artist: Artist) -> list[str]:
    before = _published(folder)
    identities, files, drawn = {}, {}, []
    with ExitStack() as ready:

        def written(name: str) -> Path:
            path = folder / name
            if path.exists() and file_hash(path) != before["files"].get(name):
                _keep(path)
            return ready.enter_context(new_file(path))

        for picture in artist.pictures():
            names = [f"{picture}{suffix}" for suffix in SUFFIXES]
            identities[picture] = artist.identity(picture, run.arrays, run.stamp)
            hashes = {name: file_hash(folder / name) for name in names}
            same = before["pictures"].get(picture) == identities[picture]
            if same and hashes.items() <= before["files"].items():
                files |= hashes
                continue
            paths = [written(name) for name in names]
            artist.draw(picture, run.arrays, run.stamp, paths)
            files |= {name: file_hash(path) for name, path in zip(names, paths, strict=True)}
            drawn.append(picture)
        numbers = written(f"{run.figure}.npz")
        cache.write_numbers(numbers, run.arrays, run.stamp)
        files[f"{run.figure}.npz"] = file_hash(numbers)
    meta = run.as_dict() | {"pictures": identities, "files": files}
    cache.write_text(folder / META, json.dumps(meta, indent=2) + "\n")
    return drawn


def read(folder: Path, arrays: bool = True) -> Run | None:
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
        data: dict[str, Data] = {}
        if arrays:
            name = f"{meta['figure']}.npz"
            if file_hash(folder / name) != files[name]:
                raise CorruptResult(f"{name} is not the file that {META} lists")
            data = cache.read_numbers(folder / name)[0]
        names = ("figure", "preset", "overrides", "modified", "config")
        figure, preset, overrides, modified, config = (meta.pop(name) for name in names)
        quantities = meta.pop("summary").items()
        parts = meta.pop("panels")
        return Run(
            figure,
            preset,
            tuple(overrides),
            tuple(modified),
            config,
            arrays={name: data.get(name, {}) for name in parts} if arrays else {},
            parts=parts,
            summary={name: Quantity(**entries) for name, entries in quantities},
            provenance=meta,
            path=folder,
        )
    except CorruptResult:
        raise
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        raise CorruptResult(type(error).__name__) from error


def read_meta(folder: Path, consequence: str) -> Run | None:
    """Read a run without its arrays; if the record is damaged, warn and return None.

    Args:
        folder: The run's folder.
        consequence: What happens without the record, for the warning, as "left out".

    Returns:
        The run; None for a folder without a run, or with a damaged one.
    """
    return cache.read_or_warn(folder, lambda: read(folder, arrays=False), consequence)


def _published(folder: Path) -> dict[str, Any]:
    """Return the pictures and the files of the record in a folder; empty if it is damaged."""
    try:
        meta = json.loads((folder / META).read_text())
        return {name: dict(meta[name]) for name in ("pictures", "files")}
    except (OSError, ValueError, LookupError, TypeError):
        return {"pictures": {}, "files": {}}


def _keep(path: Path) -> None:
    """Rename a file that was changed since its run."""
    names = (f"{path.stem}-kept{n}{path.suffix}" for n in ("", *(f"-{i}" for i in range(2, 1000))))
    kept = next(x for x in map(path.with_name, names) if not x.exists())
    path.rename(kept)
    log.warning(
        "%s was changed since its run wrote it, and is kept as %s", path.name, from_here(kept)
    )


def _refuse_another(folder: Path, run: Run) -> None:
    """Raise `UserError` if a user's run would replace a run of other parameters."""
    existing = read_meta(folder, "replaced") if run.name else None
    if existing and existing.modified != run.modified:
        raise UserError(
            f"there is a run named {run.name} already, with other parameters",
            " ".join(run.modified) or "the preset as it is",
            "the parameters of that run: " + (" ".join(existing.modified) or "the preset's"),
            f"name={run.name}-2, or remove {folder}",
        )
