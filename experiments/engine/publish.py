"""Puts a run's figure, its numbers and its provenance into one folder, all at once."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from experiments.engine.atomic import new_folder
from experiments.engine.collect import Results
from experiments.engine.compose import Plan
from experiments.engine.provenance import environment, peak_memory_mb
from experiments.engine.registry import Project
from experiments.engine.store import checksum
from figures.drawing import draw, pack


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
        files = [temporary / f"{plan.figure}{suffix}" for suffix in (".pdf", ".png")]
        draw(plan.figure, panels, plan.stamp, files, project.figures)
        np.savez_compressed(temporary / f"{plan.figure}.npz", allow_pickle=False, **arrays)
        if checks:
            packed = pack(checks, plan.stamp)
            np.savez_compressed(temporary / "checks.npz", allow_pickle=False, **packed)
        record = json.dumps(_record(project, plan, results, arrays), indent=2)
        (temporary / "meta.json").write_text(record + "\n")


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
