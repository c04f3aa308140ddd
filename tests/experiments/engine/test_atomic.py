"""Runs that are killed or race: no half result is ever taken for a whole one."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from experiments.engine.compute.atomic import PREFIX, new_file, new_folder
from tests.experiments.conftest import REPOSITORY, copied

# Runs the figure in each project of a group at once, in forks of one process that has imported all.
# A fork may be killed at the n-th call of a function, before it acts or after.
FORKS = """
import importlib, json, os, signal, sys
from pathlib import Path
import jax, matplotlib.pyplot, numpy
from experiments.engine.errors import guarded
from experiments.engine.configure.registry import Project
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


# In order: the cache entry is written, flushed, renamed; then the same for the figure's folder.
MOMENTS = [
    # The toy's computation sleeps: this is in the midst of it.
    ("time", "sleep", 1, False),
    ("numpy", "savez", 1, False),
    ("numpy", "savez", 1, True),
    ("os", "fsync", 1, True),
    ("os", "replace", 1, False),
    ("os", "replace", 1, True),
    ("numpy", "savez_compressed", 1, True),
    ("os", "rename", 1, False),
    # The folder of an earlier run has been moved away, and the new one is not there yet.
    ("os", "rename", 1, True),
    ("os", "rename", 2, True),
]


def test_killed_at_any_moment_or_two_at_once(_ran, toy, tmp_path):
    toys = [copied(_ran.root, tmp_path / str(i) / "toy") for i in range(len(MOMENTS))]
    for each in toys:
        shutil.rmtree(each.results / "cache")
    killed = [
        [(str(each.root), ["figure=fig7/smoke"], moment)]
        for each, moment in zip(toys, MOMENTS, strict=True)
    ]
    twice = ["figure=fig8/smoke", "panels.wave.pause=0.3", "compute=always"]
    *statuses, both = forked(*killed, [(str(toy.root), twice, None)] * 2)
    assert statuses == [[-signal.SIGKILL]] * len(MOMENTS) and both == [0, 0]
    assert len(toy.keys()) == 2 and toy.leftovers() == []
    toy.check_whole()
    for each, moment in zip(toys, MOMENTS, strict=True):
        each.check_whole()
        assert each.run("figure=fig7/smoke") == 0, moment
        assert (each.results / "smoke" / "fig7" / "meta.json").is_file(), moment
        # What the dead process left goes with the next result.
        if each.leftovers():
            assert each.run("figure=fig7/smoke", "compute=always") == 0, moment
        assert each.leftovers() == [], moment
        each.check_whole()


def test_a_second_folder_takes_the_place_of_the_first(tmp_path):
    for text in ("first", "second"):
        with new_folder(tmp_path / "entry") as folder:
            (folder / "file").write_text(text)
    assert (tmp_path / "entry" / "file").read_text() == "second"
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_files_appear_whole_and_what_the_dead_left_is_cleared_up(tmp_path):
    with new_file(tmp_path / "new" / "file.npz") as temporary:
        temporary.write_text("whole")
        assert temporary.suffix == ".npz" and not (tmp_path / "new" / "file.npz").exists()
    with pytest.raises(ValueError, match="broken"), new_file(tmp_path / "new" / "file.npz") as path:
        path.write_text("half")
        raise ValueError("broken")
    assert [path.read_text() for path in (tmp_path / "new").iterdir()] == ["whole"]
    dead = subprocess.Popen(["true"])
    dead.wait()
    name = f"{PREFIX}-{socket.gethostname()}-{{}}-{'0' * 12}"
    living, left = name.format(os.getpid()), name.format(dead.pid)
    for leftover in (left, living):
        (tmp_path / leftover).mkdir()
    with new_file(tmp_path / "another") as path:
        path.touch()
    assert {path.name for path in tmp_path.iterdir()} == {"new", "another", living}


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="names of open files, by Linux")
def test_what_gets_its_name_is_on_disk_before(tmp_path, monkeypatch):
    """Files, then their folder, then the rename, then the folder in which it was."""
    done = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def synced(descriptor):
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        done.append(f"sync {os.path.basename(path)}")
        fsync(descriptor)

    def moved(move):
        return lambda *of: (done.append(f"to {os.path.basename(of[1])}"), move(*of))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", moved(rename))
    monkeypatch.setattr(os, "replace", moved(replace))
    with new_folder(tmp_path / "entry") as folder:
        (folder / "file").write_text("whole")
    assert done == ["sync file", f"sync {folder.name}", "to entry", f"sync {tmp_path.name}"]
    done.clear()
    with new_file(tmp_path / "text") as path:
        path.write_text("whole")
    assert done == [f"sync {path.name}", "to text"]


def test_a_failure_while_writing_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="broken"), new_folder(tmp_path / "e") as folder:
        (folder / "file").write_text("half")
        raise ValueError("broken")
    assert [path.name for path in tmp_path.iterdir()] == []
