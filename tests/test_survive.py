"""What counts as survived: each kind of failure is one, and a real figure has none."""

import random
import re
import signal
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.engine.store import Store, sealed
from scripts.survive import __main__ as survive
from scripts.survive import counting, ends
from scripts.survive.counting import start
from scripts.survive.damage import exchanged, flipped, one_bit, one_bit_of_an_array, reader

# Does something on Ctrl-C, and otherwise ends after 0.6 s, having done all.
RUN = """
import signal, sys, time
def say(text): print(text, file=sys.stderr, flush=True)
def handle(*_):
    {}
signal.signal(signal.SIGINT, handle)
print("picture", flush=True)
open(sys.argv[1], "w").close()
for _ in range(12): time.sleep(0.05)
"""
HANDLERS = {
    "as it should": ("say('interrupted'); sys.exit(130)", ""),
    "ignored": ("pass", "status 0 "),
    "another status": ("say('interrupted'); sys.exit(2)", "status 2 "),
    "in silence": ("sys.exit(130)", "0 lines"),
    "with a traceback": ("say('Traceback'); say('at line 1'); sys.exit(130)", "2 lines"),
    "late": ("time.sleep(0.4); say('interrupted'); sys.exit(130)", "1 lines"),
    "never": ("time.sleep(60)", "was ignored"),
    "half a file left": ("open(sys.argv[2], 'w'); say('a'); sys.exit(130)", "left"),
}


@pytest.mark.parametrize(("handler", "fault"), HANDLERS.values(), ids=HANDLERS)
def test_only_a_prompt_end_in_one_line_is_survived(tmp_path, monkeypatch, handler, fault):
    monkeypatch.setattr(ends, "PROMPT_S", 0.3)
    monkeypatch.setattr(ends, "LIMIT_S", 1.5)
    names = tmp_path / "started", tmp_path / ".tmp-1"
    process = start([sys.executable, "-c", RUN.format(handler), *map(str, names)])
    while not names[0].exists():
        time.sleep(0.01)
    took, found = ends.ended(process, signal.SIGINT, 0.0, tmp_path)
    assert took is not None
    assert fault in found and bool(fault) == bool(found)


def test_a_signal_after_the_end_is_not_counted(tmp_path):
    ended = start([sys.executable, "-c", "print('done')"])
    ended.wait()
    assert ends.ended(ended, signal.SIGINT, 0.0, tmp_path) == (None, "")
    said = "print('fig1: 1 computed, 0 from the cache', flush=True)"
    done = start([sys.executable, "-c", f"import time; {said}; time.sleep(1)"])
    assert ends.ended(done, signal.SIGINT, 0.5, tmp_path) == (None, "")


def test_an_undisturbed_run_that_never_ends_is_killed(monkeypatch, tmp_path):
    never = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(counting, "LIMIT_S", 0.3)
    monkeypatch.setattr(counting.Figure, "command", lambda *_: never)
    with pytest.raises(RuntimeError, match="still ran after 0.3 s"):
        counting.Figure("fig1/smoke").finish(tmp_path)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    for key in ("a", "b"):
        data = {"x": np.arange(3.0), "key": np.array(key)}
        store.save(data, sealed({"key": key}, data))
    return store


def test_other_numbers_of_a_damaged_file_are_counted(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(b"12345678")
    trusting = {path: path.read_bytes}
    assert len(flipped("x", trusting, one_bit, 20, random.Random(0)).faults) == 20
    assert len(flipped("x", {path: lambda: None}, one_bit, 1, random.Random(0)).faults) == 1
    assert path.read_bytes() == b"12345678"


UNSEEN = [("result.npz", one_bit_of_an_array, 30), ("meta.json", one_bit, 15)]
"""What is flipped, and how many of 40 flips nothing but a seal can see, at the least."""


@pytest.mark.parametrize(("name", "flip", "least"), UNSEEN)
def test_without_a_seal_a_flipped_bit_is_not_seen(store, monkeypatch, name, flip, least):
    data = {"x": np.random.default_rng(0).normal(size=500)}
    store.save(data, sealed({"key": "a", "digest": 99 * "0123456789"}, data))
    files = {store.folder / "a" / name: reader(store, "a")}
    assert flipped("x", files, flip, 40, random.Random(0)).faults == ()
    monkeypatch.setattr("experiments.engine.store.check_seal", lambda *_, **__: None)
    assert len(flipped("x", files, flip, 40, random.Random(0)).faults) > least


def test_to_have_tried_nothing_is_a_failure(store, monkeypatch, tmp_path):
    ends_at_once = [sys.executable, "-c", ""]
    monkeypatch.setattr(counting.Figure, "command", lambda *_: ends_at_once)
    late = SimpleNamespace(uniform=lambda *_: 100.0)
    *tried, again = ends.signals(counting.Figure("fig1/smoke"), tmp_path, 1, late)
    assert [(one.tried, one.faults) for one in tried] == [(0, ("nothing was tried",))] * 3
    assert "SIGTERM: 0 tried, 0 survived; 3 more came after the end" in str(tried[1])
    assert again.faults == ()
    assert exchanged(store, [store.folder / "a"]).faults == ("nothing was tried",)


def test_another_keys_entry_is_counted(store, monkeypatch):
    entries = [store.folder / "a", store.folder / "b"]
    tried = exchanged(store, entries)
    assert (tried.tried, tried.faults) == (3, ())
    monkeypatch.setattr("experiments.engine.store.check_seal", lambda *_, **__: None)
    assert len(exchanged(store, entries).faults) == 3


def test_a_figure_survives_signals(capfd):
    assert survive.main(["signals", "--figure", "fig1", "--rounds", "1"]) == 0
    out = capfd.readouterr().out
    assert len(re.findall(r"SIG\w+: 1 tried, 1 survived; ", out)) == 3
    assert "computed anew after three that were ended: 1 tried, 1 survived" in out
