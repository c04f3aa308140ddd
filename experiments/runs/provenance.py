"""Where a run's numbers come from, as rows for a page."""

from typing import Any

from experiments.engine.publish import shown
from experiments.runs.published import Published


def provenance(*runs: Published) -> list[list[str]]:
    """What the records say, one row each: the name, then what it is in every run."""
    columns = [_facts(run) for run in runs]
    return [[name, *(facts[name] for facts in columns)] for name in columns[0]]


def _facts(run: Published) -> dict[str, str]:
    record, parts = run.record, run.parts

    def of_parts(field: str) -> str:
        return ", ".join(dict.fromkeys(str(part.get(field, "unknown")) for part in parts))

    cached = sum(part["cached"] for part in parts)
    return {
        "folder": shown(run.folder),
        "figure and preset": f"{run.figure}/{run.preset}",
        "overrides": " ".join(record["overrides"]) or "none",
        "published": record["timestamp"],
        "commit": f"{record['git_sha'] or 'no repository'}{_dirty(record)}",
        "panels and seeds": f"{len(parts) - cached} computed, {cached} from the cache",
        "seconds of the processor": f"{sum(part.get('process_time_s', 0) for part in parts):.1f}",
        "computed on": f"{of_parts('platform')}: {of_parts('processor')}",
        "double precision": of_parts("jax_enable_x64"),
        "Python, JAX, NumPy": ", ".join(
            [record["python"], record["packages"]["jax"], record["packages"]["numpy"]]
        ),
        "hash of the numbers": record["data_sha256"][:16],
    }


def _dirty(record: dict[str, Any]) -> str:
    return ", with changes that are not committed" if record["git_dirty"] else ""
