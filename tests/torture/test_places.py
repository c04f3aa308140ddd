"""Runs where a run may less than usual, and beside each other in one folder.

Each gives the numbers of an undisturbed run. Where the folder is removed below runs, those may end
in one message instead.
"""

import shutil
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from experiments.engine.provenance import NOT_INSTALLED, package_version
from tests.torture.runs import cached_checksums, command, finish, leftovers, output_of, start

HAS_JOBLIB = package_version("hydra-joblib-launcher") != NOT_INSTALLED
LAUNCHERS = ("basic", "joblib") if HAS_JOBLIB else ("basic",)

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


def needs(before):
    """Skip where Python does not start behind these words."""
    with suppress(FileNotFoundError):
        words = [*before, sys.executable, "-c", ""]
        if subprocess.run(words, capture_output=True).returncode == 0:
            return
    pytest.skip(f"{before[0]} is not there, or not permitted")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The results of two undisturbed runs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    finish("fig1/smoke", folder)
    finish("fig4/smoke", folder)
    return folder


@pytest.mark.parametrize("place", PLACES)
def test_places(place, undisturbed, tmp_path):
    before, environment = PLACES[place]
    needs(before)
    process = start([*before, *command("fig1/smoke", tmp_path)], **environment)
    _, err = output_of(process)
    assert process.returncode == 0, err
    assert (
        cached_checksums(tmp_path)
        and cached_checksums(tmp_path).items() <= cached_checksums(undisturbed).items()
    )


@pytest.mark.parametrize("removed", [False, True])
def test_runs_at_once_in_one_folder(removed, undisturbed, tmp_path, rounds, chance):
    """One figure twice, another, and sweeps; the folder may be removed meanwhile."""
    expected, results = cached_checksums(undisturbed), tmp_path / "results"
    for _ in range(rounds):
        shutil.rmtree(results, ignore_errors=True)
        commands = [command(f"{name}/smoke", results) for name in ("fig1", "fig1", "fig4")]
        for launcher in LAUNCHERS:
            sweep = ("-m", f"hydra/launcher={launcher}", "seeds=[0],[1]")
            commands.append(command("fig1/smoke", results, *sweep))
        processes = [start(words) for words in commands]
        if removed:
            while not results.exists():
                time.sleep(0.05)
            time.sleep(chance.uniform(0, 2))
            shutil.rmtree(results, ignore_errors=True)
        for process in processes:
            _, err = output_of(process)
            assert process.returncode in ((0, 2) if removed else (0,)), err
            assert "Traceback" not in err
        finish("fig1/smoke", results)
        kept = cached_checksums(results)
        shared = kept.keys() & expected.keys()
        assert shared and all(kept[key] == expected[key] for key in shared)
        assert not leftovers(results)
