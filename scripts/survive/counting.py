"""What the sections share: runs of a figure in processes, their numbers, and counts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.engine.store import Store, checksum

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 600.0
"""A run that takes longer has failed, and is killed."""


@dataclass(frozen=True)
class Tried:
    """A disturbance, and what came of it.

    Attributes:
        what: The disturbance.
        tried: How many times.
        faults: Each time that it was not survived, in words.
        seen: What else must be known of the number.
    """

    what: str
    tried: int
    faults: tuple[str, ...]
    seen: str = ""

    def __str__(self) -> str:
        seen = f"; {self.seen}" if self.seen else ""
        survived = max(self.tried - len(self.faults), 0)
        said = f"{self.what}: {self.tried} tried, {survived} survived{seen}"
        return "\n  ".join([said, *self.faults])


@dataclass(frozen=True)
class Figure:
    """Runs of one figure, chosen as "fig5/smoke"."""

    choice: str

    def command(self, results: Path, *overrides: str) -> list[str]:
        """Return the command that runs it."""
        module = [sys.executable, "-m", "experiments.run", f"figure={self.choice}"]
        return [*module, f"results_dir={results}", *overrides]

    def start(
        self, results: Path, *overrides: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen:
        """Start it."""
        return start(self.command(results, *overrides), environment)

    def finish(self, results: Path, *overrides: str) -> tuple[str, float]:
        """Run it to its end; return what it said, and seconds.

        Raises:
            RuntimeError: If it fails.
        """
        begun = time.perf_counter()
        process = self.start(results, *overrides)
        try:
            out, err = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise RuntimeError(f"it still ran after {LIMIT_S:g} s, undisturbed") from error
        if process.returncode:
            raise RuntimeError(f"status {process.returncode}: {err}")
        return out + err, time.perf_counter() - begun


def start(command: list[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen:
    """Start a command in the repository's root, with pipes to what it says."""
    pipe = subprocess.PIPE
    changed = {**os.environ, **(environment or {})}
    return subprocess.Popen(command, cwd=ROOT, env=changed, stdout=pipe, stderr=pipe, text=True)


def numbers(results: Path) -> dict[str, str]:
    """Return checksums of what the cache holds, by key."""
    store = Store(results / "cache")
    keys = [path.parent.name for path in (results / "cache").glob("*/meta.json")]
    return {key: checksum(part[0]) for key in keys if (part := store.load(key))}


def leftovers(results: Path) -> list[str]:
    """Return the names of half-written files."""
    return [path.name for path in results.rglob(".tmp*")]


def name(number: int) -> str:
    """Return a signal's name."""
    return signal.Signals(number).name


def faults(said: Iterable[str], tried: int = 1) -> tuple[str, ...]:
    """Return what is wrong, without empty texts; to have tried nothing is."""
    return tuple(filter(None, [*said, "" if tried else "nothing was tried"]))
