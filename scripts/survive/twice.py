"""Two set-ups, and two builds of the site, at once in one fresh clone.

Each takes minutes, 1.5 GB and the network, so that they are tried where they are asked for by name.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.survive.counting import ROOT, Tried, faults

WHOLE = """
import collections, hashlib, importlib.metadata
from base64 import urlsafe_b64encode
found = list(importlib.metadata.distributions())
for name, n in collections.Counter(one.metadata["Name"].lower() for one in found).items():
    if n > 1:
        print(name, "is there", n, "times")
for file in [file for one in found for file in one.files or [] if file.hash]:
    path = file.locate()
    content = path.read_bytes() if path.is_file() else b""
    digest = urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).decode()
    if digest.rstrip("=") != file.hash.value:
        print(path, "is not what was installed")
"""
"""Prints what an environment lacks of its packages, file by file."""


def set_ups(folder: Path) -> Iterator[Tried]:
    """Set one environment up twice at once: all files of all packages are then as published."""
    clone = _clone(folder)
    yield _at_once("make setup, twice at once", clone, "setup", f"PYTHON={sys.executable}")


def sites(folder: Path) -> Iterator[Tried]:
    """Build the site twice at once, which checks its own links."""
    clone = _clone(folder)
    subprocess.run(["make", "setup", f"PYTHON={sys.executable}"], cwd=clone, check=True)
    yield _at_once("make site, twice at once", clone, "site")


def _clone(folder: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", ROOT, folder / "clone"], check=True)
    return folder / "clone"


def _at_once(what: str, clone: Path, *words: str) -> Tried:
    pipe = subprocess.PIPE
    both = [
        subprocess.Popen(["make", *words], cwd=clone, stdout=pipe, stderr=pipe, text=True)
        for _ in range(2)
    ]
    said = [process.communicate()[1] for process in both]
    found = [
        f"status {process.returncode}: {error[-500:]}" if process.returncode else ""
        for process, error in zip(both, said, strict=True)
    ]
    python = clone / ".venv" / "bin" / "python"
    whole = subprocess.run([python, "-c", WHOLE], capture_output=True, text=True)
    return Tried(what, 2, faults([*found, (whole.stdout.strip() or whole.stderr)[:500]]))
