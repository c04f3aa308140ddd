"""Links from a figure to the code that computes and draws it."""

import os
import sys
from pathlib import Path

from experiments.engine.configure.registry import Project


def code_links(project: Project, figure: str, folder: Path) -> str:
    """Return links to a figure's experiments, renderer and presets as Markdown.

    Args:
        project: the project that declares the figure.
        figure: its name, as "fig4".
        folder: the folder of the page that will show the links.
    """
    room = project.room(figure)
    names = {
        name: None
        for preset in project.presets()[figure]
        for name in project.experiments_in(f"{figure}/{preset}").values()
    }
    files = [Path(str(sys.modules[project.schema(name).__module__].__file__)) for name in names]
    files += [room.drawings / f"{figure}.py", room.configs / "figure" / figure]
    links = {os.path.relpath(file, project.root): os.path.relpath(file, folder) for file in files}
    return ", ".join(f"[`{name}`]({target})" for name, target in sorted(links.items()))
