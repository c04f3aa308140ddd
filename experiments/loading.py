"""Results as arrays with names, for notebooks and scripts in any folder: `experiments.load`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from experiments.engine.config import Project, Run, plan, quoted, schema_in
from experiments.engine.errors import UserError, log_to_stderr
from experiments.engine.experiment import ArraySpec, Data
from experiments.engine.processes import new_processes


def load(
    choice: str | Path, parameters: Mapping[str, Any] | None = None, project: Project | None = None
) -> xr.DataTree:
    """Return the numbers of a figure for some parameters, from the cache or computed.

    Missing results are computed in a separate process, in the precision and on the device that the
    experiments need. JAX in the caller's process is neither set up nor used.

    Args:
        choice: Figure and preset, as "fig5/smoke"; or the folder of a run, as
            "results/quick/fig4-along_w.n_points=11".
        parameters: Values by the names that `make params-5` lists, as
            {"panels.published.radius": 1.0}. Files are relative to the caller's folder.
        project: Where experiments lie; this checkout by default.

    Returns:
        A tree with a dataset for each panel, as ``load("fig5/smoke")["published"]["sg_loop"]``.
        Its ``attrs`` have the parameters, the summary, and the provenance.

    Raises:
        UserError: For a wrong name or value, before anything is computed; or if something must be
            computed, and the code was edited since this process imported it.
    """
    from experiments.publish import first_run

    project = project or Project()
    if not isinstance(parameters, Mapping | None):
        expected = 'values by name, as {"panels.published.radius": 1.0}'
        raise UserError("parameters are not a mapping", parameters, expected, "give a dictionary")
    folders = () if parameters else (Path(choice), project.root / choice)
    if run := first_run(folders):
        return tree(run)
    if str(choice).count("/") != 1:
        example = "fig4/quick"
        expected = f'a figure and a preset, as "{example}", or the folder of a run'
        raise UserError("there is no such run", choice, expected, f'experiments.load("{example}")')
    values = [f"{name}={written(value)}" for name, value in (parameters or {}).items()]
    return tree(_loaded(project, [f"figure={choice}", *values]))


def tree(run: Run) -> xr.DataTree:
    """Return a run as a tree with a dataset for each panel."""
    panels = {
        name: dataset(_declared(run.modules[name]), arrays, run.parts[name])
        for name, arrays in run.arrays.items()
    }
    names = ("figure", "preset", "modified", "config", "summary", "provenance", "parts")
    root = xr.Dataset(attrs={name: getattr(run, name) for name in names})
    return xr.DataTree.from_dict({"/": root, **panels})


def dataset(
    specs: Mapping[str, ArraySpec], arrays: Data, parts: Sequence[Mapping[str, Any]] = ()
) -> xr.Dataset:
    """Return the arrays of a panel with named axes, meanings and units.

    An axis that has two lengths, or stands twice, gets a number after its name. Names along an
    axis, such as estimators, and the seeds are its coordinates.

    Args:
        specs: Declarations of the arrays. An array of an older run may have none.
        arrays: Arrays by name.
        parts: Records of the seeds.
    """
    sizes: dict[str, int] = {}
    variables, coordinates = {}, {}
    for name, array in arrays.items():
        spec = specs.get(name) or ArraySpec(tuple(f"{name}_{i}" for i in range(array.ndim)), "")
        dims: list[str] = []
        for axis, size in zip(spec.axes, array.shape, strict=True):
            axis = axis.replace(" ", "_")
            choices = [axis, *(f"{axis}_{i}" for i in range(2, 10))]
            free = [x for x in choices if x not in dims and sizes.get(x, size) == size]
            dims.append(free[0])
            sizes[free[0]] = size
        about = {"long_name": spec.meaning, "units": spec.unit}
        variables[name] = (dims, array, about)
        *leading, last = dims or [""]
        if last and leading in ([], ["seed"], ["first_seed"]):
            values = array[0] if leading else array
            is_name = array.dtype.kind in "US" or name in (last, f"{last}s")
            if is_name and (array == values).all():
                coordinates.setdefault(last, (last, values, about))
    if sizes.get("seed") == len(parts):
        coordinates["seed"] = ("seed", [part["seed"] for part in parts], {"long_name": "seed"})
    variables = {name: x for name, x in variables.items() if name not in coordinates}
    return xr.Dataset(variables, coordinates)


def _declared(module: str) -> Mapping[str, ArraySpec]:
    """Return the declarations of an experiment; none if an older run was of another module."""
    try:
        return schema_in(module).ARRAYS
    except (ImportError, ValueError):
        return {}


def written(value: Any) -> str:
    """Return a value as on the command line."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return quoted(value) if isinstance(value, str) else str(value)


def _loaded(project: Project, overrides: Sequence[str]) -> Run:
    """Return a run from the cache; compute what is missing in a separate process."""
    from experiments.engine.run import NotCached, collect

    run = plan(project, overrides)
    only_read = replace(run, settings=run.settings.model_copy(update={"compute": "never"}))
    if run.settings.compute != "always":
        try:
            return collect(project, only_read)
        except NotCached:
            if run.settings.compute == "never":
                raise
    with new_processes(1) as pool:
        try:
            pool.submit(_compute, project, overrides).result()
        except KeyboardInterrupt:
            # An interrupted notebook leaves no process behind.
            pool.shutdown(kill_workers=True)
            raise
    try:
        return collect(project, only_read)
    except NotCached as error:
        # The computing process had the new code, this process has the earlier code.
        raise UserError(
            "code was edited since this process imported it",
            "results of the edited code",
            "code that is the same in this process and on disk",
            "restart Python, or the notebook's kernel",
        ) from error


def _compute(project: Project, overrides: Sequence[str]) -> None:
    """Compute a run into the cache, and print the progress to stderr."""
    from experiments.engine.run import collect

    log_to_stderr()
    collect(project, plan(project, overrides))
