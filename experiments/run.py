"""Compute and draw figures: the one entry point.

python -m experiments.run figure=fig4/quick [key=value ...]
python -m experiments.run figure=all/quick [key=value ...]       the paper's figures at once
python -m experiments.run figure=beyond/quick [key=value ...]    the figures beyond the paper
python -m experiments.run -m figure=fig4/quick seeds=[1],[2]     a sweep: one run for each value

Hydra runs one and many. A run with parameters of its own goes to a folder of its own,
results/PRESET/figN-..., named by the changed parameters.
"""

import csv
import logging
import os
import re
import signal
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from experiments import refuse_shadowed
from experiments.engine.config import (
    Project,
    Run,
    checked,
    plan,
    quoted,
    readable,
    search_path,
    taken_over,
)
from experiments.engine.errors import UserError, from_here, log_to_stderr, run_command
from experiments.engine.provenance import cores
from experiments.engine.refusals import REFUSALS, explained

JOBLIB = "hydra/launcher=joblib"

log = logging.getLogger(__name__)


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Run the figures that the arguments name.

    Args:
        arguments: Hydra overrides, and -m for a sweep.
        project: The project that has the figures; this repository by default.

    Returns:
        The exit status.

    Raises:
        UserError: If an argument is wrong, or an experiment finds a wrong value while computing.
    """
    began = time.perf_counter()
    project = project or Project()
    options = {text for text in arguments if text.startswith("-")}
    if options & {"-h", "--help"}:
        print((__doc__ or "").strip(), "\n\nfigures:", " ".join(project.presets()))
        return 0
    if unknown := options - {"-m", "--multirun"}:
        raise UserError(
            "there is no such option", " ".join(unknown), "-m or --help", "leave it out"
        )
    refuse_shadowed()
    overrides = [readable(text) for text in arguments if not text.startswith("-")]
    figures = [text for text in overrides if text.startswith("figure=")]
    rest = [text for text in overrides if text not in figures[:1]]
    group, _, preset = "".join(figures[:1]).removeprefix("figure=").partition("/")
    is_sweep, is_group = bool(options), group in project.groups
    results, settings = _results(project, overrides), []
    if is_group:
        overrides = [_figures(project, group, preset), *rest]
        n = 1 if "runtime=gpu" in rest else min(cores(), len(project.groups[group]))
        settings = _group_settings(results, n)
        if n > 1 and not is_sweep:
            log.info("%d figures, %d at once", len(project.groups[group]), n)
    if is_sweep:
        settings = _sweep_settings(results)
    # A group of presets as they are needs no check.
    if is_sweep or is_group and rest:
        _check(project, overrides, is_group)
    if not is_sweep and not is_group:
        run = plan(project, overrides)
        _refuse_unread(run)
        _run(project, run, None, began)
        return 0
    return _many(project, settings, overrides, is_sweep)


def _many(
    project: Project, settings: Sequence[str], overrides: Sequence[str], is_sweep: bool
) -> int:
    """Run the figures of a group, or the runs of a sweep, here or in other processes."""

    def job(config: DictConfig) -> None:
        start = time.perf_counter()
        if parent_process():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            log_to_stderr()
        given = HydraConfig.get()
        folder = Path(given.sweep.dir, str(given.job.num)) if is_sweep else None
        try:
            _run(project, checked(project, config, given.overrides.task), folder, start)
        except UserError as error:
            log.error(error)
            raise Reported from error

    try:
        _start(job, project, settings, overrides)
    except Reported:
        return 2
    return 0


class Reported(Exception):
    """An error of one run among several, already printed. The other runs went on."""


def _run(project: Project, run: Run, folder: Path | None, start: float) -> None:
    """Compute or load, and publish a run; the last line printed names its picture.

    Args:
        project: The project that has the figure.
        run: The validated run.
        folder: The folder to publish in; None for the run's own.
        start: When the run began, by `time.perf_counter`.

    Raises:
        UserError: If the figure has no renderer, before anything is computed.
    """
    # Imported late: a process that only starts others needs none of these modules.
    from experiments.engine.run import collect
    from experiments.publish import publish

    place = project.place(run.figure)
    renderer = place.drawings / f"{run.figure}.py"
    if not renderer.is_file():
        what, got = f"{run.figure} has no renderer", f"no file {from_here(renderer)}"
        fix = f'write it, or use the numbers alone: experiments.load("{run.figure}/{run.preset}")'
        raise UserError(what, got, "a module with render(data): docs/recipes/figure.md", fix)
    folder = folder or project.root / run.settings.results_dir / run.folder
    done = collect(project, run)
    drawn = publish(done, folder, place)
    cached = [part["cached"] for seeds in done.parts.values() for part in seeds]
    print(
        # A single write: other processes may print at the same time.
        f"{run.figure}/{run.preset}: {cached.count(False)} computed, {cached.count(True)} from the "
        f"cache, {'' if drawn else 'nothing to draw again, '}{time.perf_counter() - start:.1f} s\n"
        f"{from_here(folder / f'{run.figure}.png')}\n",
        end="",
        flush=True,
    )


def _start(job: Any, project: Project, settings: Sequence[str], overrides: Sequence[str]) -> None:
    """Let Hydra compose our settings and the user's overrides, and call a job for each run."""
    arguments = ["--multirun", *settings, *search_path(project), *overrides]
    before, sys.argv = sys.argv, [sys.argv[0], *arguments]
    # Without this setting Hydra prints a traceback in place of raising an error.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # Loky replaces a worker whose memory has grown; figures leave large programs behind.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs")
    configs = str(project.places[0].configs)
    started = hydra.main(version_base="1.3", config_path=configs, config_name="config")(job)
    try:
        with _signals_end_workers() if JOBLIB in arguments else nullcontext():
            started()
    # Other errors come from computations.
    except HydraException as error:
        raise explained(error, overrides) from error
    except BrokenProcessPool as error:
        raise UserError(
            "a process that computed figures was ended from outside",
            "several runs at once",
            "memory for all of them: the system ends processes when it runs out",
            "one run after another, such as make figure-1",
        ) from error
    finally:
        sys.argv = before


@contextmanager
def _signals_end_workers() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into an exception. Joblib then ends its workers."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Under nohup, SIGHUP is ignored and stays so.
    numbers = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# Several figures, and sweeps.


def _figures(project: Project, group: str, preset: str) -> str:
    """Return the sweep over a group's figures.

    Raises:
        UserError: If a figure does not have the preset.
    """
    figures = project.groups[group]
    for figure in figures:
        try:
            project.figure_choice(f"{figure}/{preset}")
        except UserError as error:
            fix = error.fix.replace(figure, group)
            raise UserError(error.what, f"{group}/{preset}", error.expected, fix) from error
    # The last figures take longest. They start first, so that all cores stay busy to the end.
    return "figure=" + ",".join(f"{figure}/{preset}" for figure in reversed(figures))


def _refuse_unread(run: Run) -> None:
    """Refuse parameters of data in a run of a single figure that reads no data set."""
    data = [text for text in run.overrides if text.startswith(("data.", "data="))]
    if data and "data" not in taken_over(map(type, run.panels.values())):
        what, fix = f"{run.figure} reads no data set", f"leave out {data[0]}"
        raise UserError(what, data[0], "a parameter of the figure", fix)


def _check(project: Project, overrides: Sequence[str], is_group: bool) -> None:
    """Refuse wrong overrides of any run of a sweep, before anything is computed.

    Another sweeper than Hydra's own chooses values while it runs.
    """
    if any(text.startswith("hydra/sweeper=") for text in overrides):
        return
    try:
        parsed = OverridesParser.create().parse_overrides(
            [text for text in overrides if not text.startswith("hydra")]
        )
        runs = BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]
    except REFUSALS as error:
        raise explained(error, overrides) from error
    for run in runs:
        try:
            planned = plan(project, run)
            if not is_group:
                _refuse_unread(planned)
        except UserError as error:
            figure = run[0].removeprefix("figure=").partition("/")[0]
            what = f"{figure}: {error.what}" if figure.startswith("fig") else error.what
            raise UserError(what, error.got, error.expected, error.fix) from error


def _results(project: Project, overrides: Sequence[str]) -> str:
    """Return the folder of results, as Hydra reads it."""
    is_absolute = any(re.match("[+]*results_dir=['\"]?/", text) for text in overrides)
    return "${results_dir}" if is_absolute else f"{project.root}/${{results_dir}}"


def _group_settings(results: str, n: int) -> list[str]:
    """Return overrides for the figures of a group, `n` at once."""
    # Hydra writes the sweep's configuration there.
    settings = [f"hydra.sweep.dir={quoted(f'{results}/cache')}", "hydra.sweep.subdir=."]
    return settings + ([JOBLIB, f"hydra.launcher.n_jobs={n}"] if n > 1 else [])


def _sweep_settings(results: str) -> list[str]:
    """Return overrides for a sweep's folder and table."""
    # By time and process: two sweeps in one second get two folders.
    sweep = f"{results}/sweeps/{datetime.now():%Y-%m-%dT%H-%M-%S}-{os.getpid()}"
    table = f"+hydra.callbacks.table._target_=experiments.run.{Table.__name__}"
    return [f"hydra.sweep.dir={quoted(sweep)}", "hydra.sweep.subdir=${hydra.job.num}", table]


class Table(Callback):
    """A callback of Hydra's that writes summary.csv, a table over the runs of a sweep."""

    def on_job_end(self, config: DictConfig, job_return: Any, **_: Any) -> None:
        """Write the finished runs: the varied parameters, and all summary quantities."""
        from experiments.engine.cache import locked, new_file, read_or_warn
        from experiments.publish import read

        sweep = Path(config.hydra.sweep.dir)
        with locked(sweep):
            folders = sorted(sweep.glob("[0-9]*"), key=lambda path: int(path.name))
            runs = [
                (x.name, read_or_warn(x, partial(read, x, arrays=False), "left out"))
                for x in folders
            ]
            rows = [_row(number, run) for number, run in runs if run]
            columns = list(dict.fromkeys(name for row in rows for name in row))
            path = sweep / "summary.csv"
            with new_file(path) as temporary, temporary.open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Print the path of the table."""
        print(from_here(Path(config.hydra.sweep.dir) / "summary.csv"), flush=True)


def _row(number: str, run: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"run": number, "figure": f"{run.figure}/{run.preset}"}
    for item in run.overrides:
        key, _, row[key] = item.partition("=")
    for name, quantity in run.summary.items():
        row[name] = quantity.value
        if quantity.kind == "statistical":
            row[f"{name}_se"] = quantity.se
    return row


if __name__ == "__main__":
    # Workers find the command by this name.
    from experiments.run import main as command

    run_command(command)
