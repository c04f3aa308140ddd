"""Write a run's figure, numbers and provenance into one folder, all at once."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import figures
from experiments.engine.compute.atomic import new_folder
from experiments.engine.compute.provenance import package_version
from experiments.engine.compute.record import CHECKS, META, Record, known
from experiments.engine.compute.store import checksum, sealed
from experiments.engine.configure.compose import Plan
from experiments.engine.configure.registry import Project
from experiments.engine.errors import UserError
from figures.captions import caption
from figures.drawing import Words, draw, pack, pictures
from figures.panels import Data

SUFFIXES = (".png", ".pdf")
"""In the order of `figures.saving.save`."""
DRAWING = ("*.py", "*.mplstyle")
"""What draws, in the folders of renderers."""


def target(project: Project, run: Plan) -> Path:
    """Return the folder to publish a run in; refuse to overwrite a run with other parameters."""
    folder = project.root / run.root.results_dir / run.folder
    name = run.root.name
    existing = known(folder, "replaced") if name else None
    if existing and existing.plan.modified != run.modified:
        raise UserError(
            f"there is a run named {name} already, with other parameters",
            " ".join(run.modified) or "the preset as it is",
            "the parameters of that run: " + (" ".join(existing.plan.modified) or "the preset's"),
            f"name={name}-2, or remove {folder}",
        )
    return folder


def publish(project: Project, record: Record, folder: Path, titles: Mapping[str, str]) -> list[str]:
    """Render a run and swap its folder in; pictures that are there already stay as they are.

    A picture has its caption's headline, or its title in `titles`. Return those that were drawn.
    """
    plan, words = record.plan, Words(record.plan.stamp, titles)
    renderers = project.room(plan.figure).figures
    about, drawn = {}, []
    panels, checks = (
        {name: panel.arrays for name, panel in record.of(kind).items()}
        for kind in ("panels", "checks")
    )
    with new_folder(folder) as temporary:
        for picture in pictures(plan.figure, renderers):
            files = [temporary / f"{picture}{suffix}" for suffix in SUFFIXES]
            identity = drawn_from(project, picture, panels, words)
            if _is_current(folder, picture, identity):
                for file in files:
                    shutil.copy2(folder / file.name, file)
            else:
                draw(picture, panels, words, files, renderers)
                drawn.append(picture)
            about[picture] = _described(temporary, picture, identity)
        for file, of in ((f"{plan.figure}.npz", panels), (CHECKS, checks)):
            if of:
                packed = pack(of, words)
                np.savez_compressed(temporary / file, allow_pickle=False, **packed)
        for path in folder.iterdir() if folder.is_dir() else ():
            # A file that the user put there stays; what a run of this figure wrote before does not.
            if not (path.name.startswith(plan.figure) or path.name in (META, CHECKS)):
                _copy(path, temporary / path.name)
        meta = sealed(record.as_dict() | {"pictures": about}, pack(panels | checks, words))
        (temporary / META).write_text(json.dumps(meta, indent=2) + "\n")
    return drawn


def drawn_from(project: Project, picture: str, panels: Data, words: Words) -> str:
    """Return a hash of all that decides a picture: numbers, code, style, headline, matplotlib.

    Args:
        project: Where renderers lie.
        picture: As "fig4_supplement".
        panels: Its figure's arrays, by panel and name.
        words: What is printed around the figure.
    """
    room = project.room(picture.partition("_")[0])
    parts = [checksum(pack(panels, words)), caption(picture, room.captions).headline]
    parts += [package_version(name) for name in ("matplotlib", "numpy")]
    for folder in sorted({Path(figures.__file__).parent, room.drawings}):
        files = sorted(path for kind in DRAWING for path in folder.rglob(kind))
        parts += [f"{path.relative_to(folder)}\n{path.read_text()}" for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _described(folder: Path, picture: str, identity: str) -> dict[str, str | None]:
    """Return what the record says of a picture: what it was drawn from, and its files' hashes."""
    files = [folder / f"{picture}{suffix}" for suffix in SUFFIXES]
    return {"drawn_from": identity} | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        for path in files
    }


def _is_current(folder: Path, picture: str, identity: str) -> bool:
    """Return whether a folder holds the picture, undamaged, as it would be drawn again."""
    try:
        recorded = json.loads((folder / META).read_text())["pictures"][picture]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return recorded == _described(folder, picture, identity)


def _copy(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target, follow_symlinks=False)
