"""Every figure, several at once in worker processes, each computing as it would alone."""

import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import jax

from experiments.engine.compute import speed
from experiments.engine.compute.collect import unfinished
from experiments.engine.compute.key import SourceIndex
from experiments.engine.compute.processes import follow, working
from experiments.engine.compute.provenance import cores
from experiments.engine.compute.publish import target
from experiments.engine.configure.compose import SHARED, Plan, hydra, plan
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import Platform
from experiments.engine.errors import UserError
from experiments.execute import execute

_sources: SourceIndex


def run_all(project: Project, preset: str, overrides: Sequence[str]) -> None:
    """Run every figure: several at once where two or more compute, and there are cores.

    What has nothing to compute is published by this process, which has imported all there is.

    Args:
        project: Where experiments, figures and configs lie.
        preset: The preset of each.
        overrides: Hydra overrides, for all of them; seeds and data, for those that read them.

    Raises:
        UserError: Names the figure; before anything is computed if its config is wrong.
    """
    jobs, left = {}, []
    with hydra(project):
        for figure in project.presets():
            with _named(figure):
                experiments = project.experiments_in(f"{figure}/{preset}").values()
                unread = [name for name in SHARED if not project.have(name, experiments)]
                given = [text for text in overrides if re.split(r"[.=]", text)[0] not in unread]
                run = plan(project, [f"figure={figure}/{preset}", *given])
                jobs[figure] = (run, target(project, run))
    # All experiments are imported by now: what is edited from here on is not what runs.
    sources = SourceIndex(project)
    for figure, (run, _) in jobs.items():
        with _named(figure):
            if unfinished(run, run.cache(project), sources):
                left.append(figure)
    n = n_at_once([jobs[figure][0] for figure in left])
    # The last figures compute longest: begun first, so that the last to end has not begun late.
    elsewhere = left[::-1] if n > 1 else []
    if elsewhere:
        print(f"{len(elsewhere)} figures, {n} at once", file=sys.stderr, flush=True)
    with beside(project, [jobs[figure] for figure in elsewhere], n):
        for figure, (run, folder) in jobs.items():
            if figure not in elsewhere:
                _execute(project, run, folder, sources)


def n_at_once(plans: Sequence[Plan]) -> int:
    """Return how many figures to compute at once: one for each core, or one on a GPU.

    Args:
        plans: Those of figures that have something to compute.
    """
    if any(plan.root.runtime.platform is not Platform.cpu for plan in plans):
        return 1
    return min(cores(), len(plans))


@contextmanager
def beside(project: Project, jobs: Sequence[tuple[Plan, Path]], n: int) -> Iterator[None]:
    """Compute and publish figures in worker processes, beside what is done in the context.

    At the end of the context the rest is waited for. An error ends all of it at once; what was
    finished is in the cache.

    Args:
        project: Where experiments, figures and configs lie.
        jobs: Runs, each with the folder to publish it in, in the order in which to start them.
        n: Number of processes.

    Raises:
        UserError: Of a figure; or if a process is ended from outside.
    """
    if not jobs:
        yield
        return
    modules = {type(x).__module__ for run, _ in jobs for x in run.root.experiments.values()}
    arguments = [(project, run, folder) for run, folder in jobs]
    with working(n, _job, arguments, _prepare, (project, modules)) as futures:
        yield
        try:
            for future in as_completed(futures):
                future.result()
        except BrokenProcessPool as error:
            raise UserError(
                "a process that computed figures was ended from outside",
                f"{n} figures at once",
                "memory for all of them: where it runs out, the system ends processes",
                f"figure={jobs[0][0].figure}/{jobs[0][0].preset}",
            ) from error


def _prepare(project: Project, modules: set[str]) -> None:
    """Import and read all sources at once: what is edited from here on is not what runs."""
    global _sources
    follow()
    speed.begin()
    _sources = SourceIndex(project)
    for module in sorted(modules):
        import_module(module)
        _sources.source_hash(module)


def _job(project: Project, run: Plan, folder: Path) -> None:
    _execute(project, run, folder, _sources)


def _execute(project: Project, run: Plan, folder: Path, sources: SourceIndex) -> None:
    """Compute or load, and publish one figure of several; name it in an error."""
    with _named(run.figure):
        execute(project, run, time.perf_counter(), folder, sources)
    # Figures share little compiled code, and what a process can hold of it is limited.
    jax.clear_caches()


@contextmanager
def _named(figure: str) -> Iterator[None]:
    """Name the figure in an error."""
    try:
        yield
    except UserError as error:
        what = error.what if figure in error.what else f"{figure}: {error.what}"
        raise UserError(what, error.got, error.expected, error.fix) from error
