"""Write the tables of docs/licences.md from the installed packages.

Names come from requirements.lock, from that of the tests, and from those of single figures and the
site, whose packages must be installed too; versions are left out, so that new pins do not change
the page.
"""

import argparse
import re
import tomllib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from experiments.engine.atomic import write_text
from experiments.engine.errors import UserError, run_command
from experiments.markdown import filled, table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
SET_UP = (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock")
"""What `make setup` installs."""

# Installed on Windows only: from the metadata of their wheels. Those of macOS are named likewise.
WINDOWS = {"colorama": "BSD", "nest-asyncio": "BSD"}
MACOS = {"appnope": "BSD"}

# What the metadata leaves out, libraries in these wheels, or names without need: of docutils, the
# GPL covers a mode of Emacs that its wheel lacks.
CARRIED = {
    "axe-playwright-python": "MIT; MPL-2.0 (axe-core, which it carries)",
    "docutils": "Public domain; BSD-2-Clause",
    "espeakng-loader": "GPL-3.0-or-later (eSpeak NG, which it carries)",
    "soundfile": "BSD 3-Clause License; LGPL-2.1-or-later (libsndfile, which it carries)",
}

KINDS = {
    r"\bA?GPL": "copyleft",
    r"\bLGPL": "library copyleft",
    r"Mozilla|MPL|EPL|CDDL": "file-level copyleft",
}


def locked(*locks: Path) -> list[str]:
    """Return names of the pinned packages, without duplicates."""
    text = "\n".join(lock.read_text() for lock in locks)
    return sorted(set(re.findall(r"^([\w.\-]+)==", text, re.MULTILINE)), key=str.lower)


def licence(name: str) -> str:
    """Return a package's licence by its metadata: SPDX expression, else field, else classifier."""
    if name in CARRIED:
        return CARRIED[name]
    try:
        about = metadata(name)
    except PackageNotFoundError as error:
        if known := (WINDOWS | MACOS).get(name):
            return known
        fix = "make test, for those of figures; make site, for those of the site"
        raise UserError(f"{name} is not installed", name, "every package", fix) from error
    expressions = about.get_all("License-Expression") or []
    # Some packages put the whole text there.
    fields = [text for text in about.get_all("License") or [] if len(text) < 40]
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    named = " / ".join(c.split(" :: ")[-1] for c in classifiers)
    return next(text for text in (*expressions, *fields, named) if text and text != "UNKNOWN")


def needed_by(extra: str = "") -> set[str]:
    """Return packages that the core or one of its extras needs, directly or indirectly."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    found, todo = set(), list(extras[extra] if extra else project["dependencies"])
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
    return found


def canonical(name: str) -> str:
    """Return a package's name in normalised form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def everywhere() -> str:
    """Return the table of what `make setup` installs."""
    needed = {
        "core": needed_by(),
        "figures": needed_by("figures") | WINDOWS.keys(),
        "flax": needed_by("nnx"),
    }
    rows = []
    for name in locked(*SET_UP):
        text = licence(name)
        users = (use for use, names in needed.items() if canonical(name) in names)
        use = next(users, "development")
        rows.append((f"`{name}`", text, use, kind(text)))
    return table(["package", "licence", "needed by", "kind"], rows)


def elsewhere() -> str:
    """Return the table of packages that single figures and the site need besides."""
    rows, common = [], set(locked(*SET_UP))
    locks = sorted(ROOT.glob("configs/figure/fig*/requirements.lock"))
    for lock in [*locks, ROOT / "docs" / "site" / "requirements.lock"]:
        user = lock.parent.name.replace("fig", "figure ")
        for name in locked(lock):
            if name not in common:
                text = licence(name)
                rows.append((user, f"`{name}`", text, kind(text)))
    return table(["needed by", "package", "licence", "kind"], rows)


def kind(licence: str) -> str:
    """Return the kind of a licence, in a word."""
    found = (name for pattern, name in KINDS.items() if re.search(pattern, licence))
    return next(found, "permissive")


def main(arguments: Sequence[str]) -> None:
    """Replace the tables in the page."""
    argparse.ArgumentParser("python -m scripts.licences", description=__doc__).parse_args(arguments)
    blocks = {"packages": everywhere(), "packages of single figures": elsewhere()}
    write_text(PAGE, filled(PAGE.read_text(), blocks))


if __name__ == "__main__":
    run_command(main)
