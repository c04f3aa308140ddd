"""Test that the companion works without beyond, without tools, and without both.

For each case, make a copy of the checkout without these rooms. In the copy, all tests must be
collected, and the tests of the repository as a whole must pass. With --all, `make lint`, every
test, `make verify` and every figure at its smallest preset must pass.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.errors import UserError, run_command

ROOT = Path(__file__).parents[1]
ROOMS = ("beyond", "tools")
REPOSITORY_TESTS = " or ".join(f"test_{x}.py" for x in "repo docs site commands times".split())
"""Tests of the repository as a whole."""
ALIKE = "python_blocks or lead_to_where or broken_link or ctrl_c or wait or interrupted"
"""Repository tests that compute, build or wait, and are left out of the cheap check."""
# A single process collects all tests, and runs only the selected ones.
CHEAP = (["test", f"ARGS=-q -n 0 -k '({REPOSITORY_TESTS}) and not ({ALIKE})'"],)
ALL = (["lint"], ["smoke"], ["verify"], ["test", "ARGS=-q"])
OURS = ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "ARGS", "VENV")
"""Environment variables of this process that the copy must not inherit."""


def main(arguments: Sequence[str]) -> int:
    """Try each copy, and return 1 after a failure.

    Returns:
        0 if all copies pass, else 1.

    Raises:
        UserError: If a room does not exist.
    """
    parser = argparse.ArgumentParser("python -m scripts.doors", description=__doc__)
    parser.add_argument("rooms", nargs="*", help="to take away at once; by default one, then both")
    parser.add_argument("--all", action="store_true", help="all targets, which takes an hour")
    options = parser.parse_args(arguments)
    if unknown := set(options.rooms) - set(ROOMS):
        what, got = "there is no such room to take away", " ".join(sorted(unknown))
        raise UserError(what, got, " or ".join(ROOMS), "leave it out")
    chosen = [options.rooms] if options.rooms else (ROOMS[:1], ROOMS[1:], ROOMS)
    return max(stand(rooms, ALL if options.all else CHEAP) for rooms in chosen)


def stand(rooms: Sequence[str], targets: Sequence[Sequence[str]]) -> int:
    """Return 1 if a target fails in a copy without some rooms."""
    bare = {name: value for name, value in os.environ.items() if name not in OURS}
    with tempfile.TemporaryDirectory() as name:
        copy = lay_out(Path(name) / "copy", rooms)
        for target in targets:
            print(f"without {' and '.join(rooms)}: make {' '.join(target)}", flush=True)
            make = ["make", "--silent", *target]
            done = subprocess.run(make, cwd=copy, env=bare, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                print(done.stdout)
                return 1
    return 0


def lay_out(copy: Path, rooms: Sequence[str]) -> Path:
    """Copy the repository without some rooms, and create an environment for the copy."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in names.splitlines():
        if not name.startswith(tuple(f"{room}/" for room in rooms)) and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    venv.create(copy / ".venv")
    here = {"base": str(copy / ".venv"), "platbase": str(copy / ".venv")}
    packages = Path(sysconfig.get_path("purelib", vars=here))
    # The copy uses the packages of this environment, but not its checkout.
    paths = [sysconfig.get_path("purelib"), str(copy), *map(str, copy.glob("tools"))]
    (packages / "copy.pth").write_text("\n".join(paths) + "\n")
    for command in Path(sysconfig.get_path("scripts")).iterdir():
        if not (link := copy / ".venv/bin" / command.name).exists():
            link.symlink_to(command)
    for mark in Path(sys.prefix).glob(".installed*"):
        (copy / ".venv" / mark.name).touch()
    return copy


if __name__ == "__main__":
    run_command(main)
