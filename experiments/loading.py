"""Results as arrays, for notebooks and scripts in any folder: `experiments.load`."""

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib.externals.loky import ProcessPoolExecutor

from experiments.engine.config import Project, plan, quoted
from experiments.engine.errors import UserError, log_to_stderr
from experiments.engine.run import Record
from experiments.parent import end_with_parent

if TYPE_CHECKING:
    from experiments.engine.cache import SourceIndex


def load(
    choice: str, parameters: Mapping[str, Any] | None = None, project: Project | None = None
) -> Record:
    """Return the numbers of a figure for some parameters, from the cache or computed.

    Missing results are computed in a separate process, in the precision and on the device that the
    experiments need. JAX in the caller's process is neither set up nor used.

    Args:
        choice: Figure and preset, as "fig5/smoke".
        parameters: Values by the names that `make params-5` lists, as
            {"panels.published.radius": 1.0}. Files are relative to the caller's folder.
        project: Where experiments lie; this checkout by default.

    Returns:
        Arrays by panel and name, as `load("fig5/smoke")["published"]["sg_loop"]`. The caller may
        change them.

    Raises:
        UserError: For a wrong name or value, before anything is computed; or if something must be
            computed, and the code was edited since this process imported it.
    """
    from experiments.engine.run import NotCached, collect

    project = project or Project()
    if not isinstance(parameters, Mapping | None):
        expected = 'values by name, as {"panels.published.radius": 1.0}'
        raise UserError("parameters are not a mapping", parameters, expected, "give a dictionary")
    values = [f"{name}={written(value)}" for name, value in (parameters or {}).items()]
    overrides = [f"figure={choice}", *values]
    run = plan(project, overrides)
    sources = _sources(project)
    modules = {type(experiment).__module__ for experiment in run.experiments.values()}
    edited = {str(file) for name in modules for file in sources.edited(name)}
    if edited:
        warnings.warn(
            f"{', '.join(sorted(edited))}: edited since this process imported it. Numbers and "
            "summaries are those of the earlier code; restart Python, or the notebook's kernel.",
            stacklevel=3,
        )
    only_read = replace(run, settings=run.settings.model_copy(update={"compute": "never"}))
    if run.settings.compute != "always":
        try:
            return collect(project, only_read, sources=sources)
        except NotCached:
            if run.settings.compute == "never":
                raise
    if edited:
        # The computing process would have the new code, this process has the earlier code.
        raise UserError(
            "code was edited since this process imported it, and nothing is computed",
            ", ".join(sorted(edited)),
            "code that is the same in this process and on disk",
            "restart Python, or the notebook's kernel",
        )
    compute(project, overrides)
    return collect(project, only_read, sources=sources)


@cache
def _sources(project: Project) -> "SourceIndex":
    """Return the index of the sources that this process imported, maybe hours ago."""
    from experiments.engine.cache import SourceIndex

    return SourceIndex(project, started=math.inf)


def written(value: Any) -> str:
    """Return a value as on the command line."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return quoted(value) if isinstance(value, str) else str(value)


def compute(project: Project, overrides: Sequence[str]) -> None:
    """Compute a run into the cache in a separate process, and print the progress to stderr.

    Raises:
        UserError: If the run raises one.
        TerminatedWorkerError: If the process is ended from outside.
    """
    with ProcessPoolExecutor(1) as pool:
        try:
            pool.submit(_compute, project, overrides).result()
        except KeyboardInterrupt:
            # An interrupted notebook leaves no process behind.
            pool.shutdown(kill_workers=True)
            raise


def _compute(project: Project, overrides: Sequence[str]) -> None:
    from experiments.engine.run import collect

    end_with_parent()
    log_to_stderr()
    run = plan(project, overrides)
    collect(project, run)
