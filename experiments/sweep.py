"""Sweeps: one run for each value, by Hydra's sweepers and launchers, and a table of the results."""

import csv
import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from experiments.engine.cache import new_file
from experiments.engine.config import (
    REFUSALS,
    Project,
    checked,
    explained,
    quoted,
    readable,
    register,
    search_path,
)
from experiments.engine.config import Run as Run
from experiments.engine.errors import from_here, log_to_stderr
from experiments.engine.run import read_meta
from experiments.execute import execute
from experiments.parent import end_with_parent


class SweepFolder(Callback):
    """A callback of Hydra's that keeps the folder of the current sweep."""

    path: ClassVar[Path | None] = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        SweepFolder.path = Path(config.hydra.sweep.dir)


def run_many(project: Project, overrides: Sequence[str]) -> None:
    """Run a sweep by Hydra's sweepers and launchers.

    Args:
        project: The project that has the figures.
        overrides: Hydra overrides with sweeps, and any hydra.* settings.

    Raises:
        UserError: If Hydra cannot read an override, or a run has a wrong one.
    """
    overrides = [readable(text) for text in overrides]
    sys.argv = [sys.argv[0], "--multirun", *_settings(project, overrides), *overrides]
    # Without this setting Hydra prints a traceback in place of raising an error.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    register(project)
    configs = str(project.rooms[0].configs)

    @hydra.main(version_base="1.3", config_path=configs, config_name="config")
    def job(config: DictConfig) -> None:
        end_with_parent()
        log_to_stderr()
        settings, start = HydraConfig.get(), time.perf_counter()
        run = checked(project, config, settings.overrides.task)
        execute(project, run, Path(settings.sweep.dir, str(settings.job.num)), start)

    SweepFolder.path = None
    try:
        job()  # pyright: ignore[reportCallIssue] Hydra gives the config
    except REFUSALS as error:
        raise explained(project, error, overrides) from error
    finally:
        if SweepFolder.path:
            _finish(SweepFolder.path)


def _settings(project: Project, overrides: Sequence[str]) -> list[str]:
    """Return overrides for Hydra's search path, output folder and logging."""
    is_absolute = any(re.match("results_dir=['\"]?/", text) for text in overrides)
    results = "${results_dir}" if is_absolute else f"{project.root}/${{results_dir}}"
    # By time and process: two sweeps in one second get two folders.
    sweep = f"{results}/sweeps/{datetime.now():%Y-%m-%dT%H-%M-%S}-{os.getpid()}"
    return [
        *search_path(project),
        f"hydra.sweep.dir={quoted(sweep)}",
        f"+hydra.callbacks.folder._target_={__name__}.{SweepFolder.__name__}",
    ]


def _finish(sweep: Path) -> None:
    """Write the table of a sweep and print its path. Remove empty folders."""
    if table := summarise(sweep):
        print(from_here(table), flush=True)
    for folder in (sweep, sweep.parent, sweep.parents[1]):
        with suppress(OSError):
            folder.rmdir()


def summarise(sweep: Path) -> Path | None:
    """Write a table over the runs of a sweep: the varied parameters and all summary quantities.

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


def _row(number: str, run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {"run": number, "figure": f"{run.figure}/{run.preset}"}
    for item in run.overrides:
        key, _, row[key] = item.partition("=")
    for name, quantity in run.summary.items():
        row[name] = quantity.value
        if quantity.kind == "statistical":
            row[f"{name}_se"] = quantity.se
    return row
