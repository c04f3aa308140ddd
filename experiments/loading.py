"""Results as arrays, for notebooks and scripts in any folder: `experiments.load`.

python -m experiments.loading figure=fig5/smoke [key=value ...]     computes into the cache
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from experiments.arrays import About, about
from experiments.engine.base import Quantity
from experiments.engine.errors import UserError, run_command
from experiments.engine.registry import Project

MESSAGE = re.compile(
    r"^error: (.*)\n  got: *(.*)(?:\n  expected: *(.*))?(?:\n  fix: *(.*))?", re.MULTILINE
)
PLAIN = re.compile(r"[A-Za-z][\w./-]*")
T = TypeVar("T")
WORDS = ("true", "false", "null", "nan", "inf")


@dataclass(frozen=True, repr=False)
class Panel(Mapping[str, np.ndarray]):
    """The arrays of one panel by name; as text, a table of them.

    Attributes:
        experiment: Name of the experiment that it shows.
        arrays: The arrays, which are the caller's own.
    """

    experiment: str
    arrays: dict[str, np.ndarray]

    def about(self, name: str) -> About:
        """An array's axes, unit and meaning; without a word where nothing is written of it."""
        axes = tuple("?" * self.arrays[name].ndim)
        return about(self.experiment, name) or About(axes, "", "")

    def __getitem__(self, name: str) -> np.ndarray:
        return _named("array", name, self.arrays)

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def __repr__(self) -> str:
        from experiments.table import table

        rows = []
        for name, array in self.arrays.items():
            said = self.about(name)
            shape = ", ".join(map("{} {}".format, said.axes, array.shape)) or "one number"
            rows.append([name, shape, said.unit, said.meaning])
        return table(["array", "shape", "unit", "meaning"], rows, [32, 36, 12, 50])


@dataclass(frozen=True, repr=False)
class Result(Mapping[str, Panel]):
    """What a figure draws and reports, by panel; panels that are only checked come last.

    Attributes:
        figure: As "fig5".
        preset: As "smoke".
        modified: Every "key=value" that differs from the preset.
        panels: Arrays by panel.
        summary: Quantities with their errors, by "panel.name".
    """

    figure: str
    preset: str
    modified: tuple[str, ...]
    panels: dict[str, Panel]
    summary: dict[str, Quantity] = field(default_factory=dict)

    def __getitem__(self, panel: str) -> Panel:
        return _named("panel", panel, self.panels)

    def __iter__(self) -> Iterator[str]:
        return iter(self.panels)

    def __len__(self) -> int:
        return len(self.panels)

    def __repr__(self) -> str:
        head = f"{self.figure}/{self.preset}, changed: {', '.join(self.modified) or 'nothing'}"
        parts = [f"{name} ({panel.experiment})\n{panel}" for name, panel in self.items()]
        return "\n\n".join([head, *parts])


def _named(kind: str, name: str, items: Mapping[str, T]) -> T:
    if name not in items:
        raise KeyError(f"no {kind} {name!r}, but {', '.join(items)}")
    return items[name]


def load(
    choice: str, parameters: Mapping[str, Any] | None = None, project: Project | None = None
) -> Result:
    """The numbers of a figure under given parameters, from the cache or computed.

    What is not in the cache is computed by a process of its own, in the precision and on the device
    that the experiments need: JAX in the caller's process is neither set up nor used.

    Args:
        choice: Figure and preset, as "fig5/smoke".
        parameters: Values by the names that `make params-5` lists, as
            {"panels.published.radius": 1.0}. Files are relative to the caller's folder.
        project: Where experiments lie; this checkout by default.

    Returns:
        Arrays by panel and name: `load("fig5/smoke")["published"]["sg_loop"]`.

    Raises:
        UserError: For a wrong name or value, before anything is computed.
    """
    from experiments.engine.collect import NotCached, collect
    from experiments.engine.compose import plan
    from experiments.engine.schema import Compute
    from experiments.engine.store import Store

    project = project or Project()
    if not isinstance(parameters, Mapping | None):
        expected = 'values by name, as {"panels.published.radius": 1.0}'
        raise UserError("parameters are no mapping", parameters, expected, "give a dictionary")
    given = [f"{name}={written(value)}" for name, value in (parameters or {}).items()]
    overrides = [f"figure={choice}", *given]
    run = plan(project, overrides)
    store = Store(project.root / run.root.results_dir / "cache")
    only_read = replace(run, root=replace(run.root, compute=Compute.never))
    results = None
    if run.root.compute is not Compute.always:
        try:
            results = collect(project, only_read, store)
        except NotCached:
            if run.root.compute is Compute.never:
                raise
    if results is None:
        compute(project, overrides)
        results = collect(project, only_read, store)
    panels = {
        name: Panel(
            type(experiment).__module__.rpartition(".")[2],
            {key: np.array(array) for key, array in results.data[name].items()},
        )
        for name, experiment in run.root.experiments.items()
    }
    return Result(run.figure, run.preset, run.modified, panels, results.summary)


def written(value: Any) -> str:
    """A value as it is written on the command line."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    text = str(value)
    if isinstance(value, str) and (not PLAIN.fullmatch(text) or text.lower() in WORDS):
        return "'" + text.replace("'", "\\'") + "'"
    return text


def compute(project: Project, overrides: Sequence[str]) -> None:
    """Computes a run into the cache, in a process of its own; its progress goes to stderr.

    Raises:
        UserError: If the run refuses, with its own message.
    """
    paths = [str(project.root), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # Without -P the caller's folder would come first, and anything named as one of our packages.
    command = [sys.executable, "-P", "-m", __name__, *overrides]
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
    if process.returncode:
        if message := MESSAGE.search(said):
            raise UserError(*message.groups(""))
        raise RuntimeError(f"the computation ended with status {process.returncode}:\n{said}")


def main(arguments: Sequence[str]) -> int:
    """Computes what is asked for; nothing is published."""
    from experiments.engine.compose import plan
    from experiments.run import computed

    project = Project()
    computed(project, plan(project, arguments))
    return 0


if __name__ == "__main__":
    run_command(main)
