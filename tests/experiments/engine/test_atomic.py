"""Runs that are killed or race: no half result is ever taken for a whole one."""

import os
import shutil
import signal
import socket
import subprocess

import pytest

from experiments.engine.atomic import PREFIX, clean, new_file, new_folder

# Kills the process at the n-th call of a function, before it acts or after.
KILL = """
import os, signal, numpy, importlib
module, name = importlib.import_module({module!r}), {name!r}
original, calls = getattr(module, name), [0]
def deadly(*arguments, **named):
    calls[0] += 1
    if calls[0] == {nth} and not {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*arguments, **named)
    if calls[0] == {nth}:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, name, deadly)
"""

# In order: the cache entry is written, flushed, renamed; then the same for the figure's folder.
MOMENTS = [
    # The toy's computation sleeps: this is in the midst of it.
    ("time", "sleep", 1, False),
    ("numpy", "savez_compressed", 1, False),
    ("numpy", "savez_compressed", 1, True),
    ("os", "fsync", 2, True),
    ("os", "rename", 1, False),
    ("os", "rename", 1, True),
    ("numpy", "savez_compressed", 2, True),
    ("os", "rename", 2, False),
    # The folder of an earlier run has been moved away, and the new one is not there yet.
    ("os", "rename", 2, True),
    ("os", "rename", 3, True),
]


@pytest.mark.parametrize(("module", "name", "nth", "after"), MOMENTS)
def test_killed_at_any_moment(ran, module, name, nth, after):
    toy = ran
    shutil.rmtree(toy.results / "cache")
    deadly = KILL.format(module=module, name=name, nth=nth, after=after)
    process = toy.spawn("figure=fig7/smoke", before=deadly)
    process.communicate(timeout=600)
    assert process.returncode == -signal.SIGKILL
    toy.check_whole()
    assert toy.run("figure=fig7/smoke") == 0
    assert (toy.results / "smoke" / "fig7" / "meta.json").is_file()
    # Computing once more also clears up what the dead process left.
    assert toy.run("figure=fig7/smoke", "compute=always") == 0
    assert toy.leftovers() == []
    toy.check_whole()


def test_two_runs_at_once(toy):
    arguments = ("figure=fig8/smoke", "panels.wave.pause=0.3", "compute=always")
    processes = [toy.spawn(*arguments) for _ in range(2)]
    for process in processes:
        _, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    assert len(toy.keys()) == 2
    assert toy.leftovers() == []
    toy.check_whole()


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
    for leftover in (left + ".npz", living):
        (tmp_path / leftover).touch()
    (tmp_path / left).mkdir()
    clean(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"new", living}


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
