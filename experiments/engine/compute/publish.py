"""Write a run's figure, numbers and record into its folder, file by file, the record last.

The record lists the hashes of the other files. A run that is killed between two files leaves each
file whole. The hashes then differ, and the next run writes all files again.
"""

import hashlib
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

import figures
from experiments.engine.compute.atomic import file_hash, locked, new_file, write_text
from experiments.engine.compute.provenance import package_version
from experiments.engine.compute.record import CHECKS, META, Record, read_meta
from experiments.engine.compute.store import checksum
from experiments.engine.configure.compose import Plan
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import RunRequest
from experiments.engine.errors import UserError
from figures.captions import caption
from figures.drawing import Words, draw, pack, pictures
from figures.panels import Data

SUFFIXES = (".png", ".pdf")
"""Files of a picture."""
DRAWING = ("*.py", "*.mplstyle")
"""Files that decide a picture, in the folders of renderers."""


def target(project: Project, run: Plan) -> Path:
    """Return the folder to publish a run in; refuse to overwrite a run with other parameters."""
    folder = project.root / run.root.results_dir / run.folder
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
    groups = {
        file: {name: panel.arrays for name, panel in record.panels_of_kind(kind).items()}
        for file, kind in ((f"{plan.figure}.npz", "panels"), (CHECKS, "checks"))
    }
    panels = groups[f"{plan.figure}.npz"]
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


def drawn_from(project: Project, picture: str, panels: Data, words: Words) -> str:
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
