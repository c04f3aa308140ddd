"""Remove what runs wrote to results, the cache among it; what they did not write stays.

A file of a run is removed if it has the hash in the run's record: a picture that you annotated in
its place stays, too. Named runs are removed only if you agree.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from experiments.engine.cache import file_hash
from experiments.engine.config import Project
from experiments.engine.errors import UserError, from_here, run_command
from experiments.engine.run import META

RESULTS = Project().root / "results"
WRITTEN = (
    "cache/**/*",
    "**/.lock",
    "**/.tmp-[0-9]*",
    "compared/*.png",
    "sweeps/*/summary.csv",
    "sweeps/*/multirun.yaml",
    "redraw/*.png",
    "redraw/*.pdf",
    "reports/*.html",
    "explorers/**/*",
)
"""Files in results that commands write beside the folders of runs."""


def main(arguments: Sequence[str], results: Path = RESULTS) -> None:
    """Ask for agreement if a run has a name, remove what runs wrote, and name what is left.

    Args:
        arguments: Command line; --yes removes named runs without a question.
        results: The folder to clean.

    Raises:
        UserError: If a run has a name and nobody agreed, or the folder is a link.
    """
    parser = argparse.ArgumentParser("python -m scripts.clean", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    if results.is_symlink():
        what, expected = "nothing was removed", "a folder, not a link to one"
        raise UserError(what, from_here(results), expected, "clean the linked folder yourself")
    runs = {meta: record(meta) for meta in sorted(results.rglob(META))}
    named = [from_here(meta.parent) for meta, run in runs.items() if run["config"]["name"]]
    if named and not options.yes:
        print("You named these runs:", *named, sep="\n  ")
        answer = input("Remove them, too? [y/N] ") if sys.stdin.isatty() else "n"
        if answer.strip().lower() not in ("y", "yes"):
            what, expected = "nothing was removed", "agreement to remove runs that you named"
            raise UserError(what, f"{len(named)} named runs", expected, "make clean ARGS=--yes")
    files = set(written(results, runs))
    megabytes = sum(file.lstat().st_size for file in files) / 1e6
    for file in files:
        file.unlink()
    for folder in sorted((x for x in results.rglob("*") if x.is_dir()), reverse=True):
        if not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
    left = sorted(x for x in results.rglob("*") if not x.is_dir() or x.is_symlink())
    print(f"removed {len(files)} files, {megabytes:.1f} MB, from {from_here(results)}")
    if left:
        print("left, because no run wrote them:", *map(from_here, left), sep="\n  ")
    elif results.is_dir():
        results.rmdir()


def record(meta: Path) -> dict:
    """Return a run's record; without files and without a name if it cannot be read."""
    try:
        content = json.loads(meta.read_text())
        return {"files": dict(content["files"]), "config": {"name": content["config"]["name"]}}
    except (OSError, ValueError, LookupError, TypeError):
        return {"files": {}, "config": {"name": None}}


def written(results: Path, runs: dict[Path, dict]) -> Iterator[Path]:
    """Yield the files that commands wrote, as far as nobody changed them."""
    for pattern in WRITTEN:
        yield from (x for x in results.glob(pattern) if x.is_file() or x.is_symlink())
    for meta, run in runs.items():
        files = [meta.with_name(name) for name in run["files"] if name == Path(name).name]
        yield from (x for x in files if x.is_file() and file_hash(x) == run["files"][x.name])
        if run["files"]:
            yield meta


if __name__ == "__main__":
    run_command(main)
