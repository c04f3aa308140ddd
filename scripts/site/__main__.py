"""Build the companion site: pages by Sphinx, and the explorers.

Sphinx refuses a broken link between pages. With --links, Sphinx only checks the links to other
hosts, which needs a network, and no site is built.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.engine.cache import write_text
from experiments.engine.config import Project
from experiments.engine.errors import UserError, run_command
from experiments.tables import block
from explorers import __main__ as explorers
from figures.captions import caption
from scripts import arrays
from scripts.site.figure_pages import EXPLORERS, FigurePages
from scripts.site.links import ROOT

MARK = ".companion-site"
"""Name of a file in each built site: only a folder with this file is replaced."""

PAGES = ("*.md", "docs/*.md", "docs/estimators/*.md", "docs/recipes/*.md", "*/docs/*.md")
GENERATED = {"README.md", "docs/figures.md", "beyond/docs/figures.md"}
"""Pages that are left out, because other pages of the site have their content."""
PICTURES = ("figures/gallery", "*/figures/gallery", "docs/tutorial")


def main(arguments: Sequence[str]) -> None:
    """Build the site, or check links to other hosts."""
    parser = argparse.ArgumentParser("python -m scripts.site", description=__doc__)
    parser.add_argument("folder", type=Path, help="such as site; a site built there is replaced")
    parser.add_argument("--links", action="store_true", help="check links, and build nothing")
    options = parser.parse_args(arguments)
    site = options.folder.resolve()
    _check_folder(site)
    with TemporaryDirectory(prefix="companion-site-") as build:
        _build(site, Path(build), options.links)


def _check_folder(site: Path) -> None:
    """Refuse to replace anything but a site that this command has built."""
    if not os.path.lexists(site) or (site / MARK).is_file():
        return
    got = f"a folder without {MARK}" if site.is_dir() else "a file"
    expected = "a new folder, or a site that this command has built"
    raise UserError(f"{site} cannot be replaced", got, expected, "name another, or move it away")


def _build(site: Path, build: Path, links: bool = False) -> None:
    """Build the site in an empty folder, then copy the complete site."""
    html = build / "html"
    print("writing the pages of figures, claims and arrays", flush=True)
    lay_out(build / "pages")
    print("Sphinx reads and writes all pages: one to ten minutes", flush=True)
    _run_sphinx(build, html, "linkcheck" if links else "html")
    if links:
        return
    explorers.build(html / "explorers")
    shutil.copy(ROOT / "figures" / "gallery" / "staircase_card.png", html / "card.png")
    (html / MARK).touch()
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(html, site)
    print(f"{site}: all pages, without a warning")


def _run_sphinx(build: Path, html: Path, builder: str) -> None:
    """Call Sphinx in this process, so that a signal also ends Sphinx."""
    from sphinx.cmd.build import build_main

    words = f"--fail-on-warning --keep-going -b {builder}".split()
    # On a terminal, Sphinx shows the page that it reads or writes.
    words += [] if sys.stdout.isatty() else ["--quiet"]
    places = "-c", ROOT / "docs" / "site", "-d", build / "doctrees", build / "pages", html
    if status := build_main([*words, *map(str, places)]):
        got, expected = f"status {status}, see above", "pages without a warning"
        raise UserError("Sphinx did not build the site", got, expected, "mend what it names")


def lay_out(stage: Path) -> None:
    """Write all pages for Sphinx, at the same places as in the repository."""
    project = Project()
    shutil.copytree(ROOT / "docs" / "site" / "pages", stage)
    for folder in (path for pattern in PICTURES for path in ROOT.glob(pattern)):
        shutil.copytree(folder, stage / folder.relative_to(ROOT))
    for picture in ROOT.glob("docs/*.png"):
        shutil.copy(picture, stage / "docs")
    named = [
        *(file for pattern in PAGES for file in ROOT.glob(pattern)),
        *(file for room in ROOT.glob("*/docs") for file in room.parent.glob("RE*.md")),
    ]
    for file in named:
        if (name := str(file.relative_to(ROOT))) not in GENERATED:
            text = file.read_text()
            if (code := file.with_suffix(".py")).is_file():
                text += f"\n## The file\n\n```python\n{code.read_text()}```\n"
            write_text(stage / name, text)
    start = stage / "index.md"
    answer = block((ROOT / "README.md").read_text(), "answer")
    write_text(start, start.read_text().replace("<!-- answer -->", answer))
    FigurePages(project).write(stage)
    write_text(stage / "docs" / "arrays.md", arrays.render(project))
    write_text(stage / "explorers.md", explorers_page(project))


def explorers_page(project: Project) -> str:
    """Return the page that shows the explorers by picture, title and claim.

    Their order is that of their index. A picture is the teaser of the figure that an explorer is
    about.
    """
    about = {}
    for figure in project.presets():
        room = project.place(figure)
        about[caption(figure, room.captions).explorer] = room.gallery / f"{figure}_teaser.png"
    items = []
    listed = re.findall(r'<a href="(\w+\.html)"', (EXPLORERS / "index.html").read_text())
    for file in [EXPLORERS / name for name in dict.fromkeys(listed)]:
        text = file.read_text()
        name, claim = (re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", text) for tag in ("title", "h1"))
        if name and claim and file.stem != "index":
            short = name[1].partition(" – ")[0]
            link = f"<a href='explorers/{file.name}'>{short}</a>"
            picture = about.get(file.stem)
            shown = (
                f":::{{image}} /{picture.relative_to(ROOT)}\n:alt: {short}\n"
                f":target: explorers/{file.name}\n:::\n"
                if picture and picture.is_file()
                else ""
            )
            items.append(f"::::{{container}} card\n{shown}\n**{link}**: {claim[1]}\n::::\n")
    head = "# Explorers\n\nComputed in your browser; each opens as a page of its own.\n\n"
    return f"{head}:::::{{container}} gallery\n{''.join(items)}:::::\n"


if __name__ == "__main__":
    run_command(main)
