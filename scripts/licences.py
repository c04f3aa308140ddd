"""Write the table of docs/running.md: the licences of all packages that the locks pin.

The command pip-licenses reads the licences, so all packages must be installed. Versions are left
out, so that new pins do not change the page.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.cache import write_text
from experiments.engine.errors import UserError, run_command
from experiments.tables import filled, table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "running.md"
SET_UP = (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock")
"""Locks that `make setup` installs."""
LOCKS = {
    "figures": SET_UP[0],
    "tests and tools": SET_UP[1],
    **{
        lock.parent.name.replace("fig", "figure "): lock
        for lock in sorted(ROOT.glob("configs/figure/fig*/requirements.lock"))
    },
    "site": ROOT / "docs" / "site" / "requirements.lock",
}
"""Lock files, by the use of the packages that they pin."""

KNOWN = {
    # Not installed on Linux; the licences are from the metadata of their wheels.
    "appnope": "BSD",
    "colorama": "BSD",
    "nest-asyncio": "BSD",
    # Corrections of the metadata. These wheels contain libraries with other licences.
    # In docutils, the GPL covers only an Emacs mode, and the wheel does not contain this mode.
    "axe-playwright-python": "MIT; MPL-2.0 (axe-core, which it carries)",
    "docutils": "Public domain; BSD-2-Clause",
    "espeakng-loader": "GPL-3.0-or-later (eSpeak NG, which it carries)",
    "soundfile": "BSD 3-Clause License; LGPL-2.1-or-later (libsndfile, which it carries)",
}
FAMILIES = {
    r"\bA?GPL|GNU (Affero )?General": "copyleft",
    r"\bLGPL|GNU (Lesser|Library)": "library copyleft",
    r"Mozilla|MPL|EPL|CDDL": "file-level copyleft",
}


def locked(*locks: Path) -> list[str]:
    """Return names of the pinned packages, without duplicates."""
    text = "\n".join(lock.read_text() for lock in locks)
    return sorted(set(re.findall(r"^([\w.\-]+)==", text, re.MULTILINE)), key=str.lower)


def canonical(name: str) -> str:
    """Return a package's name in normalised form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licences() -> dict[str, str]:
    """Return the licences of the packages installed here, by normalised name."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"]
    done = subprocess.run([*command, "--with-system"], check=True, stdout=subprocess.PIPE)
    return {canonical(row["Name"]): row["License"] for row in json.loads(done.stdout)} | KNOWN


def packages() -> str:
    """Return the table: one row for each licence.

    A licence that is not permissive has one row for each use.

    Raises:
        UserError: If a package of the locks is not installed.
    """
    installed, listed, alike = licences(), set(), defaultdict(list)
    for use, lock in LOCKS.items():
        for name in (x for x in locked(lock) if x not in listed):
            if not (text := installed.get(canonical(name))):
                what = f"{name} is not installed"
                raise UserError(what, name, "every package", "make setup test site")
            listed.add(name)
            kind = next((kind for words, kind in FAMILIES.items() if re.search(words, text)), "")
            alike[kind and f"{kind}, {use}", text.removesuffix(" License")].append(name)
    rows = [
        (f"{text}: {kind}" if kind else text, ", ".join(f"`{name}`" for name in sorted(names)))
        for (kind, text), names in sorted(alike.items())
    ]
    return table(["licence: kind and use, if not permissive", "packages"], rows)


def main(arguments: Sequence[str]) -> None:
    """Replace the table in the page."""
    argparse.ArgumentParser("python -m scripts.licences", description=__doc__).parse_args(arguments)
    write_text(PAGE, filled(PAGE.read_text(), {"packages": packages()}))


if __name__ == "__main__":
    run_command(main)
