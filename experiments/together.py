"""Several figures at once, in worker processes, each computing as it would alone."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from experiments.engine import speed
from experiments.engine.compose import Plan
from experiments.engine.errors import UserError
from experiments.engine.processes import follow, working
from experiments.engine.provenance import cores
from experiments.engine.registry import Project
from experiments.engine.schema import Platform
from experiments.engine.sources import SourceIndex

Job = tuple[Plan, Path]
Execute = Callable[[Project, Plan, Path, SourceIndex], None]

_sources: SourceIndex


def n_at_once(plans: Sequence[Plan]) -> int:
    """Return how many figures to compute at once: one for each core, or one on a GPU.

    Args:
        plans: Those of figures that have something to compute.
    """
    if any(plan.root.runtime.platform is not Platform.cpu for plan in plans):
        return 1
    return min(cores(), len(plans))


@contextmanager
def beside(project: Project, jobs: Sequence[Job], n: int, execute: Execute) -> Iterator[None]:
    """Compute and publish figures in worker processes, beside what is done in the context.

    At the end of the context the rest is waited for. An error ends all of it at once; what was
    finished is in the cache.

    Args:
        project: Where experiments, figures and configs lie.
        jobs: Runs, each with the folder to publish it in, in the order in which to start them.
        n: Number of processes.
        execute: Computes and publishes one of them.

    Raises:
        UserError: Of a figure; or if a process is ended from outside.
    """
    if not jobs:
        yield
        return
    modules = {type(x).__module__ for run, _ in jobs for x in run.root.experiments.values()}
    arguments = [(execute, project, run, folder) for run, folder in jobs]
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


def _job(execute: Execute, project: Project, run: Plan, folder: Path) -> None:
    execute(project, run, folder, _sources)
