"""Many runs at once: Hydra's launchers and sweepers, and a table of what came out."""

import csv
import itertools
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from experiments.engine.atomic import new_file
from experiments.engine.compose import by_key, of_hydra, search_path
from experiments.engine.errors import UserError
from experiments.engine.mistakes import REFUSALS, mistake
from experiments.engine.publish import shown
from experiments.engine.record import Record, read
from experiments.engine.registry import Project
from experiments.engine.store import whole

Run = Callable[[Project, Sequence[str], Path], None]
MAX_RUNS = 10_000
"""Of a sweep; each is composed and checked before the first starts."""


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Return the overrides of every run of a multirun, as Hydra's sweeper does.

    Raises:
        UserError: If Hydra cannot read a sweep, or it is of more runs than are checked one by one.
    """
    given = by_key(overrides)
    settings = [text for key, text in given.items() if of_hydra(key)]
    try:
        values = [
            [f"{item.get_key_element()}={value}" for value in _swept(item)]
            if item.is_sweep_override()
            else [str(item.input_line)]
            for item in OverridesParser.create().parse_overrides(
                [text for key, text in given.items() if not of_hydra(key)]
            )
        ]
    except REFUSALS as error:
        raise mistake(error, given) from error
    if math.prod(map(len, values)) > MAX_RUNS:
        what, got = "a sweep of too many runs", " ".join(overrides)
        raise UserError(what, got, f"at most {MAX_RUNS}", "fewer values")
    return [[*combination, *settings] for combination in itertools.product(*values)]


def _swept(item: Override) -> Iterator[str]:
    return itertools.islice(item.sweep_string_iterator(), MAX_RUNS + 1)


def run_many(project: Project, overrides: Sequence[str], results_dir: Path, run: Run) -> int:
    """Hand a validated multirun to Hydra, with its launchers and sweepers.

    Args:
        project: Where experiments, figures and configs lie.
        overrides: Hydra overrides with sweeps, and any hydra.* settings.
        results_dir: Where the sweep's folder is made, under sweeps/.
        run: Runs one of its combinations, and publishes it in a folder.
    """
    sweep = new_sweep_folder(results_dir / "sweeps")

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
            print(shown(table), flush=True)
        # Where nothing has run, nothing stays.
        for folder in (sweep, sweep.parent, results_dir):
            with suppress(OSError):
                folder.rmdir()
    return 0


def new_sweep_folder(parent: Path) -> Path:
    """Make a folder named by the time; two sweeps in one second get two folders."""
    name = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    for number in range(1000):
        folder = parent / (f"{name}-{number}" if number else name)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise RuntimeError(f"no free name for a sweep in {parent}")


def summarise(sweep: Path) -> Path | None:
    """Write a table over the runs of a sweep: what was varied, and every summary quantity.

    Args:
        sweep: The sweep's folder, with one folder per run in it.

    Returns:
        The table's path, or None if no run finished.
    """
    folders = sorted(sweep.glob("[0-9]*"), key=lambda path: int(path.name))
    runs = {path: whole(path, lambda p=path: read(p, arrays=False), "left out") for path in folders}
    rows = [_row(path.name, run) for path, run in runs.items() if run]
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
