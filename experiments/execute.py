"""Compute and publish one validated run."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.engine.compute.publish import publish
from experiments.engine.configure.compose import Plan
from experiments.engine.configure.registry import Project
from experiments.engine.errors import from_here

# What loads JAX is imported below: a command that only refuses is quick.
if TYPE_CHECKING:
    from experiments.engine.compute.key import SourceIndex


def execute(
    project: Project,
    run: Plan,
    start: float,
    folder: Path,
    sources: "SourceIndex | None" = None,
) -> None:
    """Compute or load, and publish a validated run; the last line names its picture.

    Args:
        project: Where experiments and figures lie.
        run: What to do.
        start: When it began, by `time.perf_counter`.
        folder: Where to publish.
        sources: As `collect` takes it.
    """
    from experiments.engine.compute.collect import collect, refuse_unwritable
    from experiments.replication.verdicts import titles

    refuse_unwritable(folder)
    if kept := run.own_seeds:
        given = f"seeds=... leaves those of {', '.join(kept)}; all.seeds=... changes all"
        print(given, file=sys.stderr)
    record = collect(project, run, run.cache(project), sources)
    drawn = publish(project, record, folder, titles(project, record))
    cached = [part["cached"] for part in record.parts]
    print(
        # In one piece: other figures may be printing theirs.
        f"{run.figure}/{run.preset}: {cached.count(False)} computed, {cached.count(True)} from the "
        f"cache, {'' if drawn else 'nothing to draw again, '}{time.perf_counter() - start:.1f} s\n"
        f"{from_here(folder / f'{run.figure}.png')}\n",
        end="",
        flush=True,
    )
