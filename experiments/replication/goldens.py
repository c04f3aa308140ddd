"""The committed numbers (goldens), and whether a computation reproduces them.

`python -m experiments.replication.goldens [fig4 ...]` computes the smoke presets and writes their
numbers. Read the difference before committing it: a golden that moved is a result that moved.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.engine.atomic import write_text
from experiments.engine.base import Quantity
from experiments.engine.collect import collect
from experiments.engine.compose import plan
from experiments.engine.errors import UserError, guarded, nearest
from experiments.engine.provenance import package_version
from experiments.engine.registry import Project

Quantities = dict[str, Quantity]

# On the JAX that computed a golden, a fixed seed gives the same draws up to rounding.
SAME_JAX_RTOL = 1e-9
# Two unbiased estimates differ by more standard errors once in a million times.
MAX_Z = 5.0


@dataclass(frozen=True)
class Golden:
    """The committed quantities of a figure.

    Attributes:
        jax: The version of JAX that computed them.
        quantities: By "panel.name".
    """

    jax: str
    quantities: Quantities


@dataclass(frozen=True)
class Difference:
    """A quantity that was not reproduced.

    Attributes:
        name: The quantity, as "fig4.along_w.dy_dw_true".
        golden: The committed value, or None if there is none.
        measured: The value now, or None if it was not computed.
        allowed: The range that would have passed.
    """

    name: str
    golden: float | None
    measured: float | None
    allowed: str


def compute_smoke(figure: str, project: Project | None = None) -> Quantities:
    """A figure's summary at the smoke preset, computed anew and not stored."""
    project = project or Project()
    return collect(project, plan(project, [f"figure={figure}/smoke"]), store=None).summary


def read(path: Path) -> Golden:
    """Reads a golden file."""
    content = json.loads(path.read_text())
    quantities = {name: Quantity(**fields) for name, fields in content["quantities"].items()}
    return Golden(content["jax"], quantities)


def write(path: Path, quantities: Quantities) -> None:
    """Writes a golden file, one quantity a line, so that differences are readable."""
    lines = [
        f"    {json.dumps(name)}: {json.dumps(quantity.as_dict())}"
        for name, quantity in sorted(quantities.items())
    ]
    head = f'{{\n  "jax": {json.dumps(package_version("jax"))},\n  "quantities": {{\n'
    write_text(path, head + ",\n".join(lines) + "\n  }\n}\n")


def compare(
    figure: str, golden: Golden, measured: Mapping[str, Quantity], jax: str | None = None
) -> list[Difference]:
    """The quantities of a figure that are not reproduced.

    Args:
        figure: Its name, the prefix of the quantities' names.
        golden: The committed quantities.
        measured: The computed ones.
        jax: The version of JAX that computed them; the installed one by default.
    """
    same_jax = golden.jax == (jax or package_version("jax"))
    differences = []
    for name in sorted(golden.quantities.keys() | measured.keys()):
        old, new = golden.quantities.get(name), measured.get(name)
        label = f"{figure}.{name}"
        if old is None:
            differences.append(
                Difference(label, None, measured[name].value, "no golden: make goldens")
            )
        elif new is None:
            differences.append(Difference(label, old.value, None, "a value"))
        elif old.kind != new.kind:
            expected = f"kind {old.kind}, not {new.kind}"
            differences.append(Difference(label, old.value, new.value, expected))
        else:
            passed, allowed = _agrees(old, new, same_jax)
            if not passed:
                differences.append(Difference(label, old.value, new.value, allowed))
    return differences


def _agrees(old: Quantity, new: Quantity, same_jax: bool) -> tuple[bool, str]:
    """Whether two quantities of one kind agree, and the range that is allowed."""
    if old.kind == "band":
        return old.low <= new.value <= old.high, f"in [{old.low:g}, {old.high:g}]: {old.why}"
    gap = abs(new.value - old.value)
    if old.kind == "exact":
        limit = old.atol + old.rtol * abs(old.value)
    elif same_jax:
        # The rounding of a mean near zero is relative to its spread, not to itself.
        limit = SAME_JAX_RTOL * max(abs(old.value), old.se)
    else:
        limit = MAX_Z * math.hypot(old.se, new.se)
    # Not `gap > limit`, which NaN would pass.
    return gap <= limit, f"within {limit:.2g}"


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Writes the golden file of the figures named, or of all."""
    project = project or Project()
    figures = list(project.presets())
    for name in arguments:
        if name not in figures:
            close = nearest(name, figures) or ""
            raise UserError(
                f"there is no figure {name}", name, "one of " + ", ".join(figures), close
            )
    for figure in arguments or figures:
        quantities = compute_smoke(figure, project)
        write(project.goldens / f"{figure}.json", quantities)
        print(f"{figure}: {len(quantities)} quantities")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
