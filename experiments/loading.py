"""Results as arrays, for notebooks and scripts in any folder: `experiments.load`.

As a command, compute into the cache, and write a user's mistake to a file, as JSON.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.engine.compute.record import Record
from experiments.engine.configure.compose import plan
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import Compute
from experiments.engine.errors import UserError, run_command

if TYPE_CHECKING:
    from experiments.engine.compute.key import SourceIndex


def load(
    choice: str, parameters: Mapping[str, Any] | None = None, project: Project | None = None
) -> Record:
    """Return the numbers of a figure under given parameters, from the cache or computed.

    What is not in the cache is computed by a process of its own, in the precision and on the device
    that the experiments need: JAX in the caller's process is neither set up nor used.

    Args:
        choice: Figure and preset, as "fig5/smoke".
        parameters: Values by the names that `make params-5` lists, as
            {"panels.published.radius": 1.0}. Files are relative to the caller's folder.
        project: Where experiments lie; this checkout by default.

    Returns:
        Arrays by panel and name, which are the caller's own:
        `load("fig5/smoke")["published"]["sg_loop"]`.

    Raises:
        UserError: For a wrong name or value, before anything is computed; or if something must be
            computed, and the code was edited since this process imported it.
    """
    from experiments.engine.compute.collect import NotCached, collect

    project = project or Project()
    if not isinstance(parameters, Mapping | None):
        expected = 'values by name, as {"panels.published.radius": 1.0}'
        raise UserError("parameters are no mapping", parameters, expected, "give a dictionary")
    given = [f"{name}={written(value)}" for name, value in (parameters or {}).items()]
    overrides = [f"figure={choice}", *given]
    run = plan(project, overrides)
    store, sources = run.cache(project), _sources(project)
    modules = {type(experiment).__module__ for experiment in run.root.experiments.values()}
    edited = {str(file) for name in modules for file in sources.edited(name)}
    if edited:
        warnings.warn(
            f"{', '.join(sorted(edited))}: edited since this process imported it. Numbers and "
            "summaries are those of the earlier code; restart Python, or the notebook's kernel.",
            stacklevel=3,
        )
    only_read = replace(run, root=replace(run.root, compute=Compute.never))
    if run.root.compute is not Compute.always:
        try:
            return collect(project, only_read, store, sources)
        except NotCached:
            if run.root.compute is Compute.never:
                raise
    if edited:
        # Another process would compute by the new code, this one would summarise by the earlier.
        raise UserError(
            "code was edited since this process imported it, and nothing is computed",
            ", ".join(sorted(edited)),
            "code that is the same in this process and on disk",
            "restart Python, or the notebook's kernel",
        )
    compute(project, overrides)
    return collect(project, only_read, store, sources)


@cache
def _sources(project: Project) -> "SourceIndex":
    """Return the sources as this process has them, which may be as old as a notebook's kernel."""
    from experiments.engine.compute.key import SourceIndex

    return SourceIndex(project, started=math.inf)


def written(value: Any) -> str:
    """Write a value as on the command line."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "'" + value.replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


def compute(project: Project, overrides: Sequence[str]) -> None:
    """Compute a run into the cache, in a process of its own; its progress goes to stderr.

    Raises:
        UserError: If the run refuses, with its own message.
    """
    paths = [str(project.root), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with tempfile.TemporaryDirectory() as folder:
        mistake = Path(folder, "error.json")
        # Without -P the caller's folder would come first, and anything named as a package of ours.
        command = [sys.executable, "-P", "-m", __name__, str(mistake), *overrides]
        said = ""
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                for line in process.stderr or ():
                    said += line
                    if line.endswith(" s\n"):
                        print(line, end="", file=sys.stderr)  # noqa: T201
            except BaseException:
                process.terminate()
                raise
        if mistake.is_file():
            raise UserError(*json.loads(mistake.read_text()))
    if process.returncode:
        raise RuntimeError(f"the computation ended with status {process.returncode}:\n{said}")


def main(arguments: Sequence[str]) -> int:
    """Compute what is asked for; nothing is published."""
    from experiments.engine.compute.collect import collect

    parser = argparse.ArgumentParser("python -m experiments.loading", description=__doc__)
    parser.add_argument("mistake", help="file that a mistake is written to")
    parser.add_argument("overrides", nargs="*", help="figure=fig4/quick [key=value ...]")
    options, project = parser.parse_args(arguments), Project()
    try:
        run = plan(project, options.overrides)
        collect(project, run, run.cache(project))
    except UserError as error:
        Path(options.mistake).write_text(json.dumps([str(part) for part in error.args]))
        return 2
    return 0


if __name__ == "__main__":
    run_command(main)
