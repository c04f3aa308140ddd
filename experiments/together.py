"""Several figures at once, in worker processes."""

import signal
import warnings
from collections.abc import Sequence

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from experiments.engine.config import Project
from experiments.engine.errors import LOGGER, UserError, log_to_stderr
from experiments.engine.provenance import cores
from experiments.execute import run_one
from experiments.parent import end_with_parent


def run_all(project: Project, group: str, preset: str, overrides: Sequence[str]) -> None:
    """Run a group of figures: several at once on a CPU, one after another on a GPU.

    An error ends all of them; results that were finished are in the cache.

    Args:
        project: The project that has the figures.
        group: One of `Project.groups`, as "all".
        preset: The preset of each.
        overrides: Hydra overrides for all of them, the choice of figures among them.

    Raises:
        UserError: If an override is wrong for one of the figures, which the message names.
    """
    figures = project.groups[group]
    for figure in figures:
        try:
            project.figure_choice(f"{figure}/{preset}")
        except UserError as error:
            fix = error.fix.replace(figure, group)
            raise UserError(error.what, f"{group}/{preset}", error.expected, fix) from error
    rest = [text for text in overrides if not text.startswith("figure=")]
    n = 1 if "runtime=gpu" in rest else min(cores(), len(figures))
    # The last figures take longest. They start first, so that both cores stay busy to the end.
    jobs = [(project, [f"figure={figure}/{preset}", *rest]) for figure in reversed(figures)]
    # Loky replaces a worker whose memory has grown; figures leave large programs behind.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs")
    if n > 1:
        LOGGER.info("%d figures, %d at once", len(figures), n)
    try:
        # joblib infers the type of `batch_size` from its default, "auto"; numbers are documented.
        pool = Parallel(n_jobs=n, batch_size=1, pre_dispatch="all")  # pyright: ignore[reportArgumentType]
        pool(delayed(_run)(*job) for job in jobs)
    except TerminatedWorkerError as error:
        raise UserError(
            "a process that computed figures was ended from outside",
            f"{n} figures at once",
            "memory for all of them: the system ends processes when it runs out",
            f"figure={figures[0]}/{preset}, one after another",
        ) from error


def _run(project: Project, overrides: Sequence[str]) -> None:
    """Run a figure in a worker process; an error names the figure."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()
    log_to_stderr()
    try:
        run_one(project, overrides)
    except UserError as error:
        figure = overrides[0].removeprefix("figure=").partition("/")[0]
        what = error.what if figure in error.what else f"{figure}: {error.what}"
        raise UserError(what, error.got, error.expected, error.fix) from error
