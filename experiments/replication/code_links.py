"""Links from a figure to the code that computes and draws it."""

import os
import sys
from pathlib import Path

from experiments.engine.configure.compose import experiments_of
from experiments.engine.configure.registry import Project


def code_links(project: Project, figure: str, folder: Path) -> str:
    """Return links to a figure's experiments, renderer and presets as Markdown.

    Args:
        project: the project that declares the figure.
        figure: its name, as "fig4".
        folder: the folder of the page that will show the links.
    """
    room = project.room(figure)
    modules = {
        experiment.__module__: None
        for preset in project.presets()[figure]
        for experiment in experiments_of(project, f"{figure}/{preset}").values()
    }
    files = [Path(str(sys.modules[module].__file__)) for module in modules]
    files += [room.drawings / f"{figure}.py", room.configs / "figure" / figure]
    links = {os.path.relpath(file, project.root): os.path.relpath(file, folder) for file in files}
    return ", ".join(f"[`{name}`]({target})" for name, target in sorted(links.items()))
