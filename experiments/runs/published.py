"""Published runs: the run that a user names, its files and its provenance."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.engine.cache import CorruptResult
from experiments.engine.config import Project
from experiments.engine.errors import UserError, from_here, nearest
from experiments.engine.run import META, Record, read

NONE = "–"
"""In place of a value that a run does not have."""


def place(run: Record) -> Path:
    """Return the folder of a published run."""
    assert run.folder is not None
    return run.folder


def pictures(run: Record) -> list[Path]:
    """Return a run's PNG files, figure and supplement."""
    return sorted(place(run).glob(f"{run.plan.figure}*.png"))


def find(project: Project, text: str, usage: str) -> Record:
    """Return the run that a user names.

    Args:
        project: Where results lie.
        text: The run's folder, that folder's path below results/, a file in the folder, or a
            preset, as "fig5/smoke".
        usage: Command for the fix of the error, with {} in place of a run.

    Raises:
        UserError: If the run does not exist or is damaged.
    """
    results = project.root / "results"
    candidates = [Path(text), results / text] if text.strip() else []
    preset = re.fullmatch(r"(?P<figure>fig\d+)/(?P<preset>\w+)", text)
    if preset:
        candidates.append(results / preset["preset"] / preset["figure"])
    for path in candidates:
        folder = path.parent if path.is_file() else path
        try:
            record = read(folder)
        except CorruptResult as fault:
            what, expected = "a run cannot be read", "what its run has published"
            got = f"{from_here(folder)}: {fault}"
            raise UserError(what, got, expected, "run it again, or remove the folder") from fault
        if record:
            return record
    names = [from_here(path.parent) for path in sorted(results.glob(f"*/fig*/{META}"))]
    # A preset's own folder, which `make figure-N` fills.
    preset = preset or re.fullmatch(r"(?:results/)?(?P<preset>\w+)/(?P<figure>fig\d+)/?", text)
    what = "there is no such run" if text else "no run is named"
    if preset or not names:
        figure, name = (preset["figure"], preset["preset"]) if preset else ("fig5", "smoke")
        expected, fix = "a run that was made", f"make figure-{figure[3:]} PRESET={name}"
    else:
        expected = f"a run's folder, one of {', '.join(names)}"
        fix = usage.replace("{}", nearest(text, names) or names[0])
    raise UserError(what, text or "nothing", expected, fix)


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each differing parameter: name, first value, second value."""
    return [
        [name, *(str(side.get(name, NONE)) for side in (a, b))]
        for name in {**a, **b}
        if (name in a, a.get(name)) != (name in b, b.get(name))
    ]


def facts(*runs: Record) -> list[list[str]]:
    """Return the provenance of runs: rows with the name of a fact, and the value for each run."""
    columns = [_facts(run) for run in runs]
    return [[name, *(column[name] for column in columns)] for name in columns[0]]


def _facts(run: Record) -> dict[str, str]:
    plan, parts, provenance = run.plan, run.parts, run.provenance

    def of_parts(field: str) -> str:
        return ", ".join(dict.fromkeys(str(part.get(field, "unknown")) for part in parts))

    cached = sum(part["cached"] for part in parts)
    dirty = ", with changes that are not committed" if provenance["git_dirty"] else ""
    return {
        "folder": from_here(place(run)),
        "figure and preset": f"{plan.figure}/{plan.preset}",
        "overrides": " ".join(plan.overrides) or "none",
        "published": provenance["timestamp"],
        "commit": f"{provenance['git_sha'] or 'no repository'}{dirty}",
        "panels and seeds": f"{len(parts) - cached} computed, {cached} from the cache",
        "seconds of the processor": f"{sum(part.get('process_time_s', 0) for part in parts):.1f}",
        "computed on": f"{of_parts('platform')}: {of_parts('processor')}",
        "double precision": of_parts("jax_enable_x64"),
        "Python, JAX, NumPy": ", ".join(
            [provenance["python"], provenance["packages"]["jax"], provenance["packages"]["numpy"]]
        ),
        "hash of the numbers": provenance["files"][f"{plan.figure}.npz"][:16],
    }
