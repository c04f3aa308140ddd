"""Build the companion site: pages by Sphinx, and the explorers.

A link to a file without a page becomes text.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.engine.cache import write_text
from experiments.engine.errors import UserError, run_command
from experiments.tables import block
from explorers import __main__ as explorers
from scripts.site import figure_pages

ROOT = Path(__file__).parents[2]

SITE = ROOT / "site"
"""The folder of the built site."""

PAGES = ("*.md", "docs/*.md", "docs/estimators/*.md", "docs/recipes/*.md", "*/docs/*.md")
GENERATED = {"README.md", "docs/figures.md", "beyond/docs/figures.md"}
"""Pages that are left out, because other pages of the site have their content."""
PICTURES = ("figures/gallery", "*/figures/gallery", "docs/tutorial")


def main(arguments: Sequence[str]) -> None:
    """Build the site in an empty folder, then replace the previous one."""
    argparse.ArgumentParser("python -m scripts.site", description=__doc__).parse_args(arguments)
    with TemporaryDirectory(prefix="companion-site-") as build:
        _build(Path(build))


def _build(build: Path) -> None:
    html = build / "html"
    print("writing the pages of figures and claims", flush=True)
    lay_out(build / "pages")
    print("Sphinx reads and writes all pages: one to ten minutes", flush=True)
    _run_sphinx(build, html)
    explorers.build(html / "explorers")
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(html, SITE)
    print(f"{SITE}: all pages, without a warning")


def _run_sphinx(build: Path, html: Path) -> None:
    """Call Sphinx in this process, so that a signal also ends Sphinx."""
    from sphinx.cmd.build import build_main

    words = ["--fail-on-warning", "--keep-going"]
    # On a terminal, Sphinx shows the page that it reads or writes.
    words += [] if sys.stdout.isatty() else ["--quiet"]
    places = "-c", ROOT / "docs" / "site", "-d", build / "doctrees", build / "pages", html
    if status := build_main([*words, *map(str, places)]):
        got, expected = f"status {status}, see above", "pages without a warning"
        raise UserError("Sphinx did not build the site", got, expected, "mend what it names")


def lay_out(stage: Path) -> None:
    """Write all pages for Sphinx, at the same places as in the repository."""
    shutil.copytree(ROOT / "docs" / "site" / "pages", stage)
    for folder in (path for pattern in PICTURES for path in ROOT.glob(pattern)):
        shutil.copytree(folder, stage / folder.relative_to(ROOT))
    for picture in ROOT.glob("docs/*.png"):
        shutil.copy(picture, stage / "docs")
    named = [
        *(file for pattern in PAGES for file in ROOT.glob(pattern)),
        *(file for place in ROOT.glob("*/docs") for file in place.parent.glob("RE*.md")),
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
    figure_pages.write(stage)


if __name__ == "__main__":
    run_command(main)
