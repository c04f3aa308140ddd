"""Many runs at once: Hydra's launchers and sweepers, and a table of what came out."""

import csv
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException

from experiments.engine.compute.atomic import new_file
from experiments.engine.compute.record import Record, read_meta
from experiments.engine.configure.compose import by_key, search_path
from experiments.engine.configure.hydra_errors import mistake
from experiments.engine.configure.registry import Project
from experiments.engine.errors import from_here

Run = Callable[[Project, Sequence[str], Path], None]


def run_many(project: Project, overrides: Sequence[str], results_dir: Path, run: Run) -> int:
    """Hand a validated multirun to Hydra, with its launchers and sweepers.

    Args:
        project: Where experiments, figures and configs lie.
        overrides: Hydra overrides with sweeps, and any hydra.* settings.
        results_dir: Where the sweep's folder is made, under sweeps/.
        run: Runs one of its combinations, and publishes it in a folder.
    """
    # By the time, and by the process: two sweeps in one second get two folders.
    sweep = results_dir / "sweeps" / f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{os.getpid()}"
    sweep.mkdir(parents=True)

    @hydra.main(version_base="1.3", config_path=str(project.rooms[0].configs), config_name="config")
    def job(_: object) -> None:
        settings = HydraConfig.get()
        # Composed anew, so that a run of a sweep is a run like any other.
        run(project, settings.overrides.task, sweep / str(settings.job.num))

    settings = [
        f"hydra.sweep.dir={sweep}",
        *search_path(project),
        "hydra.output_subdir=null",
        "hydra/job_logging=disabled",
        "hydra/hydra_logging=disabled",
    ]
    added = [f"+{text}" if text.startswith("all.") else text for text in overrides]
    sys.argv = [sys.argv[0], "--multirun", *settings, *added]
    # Errors come through as they are, for `guarded` to end on; Hydra would print a traceback.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        job()
    except HydraException as error:
        raise mistake(error, by_key(overrides)) from error
    finally:
        if table := summarise(sweep):
            print(from_here(table), flush=True)
        # Where nothing has run, nothing stays.
        for folder in (sweep, sweep.parent, results_dir):
            with suppress(OSError):
                folder.rmdir()
    return 0


def summarise(sweep: Path) -> Path | None:
    """Write a table over the runs of a sweep: what was varied, and every summary quantity.

    Args:
        sweep: The sweep's folder, with one folder per run in it.

    Returns:
        The table's path, or None if no run finished.
    """
    folders = sorted(sweep.glob("[0-9]*"), key=lambda path: int(path.name))
    rows = [_row(path.name, run) for path in folders if (run := read_meta(path, "left out"))]
    if not rows:
        return None
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = sweep / "summary.csv"
    with new_file(table) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return table


def _row(number: str, run: Record) -> dict[str, Any]:
    row: dict[str, Any] = {"run": number, "figure": f"{run.plan.figure}/{run.plan.preset}"}
    for item in run.plan.overrides:
        key, _, row[key] = item.partition("=")
    for name, quantity in run.summary.items():
        row[name] = quantity.value
        if quantity.kind == "statistical":
            row[f"{name}_se"] = quantity.se
    return row
