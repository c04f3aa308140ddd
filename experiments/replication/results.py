"""Committed numbers as one tidy table for each room: results.csv, written by `make replication`.

Nothing is computed. A row is a number that `make verify` reproduces or that decides a claim.
"""

import csv
import io
from collections.abc import Iterator, Mapping

from experiments.engine.configure.compose import experiments_of
from experiments.engine.configure.registry import FigureSet, Project
from experiments.engine.declare.experiment import ArraySpec, Quantity
from experiments.replication import goldens
from experiments.replication.claim import claims_of

FILE = "results.csv"
COLUMNS = (
    "figure",
    "panel",
    "quantity",
    "preset",
    "value",
    "se",
    "ci_low",
    "ci_high",
    "unit",
    "n",
    "claims",
)
"""Columns of the table.

- ``panel`` is empty for a number of several panels.
- ``preset`` is the size of the computation: smoke, or that of the committed figure.
- ``se`` is a standard error, ``ci_low`` and ``ci_high`` are the ends of a 95 % confidence interval.
  All three are empty for numbers without a sampling error, and for those of one training.
- ``unit`` is 1 for dimensionless numbers; potentials are in units of the threshold.
- ``n`` says in words how much was measured, and ``claims`` which claims the number decides.
"""


def render(project: Project, room: FigureSet) -> str:
    """Return the table of a room's figures as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(project, room))
    return text.getvalue()


def _rows(project: Project, room: FigureSet) -> Iterator[tuple[str, ...]]:
    claims = claims_of([room])
    concluded = goldens.concluded(project)
    for figure in room.figures_in():
        arrays = _arrays(project, figure)
        smoke = goldens.read(project.golden(figure)).quantities
        committed = {name: q for name, q in concluded.items() if name.startswith(f"{figure}.")}
        presets = {
            "smoke": {f"{figure}.{name}": quantity for name, quantity in smoke.items()},
            project.committed_preset(figure): committed,
        }
        for preset, quantities in presets.items():
            for name, quantity in sorted(quantities.items()):
                panel, _, short = name.removeprefix(f"{figure}.").partition(".")
                if panel not in arrays:  # a number of several panels, whose name has a dot
                    panel, short = "", name.removeprefix(f"{figure}.")
                declared = arrays.get(panel, {}).get(short.removeprefix("first_"))
                deciding = [c for c in claims if name in c.value_of and c.preset == preset]
                yield (
                    figure.removeprefix("fig"),
                    panel,
                    short,
                    preset,
                    *_digits(quantity),
                    (declared and declared.unit) or "1",
                    deciding[0].n if deciding else "",
                    " ".join(claim.id for claim in deciding),
                )


def _digits(quantity: Quantity) -> Iterator[str]:
    """Yield value, standard error and the ends of the interval, to six digits."""
    se = quantity.se if quantity.kind == "statistical" and quantity.ci_low is None else None
    for number in (quantity.value, se, quantity.ci_low, quantity.ci_high):
        yield "" if number is None else f"{number:.6g}"


def _arrays(project: Project, figure: str) -> dict[str, Mapping[str, ArraySpec]]:
    """Return the declared arrays of each panel of a figure, at any preset."""
    return {
        panel: experiment.ARRAYS
        for preset in project.presets()[figure]
        for panel, experiment in experiments_of(project, f"{figure}/{preset}").items()
    }
