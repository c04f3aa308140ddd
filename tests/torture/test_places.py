"""Runs where a run may less than usual: each gives the numbers of an undisturbed run."""

import subprocess
import sys
from contextlib import suppress

import pytest

from tests.torture.runs import cached_checksums, command
from tests.tracked import BARE, ROOT

READ_ONLY = (
    'for d in "$PWD" "$HOME"; do '
    'mount --bind "$d" "$d" && mount -o remount,ro,bind "$d" || exit 9; done; exec "$@"'
)
PLACES = {
    "one core": (["taskset", "-c", "0"], {}),
    "no network": (["unshare", "-n"], {}),
    "checkout and HOME read-only": (["unshare", "-m", "sh", "-c", READ_ONLY, "sh"], {}),
    "no HOME": ([], {"HOME": "/nonexistent"}),
    "python -O": ([], {"PYTHONOPTIMIZE": "1"}),
    "another hash seed, locale and time zone": (
        [],
        {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    ),
}
"""What stands before the command, and what its environment has."""


def needs(before, environment):
    """Skip a place where Python does not start.

    With LC_ALL=C, Python 3.11 does not read the path of an installed checkout outside ASCII.
    """
    words = [*before, sys.executable, "-c", ""]
    with suppress(FileNotFoundError):
        if subprocess.run(words, capture_output=True, env=BARE | environment).returncode == 0:
            return
    pytest.skip("Python does not start there")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The numbers of an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(command("fig1/smoke", folder), cwd=ROOT, env=BARE, check=True)
    return cached_checksums(folder)


@pytest.mark.parametrize("place", PLACES)
def test_places(place, undisturbed, tmp_path):
    before, environment = PLACES[place]
    needs(before, environment)
    words = [*before, *command("fig1/smoke", tmp_path)]
    subprocess.run(words, cwd=ROOT, env=BARE | environment, check=True)
    assert undisturbed and cached_checksums(tmp_path) == undisturbed
