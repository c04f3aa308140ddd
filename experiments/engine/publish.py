"""Write a run's figure, numbers and provenance into one folder, all at once."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from experiments.engine.atomic import new_folder
from experiments.engine.drawn import SUFFIXES, described, drawn_from, is_current
from experiments.engine.record import CHECKS, META, Record
from experiments.engine.registry import Project
from experiments.engine.store import sealed
from figures.drawing import Words, draw, pack, pictures


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
            if is_current(folder, picture, identity):
                for file in files:
                    shutil.copy2(folder / file.name, file)
            else:
                draw(picture, panels, words, files, renderers)
                drawn.append(picture)
            about[picture] = described(temporary, picture, identity)
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


def _copy(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target, follow_symlinks=False)


def shown(path: Path) -> str:
    """Return a path relative to the current folder if it lies there."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
