"""Take rooms away, and see that the companion stands: without beyond, without tools, without both.

In a copy without them, its presets compose, its imports resolve, `make lint` and the tests pass
that look at the repository as a whole; with --all, all tests, `make verify` and every figure at
smoke. The environment is this one.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.errors import run_command

ROOT = Path(__file__).parents[1]
ROOMS = ("beyond", "tools")
WHOLE = ("tests/test_repo.py", "tests/test_docs.py", "tests/test_site.py", "tests/test_commands.py")
"""Tests of the repository as a whole."""
EVERYTHING = (["verify"], ["figures", "PRESET=smoke"], ["test"])


def main(arguments: Sequence[str]) -> int:
    """Try each copy, and return 1 if one does not stand."""
    parser = argparse.ArgumentParser("python -m scripts.doors", description=__doc__)
    parser.add_argument("--all", action="store_true", help="all targets: half an hour")
    everything = parser.parse_args(arguments).all
    return max(stands_without(rooms, everything) for rooms in (ROOMS[:1], ROOMS[1:], ROOMS))


def stands_without(rooms: Sequence[str], everything: bool) -> int:
    """Return the status of the first target that fails in a copy without some rooms."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "copy"
        lay_out(copy, rooms)
        targets = EVERYTHING if everything else (["test", f"ARGS=-q --co-only {' '.join(WHOLE)}"],)
        for target in (["lint"], *targets):
            print(f"without {' and '.join(rooms)}: make {' '.join(target)}", flush=True)
    return 0


if __name__ == "__main__":
    run_command(main)
