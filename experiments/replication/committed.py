"""Numbers that follow from a committed figure, where computing it anew takes hours."""

from collections.abc import Mapping

from experiments.engine.base import Data, Quantity
from experiments.engine.errors import reading
from experiments.engine.registry import Project
from experiments.engine.store import read_arrays
from experiments.replication.goldens import read
from experiments.replication.verdicts import conclusions
from figures.drawing import unpack

Panels = Mapping[str, Data]


def quantities(project: Project) -> dict[str, Quantity]:
    """Return every number of this kind; none in a project without the figures."""
    figures = [name for name in project.presets() if project.reference(name).is_file()]
    found = (conclusions(project, name, numbers(project, name)) for name in figures)
    return {name: quantity for of_one in found for name, quantity in of_one.items()}


def known(project: Project) -> dict[str, Quantity]:
    """Return every number that may decide a claim, by "figN.panel.name": these, and the goldens."""
    found = quantities(project)
    for figure in project.presets():
        golden = read(project.golden(figure))
        found |= {f"{figure}.{name}": quantity for name, quantity in golden.quantities.items()}
    return found


def numbers(project: Project, figure: str) -> Panels:
    """Read the committed numbers of a figure."""
    path = project.reference(figure)
    fix = f"git checkout {path}; of a new figure, make references ARGS={figure}"
    with reading(f"the committed numbers of {figure}", path, fix):
        return unpack(read_arrays(path))[0]
