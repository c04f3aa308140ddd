"""Publish a run: draw its pictures and write its files; and read them again."""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import figures
from experiments.engine import cache
from experiments.engine.cache import CorruptResult, checksum, file_hash, new_file
from experiments.engine.config import Place, Run
from experiments.engine.errors import UserError, from_here
from experiments.engine.experiment import Data, Quantity
from experiments.engine.provenance import package_version
from figures import drawing
from figures.captions import caption

META = "meta.json"
"""File of a run's folder: the record."""
SUFFIXES = (".png", ".pdf")
"""Files of a picture."""
CODE = ("*.py", "*.mplstyle")
"""Files that decide a picture, in the folders of renderers."""

log = logging.getLogger(__name__)


def publish(run: Run, folder: Path, place: Place) -> list[str]:
    """Draw a run and write its files, the record last.

    A picture is drawn again if the numbers, its code or Matplotlib changed. A file that is not as
    its run wrote it, such as a picture that you annotated, is kept under another name.

    Args:
        run: The run, with its numbers.
        folder: Where to publish.
        place: Where the figure's renderers lie.

    Returns:
        The pictures that were drawn.
    """
    before = _published(folder)
    identities, files, drawn = {}, {}, []
    with ExitStack() as ready:

        def written(name: str) -> Path:
            _keep(folder / name)
            return ready.enter_context(new_file(folder / name))

        for picture in drawing.pictures(run.figure, place.figures):
            names = [f"{picture}{suffix}" for suffix in SUFFIXES]
            identities[picture] = identity(picture, run, place)
            hashes = {name: file_hash(folder / name) for name in names}
            same = before["pictures"].get(picture) == identities[picture]
            if same and hashes.items() <= before["files"].items():
                files |= hashes
                continue
            paths = [written(name) for name in names]
            drawing.draw(picture, run.arrays, run.stamp, paths, place.figures)
            files |= {name: file_hash(path) for name, path in zip(names, paths, strict=True)}
            drawn.append(picture)
        numbers = written(f"{run.figure}.npz")
        cache.write_numbers(numbers, run.arrays, run.stamp)
        files[f"{run.figure}.npz"] = file_hash(numbers)
    meta = run.as_dict() | {"pictures": identities, "files": files}
    meta["checksum"] = _checksum(meta)
    _keep(folder / META)
    cache.write_text(folder / META, json.dumps(meta, indent=2) + "\n")
    return drawn


def identity(picture: str, run: Run, place: Place) -> str:
    """Return a hash of numbers, code, style, headline and Matplotlib, which decide a picture.

    Args:
        picture: As "fig4_supplement".
        run: The run, with its numbers.
        place: Where the figure's renderers lie.
    """
    parts = [f"{name} {checksum(data)}" for name, data in sorted(run.arrays.items())]
    parts += [run.stamp, caption(picture, place.captions).headline]
    parts += [package_version(name) for name in ("matplotlib", "numpy")]
    for folder in sorted({Path(figures.__file__).parent, place.drawings}):
        sources = sorted(path for kind in CODE for path in folder.rglob(kind))
        parts += [f"{path.relative_to(folder)}\n{path.read_text()}" for path in sources]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


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
        meta.pop("checksum", None)
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


def first_run(folders: Iterable[Path]) -> Run | None:
    """Return the run of the first folder that has one; None if none has.

    Raises:
        UserError: If that run is damaged.
    """
    for folder in folders:
        try:
            run = read(folder)
        except CorruptResult as fault:
            what, expected = "a run cannot be read", "what its run has published"
            got = f"{from_here(folder)}: {fault}"
            raise UserError(what, got, expected, "run it again, or remove the folder") from fault
        if run:
            return run
    return None


def _published(folder: Path) -> dict[str, Any]:
    """Return the pictures and the files of the record in a folder; empty if it is damaged.

    An unchanged record is one of the files. Records of older versions have no checksum.
    """
    try:
        meta = json.loads((folder / META).read_text())
        published = {name: dict(meta[name]) for name in ("pictures", "files")}
    except (OSError, ValueError, LookupError, TypeError):
        return {"pictures": {}, "files": {}}
    if meta.get("checksum") in (None, _checksum(meta)):
        published["files"][META] = file_hash(folder / META)
    return published


def _checksum(meta: Mapping[str, Any]) -> str:
    """Return a hash of a record without its checksum."""
    content = {name: value for name, value in meta.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _keep(path: Path) -> None:
    """Rename a file unless the folder's record lists it with its present hash."""
    # The record is read anew: another run may have ended in between.
    if not path.exists() or file_hash(path) == _published(path.parent)["files"].get(path.name):
        return
    names = (f"{path.stem}-kept{n}{path.suffix}" for n in ("", *(f"-{i}" for i in range(2, 1000))))
    kept = next(x for x in map(path.with_name, names) if not x.exists())
    path.rename(kept)
    log.warning(
        "%s was changed since its run wrote it, and is kept as %s", path.name, from_here(kept)
    )
