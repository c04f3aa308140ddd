"""List committed numbers that differ from another commit's.

Differences of goldens are compared with the stated error: the tolerance of an exact quantity, the
standard error of a statistical one, half the width of a band. Arrays that figures are drawn from
(figures/reference) have no stated error; for each, the largest difference over the largest
magnitude is given.
"""

import io
import json
import subprocess
from pathlib import Path

import numpy as np

from experiments.engine.base import Quantity
from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.statistics import ROUNDING
from experiments.tables import aligned


def moved(project: Project, commit: str) -> int:
    """Print what moved. Return 1 if a golden moved by more than its error, else 0."""
    goldens, drawn = [], []
    for figure in project.presets():
        goldens += _moved_goldens(figure, commit, project)
        drawn += _moved_arrays(figure, commit, project)
    header = ["quantity", "old", "new", "stated error"]
    print(f"goldens that moved by more than their stated error since {commit}: {len(goldens)}")
    print(aligned(header, goldens, [60, 20, 20, 20]) if goldens else "")
    header = ["array", "largest difference, relative"]
    print(f"arrays drawn that differ by more than rounding ({ROUNDING:g}): {len(drawn)}")
    print(aligned(header, drawn, [60, 30]) if drawn else "")
    return int(bool(goldens))


def _moved_goldens(figure: str, commit: str, project: Project) -> list[list[str]]:
    path = project.golden(figure)
    old = json.loads(_at(commit, path, project))["quantities"]
    new = json.loads(path.read_text())["quantities"]
    rows = []
    for name in sorted(old.keys() | new.keys()):
        before, after = (Quantity(**q[name]) if name in q else None for q in (old, new))
        if has_moved(before, after):
            values = ["-" if q is None else f"{q.value:.10g}" for q in (before, after)]
            error = "-" if before is None else f"{before.error:.2g}"
            rows.append([f"{figure}.{name}", *values, error])
    return rows


def has_moved(before: Quantity | None, after: Quantity | None) -> bool:
    """Return whether a quantity is off by more than its stated error, or not there in both."""
    # Not `>`, which NaN would pass.
    return before is None or after is None or not abs(after.value - before.value) <= before.error


def _moved_arrays(figure: str, commit: str, project: Project) -> list[list[str]]:
    path = project.reference(figure)
    with np.load(io.BytesIO(_at(commit, path, project))) as file:
        old = {name: file[name] for name in file.files}
    with np.load(path) as file:
        new = {name: file[name] for name in file.files}
    rows = []
    for name in sorted(old.keys() | new.keys()):
        difference = _difference(old.get(name), new.get(name))
        if not difference <= ROUNDING:
            rows.append([f"{figure}.{name}", f"{difference:.2g}"])
    return rows


def _difference(old: np.ndarray | None, new: np.ndarray | None) -> float:
    """Return the largest difference over the largest magnitude; infinity for other shapes."""
    if old is None or new is None or old.shape != new.shape:
        return np.inf
    if old.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(old, new) else np.inf
    old, new = old.astype(float), new.astype(float)
    if not np.array_equal(np.isfinite(old), np.isfinite(new)):
        return np.inf
    finite = np.isfinite(old)
    scale = np.abs(old[finite]).max(initial=0.0)
    return np.abs(new[finite] - old[finite]).max(initial=0.0) / (scale or 1.0)


def _at(commit: str, path: Path, project: Project) -> bytes:
    """Return a file as it was in a commit."""
    name = path.relative_to(project.root).as_posix()
    try:
        command = ["git", "-C", str(project.root), "show", f"{commit}:{name}"]
        return subprocess.run(command, capture_output=True, check=True).stdout
    except subprocess.CalledProcessError as error:
        raise UserError("no such file in that commit", f"{commit}:{name}", "a commit") from error
