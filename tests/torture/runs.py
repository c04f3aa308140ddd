"""Runs of a figure in processes of their own, and the numbers that they keep."""

import subprocess
import sys
from pathlib import Path

from experiments.engine.cache import checksum, load_result
from tests.tracked import BARE, ROOT

LIMIT_S = 600.0
"""A run that takes longer has failed, and is killed."""


def command(choice: str, results: Path, *overrides: str) -> list[str]:
    """The command that runs a figure, chosen as "fig5/smoke"."""
    module = [sys.executable, "-m", "experiments.run", f"figure={choice}"]
    return [*module, f"results_dir={results}", *overrides]


def start(words: list[str], **changed: str) -> subprocess.Popen[str]:
    """Start a command in the repository's root, with pipes to what it says."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words, cwd=ROOT, env=BARE | changed, stdout=pipe, stderr=pipe, text=True
    )


def output_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process says to its end."""
    try:
        return process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"it still ran after {LIMIT_S:g} s") from None


def finish(choice: str, results: Path, *overrides: str) -> str:
    """Run a figure to its end, and return what it said."""
    process = start(command(choice, results, *overrides))
    out, err = output_of(process)
    assert process.returncode == 0, err
    return out + err


def cached_checksums(results: Path) -> dict[str, str]:
    """Checksums of what the cache holds, by key."""
    folder = results / "cache"
    keys = [path.stem for path in folder.glob("*.npz")]
    return {key: checksum(part[0]) for key in keys if (part := load_result(folder, key))}


def leftovers(results: Path) -> list[str]:
    """Names of half-written files."""
    return [path.name for path in results.rglob(".tmp*")]
