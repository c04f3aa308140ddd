"""Runs that are killed or race: no half result is ever taken for a whole one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from threading import Thread

import pytest

from experiments.engine.cache import locked, new_file
from tests.experiments.conftest import REPOSITORY, TOY, copied

# Runs the figure in each project of a group at once, in forks of one process that has imported all.
# A fork may be killed at the n-th call of a function, before it acts or after.
FORKS = """
import importlib, json, os, signal, sys
from pathlib import Path
import jax, matplotlib.pyplot, numpy
import experiments.engine.run, figures.style
from experiments.engine.errors import guarded
from experiments.engine.config import Project
from experiments.run import main

def arm(module, name, nth, after):
    module, calls = importlib.import_module(module), []
    original = getattr(module, name)
    def deadly(*arguments, **named):
        calls.append(name)
        if len(calls) == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(module, name, deadly)

def run(root, given, moment):
    if child := os.fork():
        return child
    sys.path.insert(0, root)
    if moment:
        arm(*moment)
    project = Project(Path(root), "toylab", "toyfigs", ("toylib",))
    os._exit(guarded(lambda given: main(given, project), given))

for group in json.loads(sys.argv[1]):
    children = [run(*each) for each in group]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(*statuses, flush=True)  # or the next child would have it to print, too
"""


def forked(*groups):
    """Exit statuses of runs, each a project's root, arguments and a moment to be killed at."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS, json.dumps(groups)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [line for line in done.stdout.splitlines() if re.fullmatch(r"[-\d ]+", line)]
    return [[int(status) for status in line.split()] for line in lines]


# In order: the cache entry is written and renamed; then the figure's files, the record last.
MOMENTS = [
    # The toy's computation sleeps: this is in the midst of it.
    ("time", "sleep", 1, False),
    ("numpy", "savez", 1, False),
    ("numpy", "savez", 1, True),
    ("os", "replace", 1, False),
    ("os", "replace", 1, True),
    ("numpy", "savez_compressed", 1, True),
    *[("os", "replace", nth, True) for nth in range(2, 6)],
]


def published(toy):
    """Return the bytes of what a run published, without its record, which has the time."""
    folder = toy.results / "smoke" / "fig7"
    return {path.name: path.read_bytes() for path in folder.glob("fig7*")}


TWICE = [["figure=fig8/smoke", "panels.wave.pause=0.3", "compute=always"]] * 2


@pytest.fixture(scope="module")
def dead(_ran, tmp_path_factory):
    """Copies of a project in which a run was killed, each at another moment."""
    toys = [copied(_ran.root, tmp_path_factory.mktemp("dead") / "toy") for _ in MOMENTS]
    for each in toys:
        shutil.rmtree(each.results / "cache")
        (each.results / "smoke/fig7/fig7.png").unlink()
    return toys


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    """A copy of the toy project for two runs at once."""
    return copied(TOY, tmp_path_factory.mktemp("raced") / "toy")


@pytest.fixture(scope="module")
def statuses(dead, raced):
    """Exit statuses of the killed runs, and of two at once: one process imports for all."""
    killed = [
        [(str(each.root), ["figure=fig7/smoke"], moment)]
        for each, moment in zip(dead, MOMENTS, strict=True)
    ]
    return forked(*killed, [(str(raced.root), run, None) for run in TWICE])


def test_killed_at_any_moment_and_resumed_gives_the_same_bytes(_ran, dead, statuses):
    assert statuses[:-1] == [[-signal.SIGKILL]] * len(MOMENTS)
    whole, overrides = published(_ran), ["figure=fig7/smoke"]
    for each, moment in zip(dead, MOMENTS, strict=True):
        each.check_cache()
        assert each.run(*overrides) == 0, moment
        each.check_whole()
        assert published(each) == whole, moment
        assert each.run(*overrides, "compute=always") == 0, moment


def test_two_runs_at_once_publish_one_of_them_whole(raced, statuses):
    toy = raced
    assert statuses[-1] == [0, 0]
    assert len(toy.keys()) == 2 and toy.leftovers() == []
    toy.check_whole()


def test_files_appear_whole(tmp_path):
    folder = tmp_path / "new"
    with new_file(folder / "file.npz") as temporary:
        temporary.write_text("whole")
        assert temporary.suffix == ".npz" and not (folder / "file.npz").exists()
    with pytest.raises(ValueError, match="broken"), new_file(folder / "file.npz") as path:
        path.write_text("half")
        raise ValueError("broken")
    assert [path.read_text() for path in folder.iterdir()] == ["whole"]


OTHER = """
import sys
from pathlib import Path
from experiments.engine.cache import write_text
write_text(Path(sys.argv[1]), "theirs")
"""


def test_two_processes_that_write_one_file_do_not_write_into_each_others(tmp_path):
    """The other one begins and ends in the middle of this one."""
    path = tmp_path / "file.txt"
    with new_file(path) as temporary, temporary.open("w") as file:
        file.write("ours, ")
        subprocess.run([sys.executable, "-c", OTHER, path], cwd=REPOSITORY, check=True)
        assert path.read_text() == "theirs"
        file.write("whole")
    assert path.read_text() == "ours, whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_is_waited_for(tmp_path, caplog):
    """The second to take it comes after all that the first one did, and knows that it waited."""
    order = []

    def second():
        with locked(tmp_path) as waited:
            order.append(("second", waited))

    other = Thread(target=second)
    with locked(tmp_path) as waited:
        other.start()
        while "waiting for another process" not in caplog.text and other.is_alive():
            other.join(timeout=0.01)
        # The thread ends now only if it does not wait.
        other.join(timeout=0.5)
        order.append(("first", waited))
    other.join()
    assert order == [("first", False), ("second", True)]
