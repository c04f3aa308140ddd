"""A run from its overrides to its picture: compose, compute or load, draw, publish."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.config import Project, Run, plan
from experiments.engine.errors import from_here

log = logging.getLogger(__name__)


def run_one(project: Project, overrides: Sequence[str]) -> None:
    """Compose, compute or load, and publish a run.

    Args:
        project: The project that has the figure.
        overrides: Hydra overrides without sweeps, among them figure=figN/PRESET.

    Raises:
        UserError: If an override is wrong, or an experiment finds a wrong value while computing.
    """
    start = time.perf_counter()
    run = plan(project, overrides)
    # Imported here, for it loads JAX: a mistake in an override is reported at once.
    from experiments.engine.run import target

    execute(project, run, target(project, run), start)


def execute(project: Project, run: Run, folder: Path, start: float) -> None:
    """Compute or load, and publish a validated run; the last line printed names its picture.

    Args:
        project: The project that has the figure.
        run: The validated run.
        folder: The folder to publish in.
        start: When the run began, by `time.perf_counter`.
    """
    from experiments.engine.run import collect, publish

    if kept := run.own_seeds:
        log.warning("seeds=... leaves those of %s; all.seeds=... changes all", ", ".join(kept))
    record = collect(project, run)
    drawn = publish(project, record, folder)
    cached = [part["cached"] for seeds in record.parts.values() for part in seeds]
    print(
        # A single write: other processes may print at the same time.
        f"{run.figure}/{run.preset}: {cached.count(False)} computed, {cached.count(True)} from the "
        f"cache, {'' if drawn else 'nothing to draw again, '}{time.perf_counter() - start:.1f} s\n"
        f"{from_here(folder / f'{run.figure}.png')}\n",
        end="",
        flush=True,
    )
