"""The files of the repository, with git and without."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[1]
OURS = ("JAX_", "XLA_", "PYTEST_")
"""Beginnings of variables that the tests set for themselves."""
BARE = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
"""The environment without them."""


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository; in a downloaded archive, all that lies there."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--", *patterns], capture_output=True, text=True
    )
    names = done.stdout.splitlines() or matching(lying(ROOT), patterns)
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@cache
def lying(root: Path) -> tuple[str, ...]:
    """Files in a folder, but for what .gitignore names."""
    lines = (ROOT / ".gitignore").read_text().splitlines()
    ignored = ["/.git", *(line.rstrip("/") for line in lines if not line.startswith("#"))]
    actual = []
    for folder, below, files in os.walk(root):
        here = Path(folder).relative_to(root)
        kept = {
            name
            for name in (*below, *files)
            if not any(map(PurePath(f"/{here / name}").match, ignored))
        }
        below[:] = [name for name in below if name in kept]
        actual += [str(here / name) for name in files if name in kept]
    return tuple(sorted(actual))


def copied(root: Path) -> None:
    """Copy the repository's files, including files that git does not know yet."""
    for name in lying(ROOT):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name)


def matching(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Names that one of the patterns fits, in which a star stands for folders, too."""
    return [name for name in names if any(fnmatch(name, x) for x in patterns or ["*"])]


def makefiles() -> str:
    """The Makefile, and what it includes."""
    return "\n".join((ROOT / x).read_text() for x in ("Makefile", "scripts/maintainers.mk"))
