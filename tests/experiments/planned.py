"""Runs and numbers of this project, composed and read once for all tests: do not change them."""

from functools import cache

from experiments.engine.config import (
    Project,
    Run,
    plan,
    preset_plan,
    schema_in,
)
from experiments.engine.experiment import Data, Experiment, Quantity
from experiments.replication import goldens
from experiments.replication.goldens import committed_arrays, committed_quantities

PROJECT = Project()


@cache
def planned(*overrides: str) -> Run:
    """Return the plan of a run."""
    if len(overrides) == 1:  # shared with the pages and tables that read experiments of presets
        return preset_plan(PROJECT, overrides[0].removeprefix("figure="))
    return plan(PROJECT, overrides)


def committed_run(figure: str) -> Run:
    """Return the plan of the preset whose numbers are committed."""
    return planned(f"figure={figure}/{PROJECT.committed_preset(figure)}")


@cache
def all_experiments() -> dict[str, type[Experiment]]:
    """Return every experiment, by the name of its module."""
    return {
        path.stem: schema_in(f"{room.experiments}.{path.parent.name}.{path.stem}")
        for room in PROJECT.places
        for path in sorted(room.chapters.glob("*/[!_]*.py"))
        if "    def compute" in path.read_text() and path.parent.name != "engine"
    }


@cache
def numbers_of(figure: str) -> dict[str, Data]:
    """Return the committed numbers of a figure, by panel."""
    return committed_arrays(PROJECT, figure)


@cache
def concluded() -> dict[str, Quantity]:
    """Return the conclusions of all figures, by "figN.panel.name"."""
    return goldens.concluded(PROJECT)


@cache
def golden_quantities(figure: str) -> dict[str, Quantity]:
    """Return the goldens of a figure, by "figN.panel.name"."""
    golden = goldens.read(PROJECT.golden(figure))
    return {f"{figure}.{name}": quantity for name, quantity in golden.quantities.items()}


@cache
def known_quantities() -> dict[str, Quantity]:
    """Return conclusions and goldens of all figures, by "figN.panel.name"."""
    return committed_quantities(PROJECT, concluded())
