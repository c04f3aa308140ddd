"""Check the built site as a reader would find it.

Every link leads to a page and an anchor, nothing is loaded from another host, every command that a
page tells to type exists, and no page weighs more than it may, with pictures, scripts and fonts.
"""

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from scripts.site.links import ROOT

LIMIT = 1.75e6
"""Bytes of a page with all that it loads."""

LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src")}
RELATED = {"index", "search", "next", "prev"}
"""Kinds of links in a page's head that load nothing."""
EXEMPT = {"search.html", "genindex.html"}
"""Sphinx's own pages, whose index is as large as the site."""


class Page(HTMLParser):
    """What a page links to and loads, its anchors, and the commands that it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors, self.links, self.loads = set[str](), list[str](), list[str]()
        self.code, self._inside = list[str](), 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.anchors |= {known[name] for name in ("id", "name") if name in known}
        for name, value in known.items():
            if (tag, name) in LOADED and known.get("rel") not in RELATED:
                self.loads.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)
        if tag in ("pre", "code"):
            self._inside += 1
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in ("pre", "code")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[-1] += data


def faults(site: Path) -> list[str]:
    """Return everything that is wrong, in words; pages are read once."""
    pages = {file: Page(file.read_text()) for file in sorted(site.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        name = str(file.relative_to(site))
        found += [f"{name}: {fault}" for fault in broken(file, page, pages)]
        if name != "changelog.html":  # which names what was
            found += [f"{name}: no such command: {x}" for x in unknown(page.code)]
        weight = sum(path.stat().st_size for path in loaded(file, page))
        if weight > LIMIT and name not in EXEMPT and not name.startswith("explorers/"):
            found.append(f"{name}: weighs {weight / 1e6:.2f} MB, more than {LIMIT / 1e6:g}")
    return found


def broken(file: Path, page: Page, pages: dict[Path, Page]) -> list[str]:
    """Return links that lead nowhere, and what is loaded from elsewhere."""
    found = [f"loads {x} from another host" for x in page.loads if re.match(r"(?!data:)\w+:|//", x)]
    for target in page.links + page.loads:
        if re.match(r"\w+:|//", target):
            continue
        path, anchor = urldefrag(target)
        # Sphinx marks assets by their content.
        goal = (file.parent / unquote(path.partition("?")[0])).resolve() if path else file.resolve()
        goal = goal / "index.html" if goal.is_dir() else goal
        if not goal.is_file():
            found.append(f"links to {target}, which does not exist")
        elif anchor and goal in pages and unquote(anchor) not in pages[goal].anchors:
            found.append(f"links to {target}, which has no such anchor")
    return found


def loaded(file: Path, page: Page) -> set[Path]:
    """Return the page and all that it loads; of a stylesheet's fonts those that a browser takes."""
    files = {file}
    for target in page.loads:
        path = file.parent / unquote(target.partition("?")[0])
        if path.is_file():
            files.add(path.resolve())
    for sheet in [path for path in files if path.suffix == ".css"]:
        fonts = re.findall(r"url\(([^)]+\.woff2)\)", sheet.read_text())
        files |= {sheet.parent / font for font in fonts if (sheet.parent / font).is_file()}
    return files


def unknown(code: list[str]) -> list[str]:
    """Return make targets and modules that do not exist, among the commands of a page."""
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z%-]+):", makefile, re.MULTILINE)
    known = "|".join(target.replace("%", r"(\d+|N)") for target in targets)
    found = []
    for text in code:
        for command in re.findall(r"^(?:\$ )?make ([a-z][\w-]*)", text, re.MULTILINE):
            if not re.fullmatch(known, command):
                found.append(f"make {command}")
        for module in re.findall(r"^(?:\$ )?python -m ([\w.]+)", text, re.MULTILINE):
            if importlib.util.find_spec(module) is None:
                found.append(f"python -m {module}")
    return found
