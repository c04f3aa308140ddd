"""Puts a run's figure, its numbers and its provenance into one folder, all at once."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from experiments.engine.atomic import new_file, new_folder
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
    arrays = pack(results.data, plan.stamp)
    with new_folder(folder) as temporary:
        files = [temporary / f"{plan.figure}{suffix}" for suffix in (".pdf", ".png")]
        draw(plan.figure, results.data, plan.stamp, files, project.figures)
        np.savez_compressed(temporary / f"{plan.figure}.npz", **arrays)
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
        "panels": results.records,
    }


def summarise(sweep: Path) -> Path | None:
    """Writes a table over the runs of a sweep: what was varied, and every summary quantity.

    Args:
        sweep: The sweep's folder, with one folder per run in it.

    Returns:
        The table's path, or None if no run finished.
    """
    files = sorted(sweep.glob("*/meta.json"), key=lambda path: (len(path.parent.name), path))
    rows = [_row(path.parent.name, json.loads(path.read_text())) for path in files]
    if not rows:
        return None
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = sweep / "summary.csv"
    with new_file(table) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return table


def _row(run: str, record: dict[str, Any]) -> dict[str, Any]:
    row = {"run": run, "figure": f"{record['figure']}/{record['preset']}"}
    row |= dict(item.partition("=")[::2] for item in record["overrides"])
    for name, quantity in record["summary"].items():
        row[name] = quantity["value"]
        if "se" in quantity:
            row[f"{name}_se"] = quantity["se"]
    return row
