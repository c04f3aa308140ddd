"""Write the explorers, complete, into a folder.

The pages are in pages/. Colours and numbers are written beside them when the site is built:
`looks.css` from the figures' table of looks, and `data/*.json` from the committed numbers in
figures/reference.
"""

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.config import Project
from experiments.engine.errors import run_command
from experiments.replication.goldens import committed_arrays
from explorers.data import EXPORTS, looks

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "explorers" / "pages"


def build(folder: Path) -> None:
    """Write the explorers into a folder; what lies there stays, unless it has a page's name."""
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "docs" / "site" / "static" / "files.js", folder / "js")
    if (start := folder.parent / "index.html").is_file():
        head = companion(start.read_text())
        for page in folder.glob("*.html"):
            page.write_text(page.read_text().replace("<main>\n", f"{head}\n<main>\n", 1))
    (folder / "looks.css").write_text(looks())
    (folder / "data").mkdir(exist_ok=True)
    for name, (figure, export) in EXPORTS.items():
        if figure not in Project().presets():
            continue
        data = export(committed_arrays(Project(), figure))
        (folder / "data" / f"{name}.json").write_text(json.dumps(data, separators=(",", ":")))


def companion(start: str) -> str:
    """Return search and contents of the site, from the sidebar of its first page."""
    link = r'"toctree-l1[^"]*"><a class="reference [^"]*" href="([^"]+)">([^<]+)<'
    entry = rf'caption-text">([^<]+)<|{link}'
    parts = []
    for caption, address, title in re.findall(entry, start):
        if caption:
            parts.append(f"<b>{caption}</b><ul>")
        elif parts:
            parts[-1] += f'<li><a href="../{address}">{title}</a></li>'
    contents = "".join(f"{part}</ul>" for part in parts)
    return (
        '<header class="companion"><a class="brand" href="../index.html">Surrogate gradients</a>'
        '<form role="search" action="../search.html">'
        '<input type="search" name="q" placeholder="Search the companion" aria-label="Search">'
        f"</form><details><summary>All pages</summary>{contents}</details></header>"
    )


def names() -> list[str]:
    """Return names of the explorers whose figures are there."""
    names = {path.stem for path in PAGES.glob("*.html")} - {"index"}
    return sorted(x for x in names if EXPORTS.get(x, ("fig1",))[0] in Project().presets())


def main(arguments: Sequence[str]) -> None:
    """Write the explorers, and print how to open them."""
    parser = argparse.ArgumentParser("python -m explorers", description=__doc__)
    parser.add_argument("folder", type=Path, help="such as site/explorers")
    folder = parser.parse_args(arguments).folder
    build(folder)
    print(f"{folder}: open it through a file server, for instance python -m http.server")


if __name__ == "__main__":
    run_command(main)
