"""What disks, users and the system do to a run: it ends in one message, or goes on."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments.engine import atomic, publish
from experiments.engine.bounds import HUGE, MANY, TINY
from experiments.engine.errors import LONGEST, UserError
from experiments.engine.store import Store, checksum, sealed
from experiments.replication import committed
from experiments.training import checkpoint

ENDS = [(signal.SIGINT, 130, True), (signal.SIGTERM, 143, True), (signal.SIGTERM, 143, False)]


@pytest.mark.parametrize(("number", "status", "is_read"), ENDS)
def test_a_signal_ends_a_computation_that_does_not_listen(toy, number, status, is_read):
    deaf = (
        "import time; from toylab.signals.wave import Wave\n"
        "def compute(*_):\n"
        "    print('computing', flush=True)\n"
        "    while True:\n"
        "        try: time.sleep(60)\n"
        "        except BaseException: pass\n"
        "Wave.compute = compute\n"
    )
    process = toy.spawn("figure=fig7/smoke", before=deaf)
    assert process.stdout.readline() == "computing\n"
    if not is_read:
        process.stderr.close()
    start = time.perf_counter()
    process.send_signal(number)
    process.wait(60)
    took = time.perf_counter() - start
    # Closes what is open.
    process.stdout.close()
    err = "what was finished is in the cache"
    if is_read:
        with process.stderr:
            err = process.stderr.read()
    assert process.returncode == status and took < 5
    assert err.strip().splitlines()[-1].endswith("what was finished is in the cache")
    assert "Traceback" not in err
    assert toy.leftovers() == []
    toy.check_whole()


def test_half_written_files_are_removed_before_the_end(tmp_path):
    with pytest.raises(RuntimeError), atomic.new_file(tmp_path / "new.txt") as temporary:
        temporary.write_text("half")
        atomic.abandon()
        atomic._swap.release()
        assert not temporary.exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


DATA = {"x": np.linspace(0, 1, 50), "y": np.arange(7)}


@pytest.fixture
def entry(tmp_path):
    """A result in a cache, and its two files."""
    store = Store(tmp_path)
    store.save(DATA, sealed({"key": "key", "seconds": 1.5}, DATA))
    assert store.load("key")
    return store, tmp_path / "key" / "result.npz", tmp_path / "key" / "meta.json"


def test_an_entry_with_an_inverted_byte_is_a_miss_or_the_same(entry, capsys):
    store, arrays, _ = entry
    whole, chance, missed = arrays.read_bytes(), random.Random(0), 0
    for _ in range(300):
        place = chance.randrange(len(whole))
        arrays.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = store.load("key")
        missed += found is None
        if found:
            assert checksum(found[0]) == checksum(DATA)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == (found is None)
    assert missed > 200


GARBAGE = {
    "empty": b"",
    "text": b"not an archive",
    "an array alone": np.lib.format.magic(1, 0) + b"\x05\x00{}..\n",
    "a giant header": np.lib.format.magic(2, 0) + b"\xff\xff\xff\xff{",
    "half": None,
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_damaged_file_of_arrays_is_a_miss(entry, capsys, content):
    store, arrays, _ = entry
    arrays.write_bytes(arrays.read_bytes()[:200] if content is None else content)
    assert store.load("key") is None
    assert "is damaged" in capsys.readouterr().err


RECORDS = ["[]", "null", "{", "{}", '{"data_sha256": 3}', "\x00"]


@pytest.mark.parametrize("record", RECORDS)
def test_a_damaged_record_is_a_miss(entry, record):
    store, _, meta = entry
    meta.write_text(record)
    assert store.load("key") is None


def test_a_record_with_another_entry_is_a_miss(entry, capsys):
    store, _, meta = entry
    meta.write_text(meta.read_text().replace("1.5", "2.5"))
    assert store.load("key") is None
    assert "the checksum of its record is another" in capsys.readouterr().err


def exchange(a, b):
    spare = a.with_name("spare")
    a.rename(spare), b.rename(a), spare.rename(b)


@pytest.mark.parametrize("part", ["", "result.npz", "meta.json"])
def test_another_keys_entry_is_a_miss(entry, capsys, part):
    store, *_ = entry
    other = {name: 2 * array for name, array in DATA.items()}
    store.save(other, sealed({"key": "other", "seconds": 1.5}, other))
    exchange(store.folder / "key" / part, store.folder / "other" / part)
    assert store.load("key") is None and store.load("other") is None
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and all(" is another" in line for line in said)


def test_a_link_to_another_keys_entry_is_a_miss(entry):
    store, *_ = entry
    (store.folder / "other").symlink_to(store.folder / "key")
    assert store.load("key") and store.load("other") is None


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_damaged_checkpoint_is_none(tmp_path, capsys, content):
    with checkpoint.checkpointed(tmp_path, ["key"]):
        checkpoint.save({"done": np.array(3), "x": np.ones(50)})
        assert checkpoint.load(5)["done"] == 3
        (path,) = (tmp_path / "checkpoints").glob("*.npz")
        path.write_bytes(path.read_bytes()[:200] if content is None else content)
        assert checkpoint.load(5) == {}
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("done", "fits"),
    [(1, True), (5, True), (0, False), (-3, False), (6, False), (2.5, False), ([1, 1], False)],
)
def test_a_checkpoint_is_of_as_much_as_there_is_to_do(tmp_path, done, fits):
    with checkpoint.checkpointed(tmp_path, ["key"]):
        checkpoint.save({"done": np.array(done)})
        assert bool(checkpoint.load(5)) is fits


def test_a_cache_that_cannot_be_written_is_read(ran, monkeypatch, capfd):
    toy = ran
    closed = str(toy.results / "cache")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: str(p) != closed and allowed(p, mode))
    assert toy.run("figure=fig7/smoke") == 0
    assert "0 computed" in capfd.readouterr().out
    # What is missing could not be kept, and is not computed.
    assert toy.run("figure=fig7/smoke", "panels.wave.n_points=17") == 2
    assert "results cannot be written" in capfd.readouterr().err


@pytest.mark.parametrize("place", ["README.md", "/dev/null", "README.md/deeper"])
def test_where_results_cannot_go_is_said_before_anything_is_computed(toy, capfd, place):
    (toy.root / "README.md").write_text("a file")
    assert toy.run("figure=fig7/smoke", f"results_dir={place}") == 2
    error = capfd.readouterr().err
    assert "results cannot be written" in error and "computed in" not in error


def test_a_disk_that_fills_while_a_figure_is_written_leaves_nothing_half(toy, capfd):
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        assert toy.run("figure=fig7/smoke") == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    error = capfd.readouterr().err
    assert error.count("error: the system refused a file") == 1 and "disk with room" in error
    assert "computed in" in error and "Traceback" not in error
    assert toy.leftovers() == [] and not list(toy.results.glob("smoke/fig7"))
    # What was computed is kept.
    assert toy.run("figure=fig7/smoke") == 0
    assert "0 computed" in capfd.readouterr().out
    toy.check_whole()


def test_a_callback_that_hydra_blocks_ends_in_words_and_leaves_no_folder(toy):
    given = ["-m", "figure=fig7/smoke", "panels.wave.n_points=5,6"]
    # In a process of its own: Hydra closes the logging handlers of the one that it runs in.
    sweep = toy.spawn(*given, "+hydra.callbacks.mine._target_=os.system")
    _, error = sweep.communicate()
    assert sweep.returncode == 2
    assert "Hydra refused a setting" in error and "os.system" in error and "callbacks.mine" in error
    assert "Traceback" not in error and len(error.splitlines()) <= 12
    assert not toy.results.exists()


def test_numbers_that_a_figure_cannot_be_drawn_from_end_in_words(toy, capfd, monkeypatch):
    monkeypatch.setattr(publish, "draw", lambda *_: {}["t"])
    assert toy.run("figure=fig7/smoke") == 2
    error = capfd.readouterr().err
    assert "cannot be drawn from these experiments" in error
    assert toy.leftovers() == []


def test_memory_that_does_not_suffice_ends_in_words(toy, capfd, monkeypatch):
    def compute(*_):
        raise MemoryError("Unable to allocate 931. GiB")

    monkeypatch.setattr(Wave, "compute", compute)
    assert toy.run("figure=fig7/smoke") == 2
    assert "the memory does not suffice" in capfd.readouterr().err


def test_a_lock_held_elsewhere_is_waited_for_in_words(tmp_path, capfd):
    import threading

    with atomic.locked(tmp_path):
        waiting = threading.Thread(target=lambda: atomic.locked(tmp_path).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()
    assert "waiting for another process" in capfd.readouterr().err


def test_a_reader_who_has_seen_enough_is_no_fault_of_the_file_system():
    shown = "import sys; from experiments.engine.errors import guarded\n"
    shown += "sys.exit(guarded(lambda _: [print('x' * 99) for _ in range(9999)] and 0, []))"
    command = [sys.executable, "-c", shown]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


def test_limits_leave_room_for_what_is_used():
    assert TINY < 1e-9 < 1e9 < HUGE and MANY > 10_000_000
    assert json.dumps(str(UserError("w", "x" * 3_000_000))).count("x") == LONGEST


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"figures": {"fig7": {"smoke": {"work": 0}}}}']
)
def test_times_that_cannot_be_read_stop_nothing(toy, capfd, content):
    (toy.root / "docs").mkdir()
    (toy.root / "docs" / "times.json").write_text(content)
    assert toy.run("figure=fig7/smoke") == 0
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "computed in" not in line]
    assert "times.json is damaged" in line and "no time is told" in line


def test_a_link_to_nowhere_is_replaced_in_the_cache_and_else_said_first(ran, capfd):
    (key,) = ran.keys()
    shutil.rmtree(ran.results / "cache" / key)
    (ran.results / "cache" / key).symlink_to("nowhere")
    assert ran.run("figure=fig7/smoke") == 0
    assert "1 computed" in capfd.readouterr().out
    ran.check_whole()
    assert ran.leftovers() == []
    (ran.root / "link").symlink_to("nowhere/at/all")
    (ran.results / "smoke" / "fig7-named").symlink_to("nowhere")
    for given in ("results_dir=link", "name=named"):
        assert ran.run("figure=fig7/smoke", given, "compute=always") == 2
        error = capfd.readouterr().err
        assert "results cannot be written" in error and "computed in" not in error


def test_committed_numbers_that_cannot_be_read_are_named(toy):
    path = toy.root / "figures" / "reference" / "fig7.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    with pytest.raises(UserError, match=r"numbers of fig7 cannot be read(.|\n)*reference/fig7.npz"):
        committed.quantities(toy.project)


def test_a_file_of_the_users_in_a_figures_folder_stays(ran):
    toy = ran
    folder = toy.results / "smoke" / "fig7"
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("mine")
    (folder / "link").symlink_to("nowhere")
    (folder / "fig7_old.png").write_text("not this version's")
    assert toy.run("figure=fig7/smoke") == 0
    assert (folder / "notes" / "mine.txt").read_text() == "mine"
    assert (folder / "link").is_symlink()
    assert not (folder / "fig7_old.png").exists()
    toy.check_whole()
