"""Write the captions into README.md and docs/figures.md."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from figures.captions import caption
from figures.drawing import pictures, placed
from figures.gallery import GALLERY
from figures.redraw import FIGURES

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?<=<!-- gallery -->\n).*?(?=<!-- /gallery -->)", re.DOTALL)
BEYOND = ("fig8", "fig9")
"""Figures that the paper does not have."""
HEAD = """<!-- Written by `python -m figures.captions` from figures/captions: change those. -->

# The figures

Drawn from the committed numbers by `make gallery`. Each caption ends with what would falsify the
claim above it.
"""


def main(arguments: Sequence[str]) -> int:
    """Write both pages, and print which have changed."""
    argparse.ArgumentParser("python -m figures.captions", description=__doc__).parse_args(arguments)
    readme = ROOT / "README.md"
    for path, text in (
        (readme, BLOCK.sub(lambda _: table(), readme.read_text())),
        (ROOT / "docs" / "figures.md", page()),
    ):
        if not path.is_file() or path.read_text() != text:
            with placed(path) as temporary:
                temporary.write_text(text)
            print(path.relative_to(ROOT))
    return 0


def table() -> str:
    """Two figures a row, each with its teaser and its claim."""
    cells = [_cell(figure) for figure in FIGURES]
    cells += [""] * (len(cells) % 2)
    lines = [f"| {left} | {right} |" for left, right in zip(cells[::2], cells[1::2], strict=True)]
    return "\n".join(["| | |", "|---|---|", *lines]) + "\n"


def _cell(figure: str) -> str:
    number = figure.removeprefix("fig")
    teaser = f"{figure}_teaser" if (GALLERY / f"{figure}_teaser.png").is_file() else figure
    image = f"[![Figure {number}](figures/gallery/{teaser}.png)](docs/figures.md#figure-{number})"
    title = f"**{number}, beyond the paper.**" if figure in BEYOND else f"**{number}.**"
    return f"{image} <br> {title} {caption(figure).headline}"


def page() -> str:
    """Every picture with its full caption."""
    parts = [HEAD]
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
    sys.exit(main(sys.argv[1:]))
