"""Write captions, headline numbers and pictures of the figures into README.md and docs/."""

import os
from pathlib import Path

from experiments.engine.cache import write_text
from experiments.engine.config import Place, Project, experiments_of
from experiments.tables import filled, table
from figures.captions import caption
from figures.drawing import pictures
from figures.looks import MARKS
from figures.verdicts import RULE

HEAD = f"""<!-- Written by `make gallery` from figures/captions: change those. -->

# The figures

Drawn from the committed numbers by `make gallery`.
Where methods are compared, a colour and a marker together mean one method in all figures.
{MARKS}
{RULE}

The number of each figure in short:
"""


def write(project: Project) -> list[Path]:
    """Write the pages, and return the changed ones."""
    changed = []
    for room in project.places:
        for path, text in written(room, project).items():
            if not path.is_file() or path.read_text() != text:
                write_text(path, text)
                changed.append(path)
    return changed


def written(room: Place, project: Project) -> dict[Path, str]:
    """Return the up-to-date text of every page of a room."""
    pages = {room.folder / "docs/figures.md": page(room, project)}
    for path in (room.folder / "README.md", room.folder / "docs/README.md"):
        blocks = {"gallery": gallery(room), "chapters": chapters(room, path.parent, project)}
        text = path.read_text() if path.is_file() else ""
        if here := {name: block for name, block in blocks.items() if f"<!-- {name} -->" in text}:
            pages[path] = filled(text, here)
    return pages


def gallery(room: Place) -> str:
    """Return a table of two figures a row, each with its teaser."""
    cells = [_cell(room, figure) for figure in room.figures_in()]
    cells += [""] * (len(cells) % 2)
    return table(["", ""], zip(cells[::2], cells[1::2], strict=True))


def headline_numbers(room: Place) -> str:
    """Return a table of figures, their commands and their headline numbers."""
    captions = {figure[3:]: caption(figure, room.captions) for figure in room.figures_in()}
    rows = [(number, f"`make figure-{number}`", text.number) for number, text in captions.items()]
    return table(["figure", "command", "headline number"], rows)


def chapters(room: Place, folder: Path, project: Project) -> str:
    """Return a table of chapters and their figures, with links from a folder.

    Args:
        room: The figures.
        folder: Folder of the page that contains the table.
        project: The project.
    """
    figures_of: dict[str, dict[str, None]] = {}
    for figure in room.figures_in():
        for preset in project.presets()[figure]:
            experiments = experiments_of(project, f"{figure}/{preset}").values()
            for chapter in sorted({x.__module__.rpartition(".")[0] for x in experiments}):
                figures_of.setdefault(chapter.replace(".", "/"), {})[figure[3:]] = None
    links = {name: os.path.relpath(project.root / name, folder) for name in figures_of}
    rows = [(f"[`{name}/`]({links[name]})", ", ".join(figures_of[name])) for name in figures_of]
    return table(["chapter", "figures"], rows)


def _cell(room: Place, figure: str) -> str:
    number = figure[3:]
    teaser = f"{figure}_teaser" if (room.gallery / f"{figure}_teaser.png").is_file() else figure
    image = f"[![Figure {number}](figures/gallery/{teaser}.png)](docs/figures.md#figure-{number})"
    return f"{image} <br> Figure {number}"


def page(room: Place, project: Project) -> str:
    """Return the figures' numbers, and every picture with its full caption."""
    parts = [HEAD, headline_numbers(room)]
    for figure in room.figures_in():
        number = figure.removeprefix("fig")
        parts.append(f"## Figure {number}\n")
        for picture in pictures(figure, room.figures)[:2]:
            text = caption(picture, room.captions)
            name = f"Figure {number}" + (", supplement" if picture != figure else "")
            parts.append(f"![{name}](../figures/gallery/{picture}.png)\n")
            parts.append(f"**{text.headline}**\n\n{text.body}\n")
    return "\n".join(parts)
