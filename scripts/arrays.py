"""Page that lists the arrays of every figN.npz, with the axes and units that experiments declare.

The shapes are those of the committed arrays in figures/reference.
"""

from experiments.engine.config import Project, experiments_of
from experiments.engine.experiment import Experiment
from experiments.replication.goldens import committed_arrays
from experiments.tables import table
from figures.panels import Data

HEAD = """\
# The arrays of the figures

A run writes its numbers to `figN.npz`, each under `panel/array`, beside `stamp`, what the figure
says of its preset. `experiments.load` gives them by panel with these descriptions, see [the
tutorial](tutorial_student.md). Shapes are those of the committed figures, at the paper's preset or
the one named; panels of one experiment have one table, and panels that are not drawn have none.

"""


def render(project: Project) -> str:
    """Return the page as Markdown."""
    parts = [HEAD]
    for figure in project.presets():
        preset = project.committed_preset(figure)
        data = committed_arrays(project, figure)
        parts.append(f"## Figure {figure.removeprefix('fig')}, preset {preset}\n\n")
        panels = experiments_of(project, f"{figure}/{preset}")
        for experiment in dict.fromkeys(panels[panel] for panel in data):
            own = {panel: data[panel] for panel in data if panels[panel] is experiment}
            parts.append(_table(experiment, own))
    return "".join(parts).rstrip() + "\n"


def _table(schema: type[Experiment], data: Data) -> str:
    arrays = {name: array for panel in reversed(data.values()) for name, array in panel.items()}
    experiment = schema.__module__.rpartition(".")[2]
    head = f"Experiment `{experiment}`: {', '.join(f'`{panel}`' for panel in data)}\n\n"
    cells = []
    for declaration, declared in schema.declarations():
        if names := sorted(arrays.keys() & set(declared)):
            shapes = dict.fromkeys(" × ".join(map(str, arrays[name].shape)) for name in names)
            cells.append(
                (
                    ", ".join(f"`{name}`" for name in names),
                    ", ".join(declaration.axes) or "–",
                    "; ".join(shapes) or "–",
                    declaration.unit,
                    declaration.meaning,
                )
            )
    return head + table(["array", "axes", "shape", "unit", "meaning"], cells) + "\n"
