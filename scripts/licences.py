"""Writes the table of docs/licences.md from the installed packages: python -m scripts.licences.

Names come from requirements.lock; versions are left out, so that new pins do not change the page.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
START, STOP = "<!-- table: python -m scripts.licences -->\n", "<!-- end of table -->\n"

# Installed on Windows only: from the metadata of their wheels.
WINDOWS = {"colorama": "BSD", "nest-asyncio": "BSD"}

COPYLEFT = re.compile(r"\b[AL]?GPL|Mozilla|MPL|EPL|CDDL")


def locked() -> list[str]:
    """Names of the pinned packages, each once."""
    text = (ROOT / "requirements.lock").read_text()
    return sorted(set(re.findall(r"^([\w.\-]+)==", text, re.MULTILINE)), key=str.lower)


def licence(name: str) -> str:
    """What a package says of its licence: SPDX expression, else field, else classifier."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return WINDOWS[name]
    expressions = about.get_all("License-Expression") or []
    # Some put the whole text there.
    fields = [text for text in about.get_all("License") or [] if len(text) < 40]
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    named = " / ".join(c.split(" :: ")[-1] for c in classifiers)
    return next(text for text in (*expressions, *fields, named) if text and text != "UNKNOWN")


def needed_to_run() -> set[str]:
    """Packages that the core and the experiments need, and those that these need in turn."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found, todo = set(), list(project["dependencies"])
    while todo:
        requirement, _, marker = todo.pop().partition(";")
        name = canonical(re.split(r"[^\w.\-]", requirement.strip())[0])
        if name in found or "extra" in marker:
            continue
        try:
            todo += metadata(name).get_all("Requires-Dist") or []
        except PackageNotFoundError:
            continue
        found.add(name)
    return found | WINDOWS.keys()


def canonical(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def table() -> str:
    """The table in Markdown."""
    run = needed_to_run()
    rows = ["| package | licence | needed | kind |", "|---|---|---|---|"]
    for name in locked():
        text = licence(name)
        kind = "file-level copyleft" if COPYLEFT.search(text) else "permissive"
        use = "to run" if canonical(name) in run else "to develop"
        rows.append(f"| `{name}` | {text} | {use} | {kind} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Replaces the table in the page."""
    before, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(before + START + table() + STOP + rest.partition(STOP)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
