"""Committed numbers (goldens), and checks of computations against the committed numbers.

The command computes the smoke presets and writes their numbers. Read the difference before you
commit it: a changed golden is a changed result.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.engine.cache import read_numbers, write_text
from experiments.engine.config import Project, Run, plan
from experiments.engine.errors import UserError, from_here, readable_file, run_command
from experiments.engine.experiment import Data, Quantity
from experiments.engine.provenance import package_version
from experiments.engine.run import collect
from experiments.replication.verdicts import conclusions

Quantities = dict[str, Quantity]

# With the JAX version that computed a golden, a fixed seed gives the same draws up to rounding. In
# single precision, rounding differs enough between processors to move spikes: draws then differ.
SAME_DRAWS_RTOL = 1e-9
# Two unbiased estimates differ by more than this many standard errors once in 1.7 million times.
MAX_Z = 5.0


@dataclass(frozen=True)
class Golden:
    """Committed quantities of a figure.

    Attributes:
        jax: Version of JAX that computed the quantities.
        quantities: Quantities by "panel.name".
        x64: Whether the quantities were computed in double precision.
    """

    jax: str
    quantities: Quantities
    x64: bool = True


def smoke_plan(figure: str, project: Project) -> Run:
    """Return a figure's smoke preset, validated."""
    return plan(project, [f"figure={figure}/smoke"])


def compute_smoke(figure: str, project: Project, with_cache: bool = False) -> Quantities:
    """Return a figure's quantities at the smoke preset by "panel.name"; all are computed anew.

    Args:
        figure: The figure, as "fig4".
        project: The project.
        with_cache: Read results from the cache instead, where it has them.
    """
    return collect(project, smoke_plan(figure, project), with_cache).summary


def read(path: Path) -> Golden:
    """Read a golden file.

    Raises:
        UserError: If the file is absent or damaged.
    """
    fix = f"make goldens ARGS={path.stem}"
    if not path.is_file():
        what = f"{path.stem} has no golden numbers"
        raise UserError(what, f"no file {path}", "the numbers of its smoke preset", fix)
    fix = f"git checkout {from_here(path)}, or {fix}"
    with readable_file(f"the golden file of {path.stem}", path, fix):
        content = json.loads(path.read_text())
        quantities = {name: Quantity(**fields) for name, fields in content["quantities"].items()}
        return Golden(content["jax"], quantities, content["x64"])


def write(path: Path, quantities: Quantities, x64: bool = True) -> None:
    """Write a golden file with a quantity per line, so that differences are readable."""
    lines = ",\n".join(
        f"    {json.dumps(name)}: {json.dumps(quantity.as_dict())}"
        for name, quantity in sorted(quantities.items())
    )
    head = f'  "jax": {json.dumps(package_version("jax"))},\n  "x64": {json.dumps(x64)},\n'
    write_text(path, f'{{\n{head}  "quantities": {{\n{lines}\n  }}\n}}\n')


def not_reproduced(
    figure: str, golden: Golden, measured: Mapping[str, Quantity]
) -> list[list[str]]:
    """Return a row for each quantity that is missing on one side or outside its range.

    Args:
        figure: The figure, for the names.
        golden: The golden file's content.
        measured: Quantities of a new computation.

    Returns:
        Name, golden value, measured value and allowed range of each; empty if all agree.
    """
    same_draws = golden.x64 and golden.jax == package_version("jax")
    rows = []
    for name in sorted(golden.quantities.keys() | measured.keys()):
        old, new = golden.quantities.get(name), measured.get(name)
        if old is None:
            passed, allowed = False, "no golden: make goldens"
        elif new is None:
            passed, allowed = False, "a value"
        else:
            passed, allowed = _agrees(old, new, same_draws)
        if not passed:
            values = (f"{q.value:.12g}" if q else "-" for q in (old, new))
            rows.append([f"{figure}.{name}", *values, allowed])
    return rows


def _agrees(old: Quantity, new: Quantity, same_draws: bool) -> tuple[bool, str]:
    """Return whether two quantities agree, and the allowed range."""
    if not new.is_finite:
        return False, "finite, with its error"
    if old.kind != new.kind:
        return False, f"kind {old.kind}, not {new.kind}"
    if old.kind == "band":
        return old.low <= new.value <= old.high, f"in [{old.low:g}, {old.high:g}]: {old.why}"
    gap = abs(new.value - old.value)
    if old.kind == "exact":
        limit = old.atol + old.rtol * abs(old.value)
    elif same_draws:
        # The rounding of a mean near zero is relative to the spread, not to the mean.
        limit = SAME_DRAWS_RTOL * max(abs(old.value), old.se)
    else:
        limit = MAX_Z * math.hypot(old.se, new.se)
    # NaN would pass a test for `gap > limit`.
    return gap <= limit, f"within {limit:.2g}"


def concluded(project: Project) -> dict[str, Quantity]:
    """Return the conclusions of the committed figures, whose computation takes hours."""
    figures = [name for name in project.presets() if project.reference(name).is_file()]
    concluded = (conclusions(project, name, committed_arrays(project, name)) for name in figures)
    return {name: quantity for figure in concluded for name, quantity in figure.items()}


def committed_quantities(
    project: Project, conclusions: Mapping[str, Quantity] | None = None
) -> dict[str, Quantity]:
    """Return conclusions and goldens, all quantities that decide claims, by "figN.panel.name".

    Args:
        project: The project.
        conclusions: What `concluded` returned, which takes seconds; by default computed again.
    """
    quantities = dict(concluded(project) if conclusions is None else conclusions)
    for figure in project.presets():
        golden = read(project.golden(figure))
        quantities |= {f"{figure}.{name}": value for name, value in golden.quantities.items()}
    return quantities


def committed(project: Project, figure: str) -> tuple[dict[str, Data], str]:
    """Return the committed arrays of a figure by panel, and the stamp printed below it.

    Raises:
        UserError: If the file does not exist or cannot be read.
    """
    path = project.reference(figure)
    fix = f"git checkout {from_here(path)}; of a new figure, make references ARGS={figure}"
    with readable_file(f"the committed numbers of {figure}", path, fix):
        return read_numbers(path)


def committed_arrays(project: Project, figure: str) -> dict[str, Data]:
    """Return the committed arrays of a figure, by panel."""
    return committed(project, figure)[0]


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Write the golden files of the figures named, or of all figures.

    Raises:
        UserError: If there is no such figure.
    """
    parser = argparse.ArgumentParser("python -m experiments.replication.goldens")
    parser.description = __doc__
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    named = parser.parse_args(arguments).figures
    project = project or Project()
    for name in named:
        project.refuse_unknown(name)
    for figure in named or project.presets():
        quantities = compute_smoke(figure, project)
        x64 = smoke_plan(figure, project).settings.runtime.x64
        write(project.golden(figure), quantities, x64)
        print(f"{figure}: {len(quantities)} quantities")


if __name__ == "__main__":
    run_command(main)
