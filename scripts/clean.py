"""Remove the results: runs, their cache and sweeps. Named runs are removed only if you agree."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from experiments.engine.compute.record import META
from experiments.engine.configure.registry import Project
from experiments.engine.errors import UserError, from_here, run_command

RESULTS = Project().root / "results"


def main(arguments: Sequence[str], results: Path = RESULTS) -> None:
    """List the results, ask for agreement if a run has a name, and remove them.

    Args:
        arguments: Command line; --yes removes named runs without a question.
        results: The folder to remove.

    Raises:
        UserError: If a run has a name and nobody agreed, or the folder is a link.
    """
    parser = argparse.ArgumentParser("python -m scripts.clean", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    if not results.is_dir():
        return
    for path in sorted(results.iterdir()):
        print(f"{size(path) / 1e6:8.1f} MB  {from_here(path)}")
    if (names := list(named_runs(results))) and not options.yes:
        print("You named these runs:", *names, sep="\n  ")
        answer = input("Remove them, too? [y/N] ") if sys.stdin.isatty() else "n"
        if answer.strip().lower() not in ("y", "yes"):
            what, expected = "nothing was removed", "agreement to remove runs that you named"
            raise UserError(what, f"{len(names)} named runs", expected, "make clean ARGS=--yes")
    if results.is_symlink():
        what, expected = "nothing was removed", "a folder, not a link to one"
        raise UserError(what, from_here(results), expected, "remove the linked folder yourself")
    shutil.rmtree(results)


def size(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files)


def named_runs(results: Path) -> Iterator[str]:
    """Yield the folders of named runs; a run with an unreadable record counts as named."""
    for meta in sorted(results.glob(f"*/fig*/{META}")):
        try:
            name = json.loads(meta.read_text())["config"]["name"]
        except (OSError, ValueError, LookupError, TypeError):
            name = "unreadable"
        if name:
            yield from_here(meta.parent)


if __name__ == "__main__":
    run_command(main)
