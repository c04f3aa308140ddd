"""Break the machinery in one place after the other, and list what no test notices.

Each row of mutations.toml is a file, a text in it, another text in its place, and the tests that
must then fail. They run in a copy of the working tree, once without any change: there they must
pass. The exit status is 1 if a mutation survives, or cannot be tried.
"""

import argparse
import importlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from experiments.engine.errors import run_command

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".toml")
FAILED, PASSED, INTERNAL = 1, 0, 3
"""Of pytest's exit statuses; any other than the first two says that tests were not run."""
LIMIT_S = 600
"""A mutation whose tests take longer is caught: they never end."""
OURS = ("experiments", "figures", "scripts", "snn", "snn_tools", "tests")
"""What each fork imports anew, from the copy."""

Mutation = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Print one line for each mutation."""
    parser = argparse.ArgumentParser("python -m scripts.mutations", description=__doc__)
    parser.add_argument("parts", nargs="*", help="of files or of what is broken; all by default")
    parts = parser.parse_args(arguments).parts
    mutations: list[Mutation] = tomllib.loads(TABLE.read_text())["mutation"]
    # Byte code of a change within a second, of the same length, would be taken for the old one.
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "JAX_PLATFORMS": "cpu", "MPLBACKEND": "Agg"}
    sys.dont_write_bytecode = True
    for package in ("jax", "matplotlib.pyplot", "scipy.stats", "grimp"):
        importlib.import_module(package)
    named = [f"{row['file']}: {row['what']}" for row in mutations]
    chosen = [
        row
        for row, name in zip(mutations, named, strict=True)
        if not parts or any(part in name for part in parts)
    ]
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        _copy(tree)
        tests = dict.fromkeys(row["tests"] for row in chosen)
        bad = [test for test in tests if _status(tree, test) != PASSED]
        outcomes = [_outcome(tree, row, row["tests"] in bad) for row in chosen]
    survivors = [outcome for outcome in outcomes if outcome != "caught"]
    print(f"{len(chosen)} mutations, {len(survivors)} survived or not tried")
    return int(bool(survivors))


def _outcome(tree: Path, row: Mutation, is_bad: bool) -> str:
    """Make one change, run its tests, undo it and say what came of it."""
    path = tree / row["file"]
    text = path.read_text()
    if is_bad:
        outcome = "its tests fail without it"
    elif text.count(row["old"]) != 1:
        outcome = f"its text is there {text.count(row['old'])} times"
    else:
        path.write_text(text.replace(row["old"], row["new"]))
        status = _status(tree, row["tests"])
        path.write_text(text)
        known = {FAILED: "caught", -signal.SIGALRM: "caught", PASSED: "SURVIVED"}
        outcome = known.get(status, f"pytest ended with {status}")
    print(f"{outcome}: {row['file']}: {row['what']}", flush=True)
    return outcome


def _status(tree: Path, tests: str) -> int:
    """Return pytest's exit status, of a fork: JAX and the like are imported once, here."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = INTERNAL
    try:
        signal.alarm(LIMIT_S)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
            del sys.modules[name]
        status = pytest.main(["-q", "-x", "-p", "no:cacheprovider", *shlex.split(tests)])
    finally:
        os._exit(status)


def _copy(tree: Path) -> None:
    """Copy what git knows, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


if __name__ == "__main__":
    run_command(main)
