"""Writes docs/arrays.md, the arrays of every figN.npz: python -m scripts.arrays.

Shapes are those of figures/reference; axes, units and meanings are in experiments/arrays.yaml.
"""

import sys

import numpy as np

from experiments.arrays import catalogue, pattern_of
from experiments.engine.atomic import write_text
from experiments.engine.registry import Project
from figures.drawing import Data, unpack
from scripts.references import SHOWN

HEAD = """\
<!-- Written by `python -m scripts.arrays` from experiments/arrays.yaml and figures/reference:
change those, not this page. -->

# The arrays of the figures

A run writes the numbers that its figure draws to `figN.npz`, each under `panel/array`, beside
`stamp`, what the figure says of its preset. `experiments.load` gives them by panel with these
descriptions, see [the tutorial](tutorial_student.md). Shapes are those of the committed figures, at
the paper's preset or the one named; panels of one experiment have one table.

"""


def main() -> int:
    """Writes the page."""
    project = Project()
    path = project.root / "docs" / "arrays.md"
    write_text(path, render(project))
    print(path.relative_to(project.root))
    return 0


def render(project: Project) -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for figure in project.presets():
        preset = SHOWN.get(figure, "paper")
        with np.load(project.root / "figures" / "reference" / f"{figure}.npz") as file:
            data = unpack(file)[0]
        parts.append(f"## Figure {figure.removeprefix('fig')}, preset {preset}\n\n")
        panels = project.experiments_by_panel(f"{figure}/{preset}")
        for experiment in dict.fromkeys(panels[panel] for panel in data):
            of = {panel: data[panel] for panel in data if panels[panel] == experiment}
            parts.append(_table(experiment, of))
    return "".join(parts).rstrip() + "\n"


def _table(experiment: str, data: Data) -> str:
    arrays = {name: array for panel in reversed(data.values()) for name, array in panel.items()}
    rows: dict[str | None, list[str]] = {}
    for name in sorted(arrays):
        rows.setdefault(pattern_of(experiment, name), []).append(name)
    lines = [f"Experiment `{experiment}`: {', '.join(f'`{panel}`' for panel in data)}\n\n"]
    lines.append("| array | axes | shape | unit | meaning |\n|---|---|---|---|---|\n")
    for pattern, line in catalogue()[experiment].items():
        if names := rows.get(pattern):
            shapes = dict.fromkeys(" × ".join(map(str, arrays[name].shape)) for name in names)
            cells = [
                ", ".join(f"`{name}`" for name in names),
                ", ".join(line.axes) or "–",
                "; ".join(shapes) or "–",
                line.unit,
                line.meaning.replace("|", "\\|"),
            ]
            lines.append("| " + " | ".join(cells) + " |\n")
    return "".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
