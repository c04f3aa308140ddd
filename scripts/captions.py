"""Write what is said of the figures, and where they are, into README.md and pages of docs/."""

import argparse
from collections.abc import Mapping, Sequence

from experiments.engine.atomic import write_text
from experiments.engine.errors import UserError, run_command
from experiments.engine.registry import Project
from experiments.markdown import filled, table
from figures.captions import Caption, caption
from figures.drawing import pictures
from scripts.gallery import GALLERY

PROJECT = Project()
FIGURES = {figure: caption(figure) for figure in PROJECT.presets()}
HEAD = """<!-- Written by `python -m scripts.captions` from figures/captions: change those. -->

# The figures

Drawn from the committed numbers by `make gallery`. Each caption ends with what would falsify the
claim above it. The number of each figure in short:
"""


def main(arguments: Sequence[str]) -> None:
    """Write the pages, and print which have changed."""
    argparse.ArgumentParser("python -m scripts.captions", description=__doc__).parse_args(arguments)
    check(FIGURES)
    for name, text in written().items():
        path = PROJECT.root / name
        if not path.is_file() or path.read_text() != text:
            write_text(path, text)
            print(name)


def check(captions: Mapping[str, Caption]) -> None:
    """Refuse figures without a headline, or without the number that the page begins with."""
    for figure, said in captions.items():
        absent = [name for name in ("headline", "number") if not getattr(said, name)]
        if absent:
            expected = 'a heading, and number = "..." between lines of +++ on top'
            fix = f"write it in figures/captions/{figure}.md; see CONTRIBUTING.md, A figure"
            raise UserError(f"{figure} has no {absent[0]}", f"{figure}.md", expected, fix)


def written() -> dict[str, str]:
    """Return every page as it should be, by its name."""
    tables = {"README.md": ("gallery", gallery()), "docs/README.md": ("chapters", chapters())}
    pages = {"docs/figures.md": page()}
    for path, (name, content) in tables.items():
        pages[path] = filled((PROJECT.root / path).read_text(), {name: content})
    return pages


def gallery() -> str:
    """Return a table of two figures a row, each with its teaser."""
    cells = [_cell(figure) for figure in FIGURES]
    cells += [""] * (len(cells) % 2)
    return table(["", ""], zip(cells[::2], cells[1::2], strict=True))


def numbers() -> str:
    """Return a table of figures, their commands and their headline numbers."""
    rows = [(_name(f), f"`make figure-{f[3:]}`", x.number) for f, x in FIGURES.items()]
    return table(["figure", "command", "headline number"], rows)


def chapters() -> str:
    """Return a table of chapters and the figures whose presets name their experiments."""
    chapter = {file.stem: file.parent.name for file in PROJECT.root.glob("experiments/*/*.py")}
    found: dict[str, dict[str, None]] = {}
    for figure, presets in PROJECT.presets().items():
        for preset in presets:
            for name in sorted(PROJECT.experiments_of(f"{figure}/{preset}")):
                found.setdefault(chapter[name], {})[figure[3:]] = None
    rows = [(f"[`{name}/`](../experiments/{name})", ", ".join(found[name])) for name in found]
    return table(["chapter of `experiments/`", "figures"], rows)


def _name(figure: str) -> str:
    beyond = FIGURES[figure].body.startswith("Beyond the paper.")
    return figure[3:] + ", beyond the paper" * beyond


def _cell(figure: str) -> str:
    number = figure[3:]
    teaser = f"{figure}_teaser" if (GALLERY / f"{figure}_teaser.png").is_file() else figure
    image = f"[![Figure {number}](figures/gallery/{teaser}.png)](docs/figures.md#figure-{number})"
    return f"{image} <br> Figure {_name(figure)}"


def page() -> str:
    """Return the figures' numbers, and every picture with its full caption."""
    parts = [HEAD, numbers()]
    for figure in FIGURES:
        number = figure.removeprefix("fig")
        parts.append(f"## Figure {number}\n")
        for picture in pictures(figure):
            said = caption(picture)
            name = f"Figure {number}" + (", supplement" if picture != figure else "")
            parts.append(f"![{name}](../figures/gallery/{picture}.png)\n")
            parts.append(f"**{said.headline}**\n\n{said.body}\n")
        parts.append(f"Command: `make figure-{number}`\n")
    return "\n".join(parts)


if __name__ == "__main__":
    run_command(main)
