"""Puts a run's figure, its numbers and its provenance into one folder, all at once."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from experiments.engine.atomic import new_folder
from experiments.engine.collect import Results
from experiments.engine.compose import Plan
from experiments.engine.errors import UserError
from experiments.engine.provenance import environment, peak_memory_mb
from experiments.engine.registry import Project
from experiments.engine.store import checksum
from figures.drawing import draw, pack, pictures


def publish(project: Project, plan: Plan, results: Results, folder: Path) -> None:
    """Renders a run and swaps its folder in.

    Args:
        project: Where renderers lie.
        plan: The validated run.
        results: Its numbers.
        folder: Where the PDF, PNG, numbers and record go, in place of what is there.
    """
    panels, checks = (
        {name: results.data[name] for name in kind} for kind in (plan.root.panels, plan.root.checks)
    )
    arrays = pack(panels, plan.stamp)
    with new_folder(folder) as temporary:
        try:
            for picture in pictures(plan.figure, project.figures):
                files = [temporary / f"{picture}{suffix}" for suffix in (".pdf", ".png")]
                draw(picture, panels, plan.stamp, files, project.figures)
        except KeyError as missing:
            raise UserError(
                f"{plan.figure} cannot be drawn from these experiments",
                f"nothing named {missing}",
                f"the experiments of preset {plan.preset}, which {plan.figure} is drawn from",
                "leave out what chooses another experiment; its numbers are in the cache",
            ) from missing
        np.savez_compressed(temporary / f"{plan.figure}.npz", allow_pickle=False, **arrays)
        if checks:
            packed = pack(checks, plan.stamp)
            np.savez_compressed(temporary / "checks.npz", allow_pickle=False, **packed)
        for path in folder.iterdir() if folder.is_dir() else ():
            # A file that the user put there stays; what a run of this figure wrote before does not.
            if not (path.name.startswith(plan.figure) or path.name in ("meta.json", "checks.npz")):
                _copy(path, temporary / path.name)
        record = json.dumps(_record(project, plan, results, arrays), indent=2)
        (temporary / "meta.json").write_text(record + "\n")


def _copy(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target, follow_symlinks=False)


def _record(
    project: Project, plan: Plan, results: Results, arrays: dict[str, np.ndarray]
) -> dict[str, Any]:
    return {
        "figure": plan.figure,
        "preset": plan.preset,
        "overrides": list(plan.overrides),
        "modified": list(plan.modified),
        "config": plan.config,
        **environment(project.root),
        "data_sha256": checksum(arrays),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        "summary": {name: q.as_dict() for name, q in results.summary.items()},
        "panels": {name: results.records[name] for name in plan.root.panels},
        "checks": {name: results.records[name] for name in plan.root.checks},
    }


def shown(path: Path) -> str:
    """A path as short as it can be typed here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
