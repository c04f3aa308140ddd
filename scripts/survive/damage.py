"""What is kept is damaged: a damaged result is computed again, or holds the same numbers."""

import contextlib
import os
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from experiments.engine import checkpoint
from experiments.engine.base import Data
from experiments.engine.store import Store, checksum
from scripts.survive.counting import Figure, Tried, faults, numbers

Read = Callable[[], Data | None]
N_CHECKPOINT = 7
BYTES = 800
"""Inverted in each round, one at a time, of every kind of file."""


def damage(figure: Figure, folder: Path, rounds: int, chance: random.Random) -> Iterator[Tried]:
    """Invert bytes of results and of a checkpoint one at a time, and exchange entries of keys."""
    tries = rounds * BYTES
    figure.finish(folder)
    store = Store(folder / "cache")
    entries = sorted(path.parent for path in store.folder.glob("*/result.npz"))
    for kind, name in (("arrays", "result.npz"), ("record", "meta.json")):
        files = {entry / name: _reader(store, entry.name) for entry in entries}
        yield inverted(f"one byte of a result's {kind} inverted", files, tries, chance)
    with checkpoint.checkpointed(folder / "own", ["key"]):
        arrays = {"state/0": np.random.default_rng(0).normal(size=500), "metrics/x": np.ones(7)}
        checkpoint.save({"done": np.array(N_CHECKPOINT), **arrays})
        (path,) = (folder / "own").rglob("*.npz")
        files = {path: lambda: checkpoint.load(2 * N_CHECKPOINT) or None}
        yield inverted("one byte of a checkpoint inverted", files, tries, chance)
    yield exchanged(store, entries)
    yield compiled(figure, folder, chance)


def inverted(what: str, files: Mapping[Path, Read], tries: int, chance: random.Random) -> Tried:
    """Invert bytes one at a time: what is then read is nothing, or the same numbers."""
    expected = {path: _checksum(read) for path, read in files.items()}
    missed, wrong = 0, []
    for _ in range(tries):
        path = chance.choice(list(files))
        content, place = path.read_bytes(), chance.randrange(path.stat().st_size)
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        found = _checksum(files[path])
        path.write_bytes(content)
        missed += found is None
        if found not in (None, expected[path]):
            wrong.append(f"{path}, byte {place}: other numbers")
    wrong += [f"{path}: nothing to damage" for path in files if expected[path] is None]
    return Tried(what, tries, faults(wrong), f"{missed} computed again")


def exchanged(store: Store, entries: list[Path]) -> Tried:
    """Exchange whole entries, and single files of theirs: another key's numbers are no result."""
    tried, wrong = 0, []
    for a in entries:
        for b in entries:
            for part in ("", "result.npz", "meta.json") if a < b else ():
                tried += 1
                with _swapped(a / part, b / part):
                    if _checksum(_reader(store, a.name)) or _checksum(_reader(store, b.name)):
                        wrong.append(f"{part or 'entry'} of {a.name} taken for that of {b.name}")
    return Tried("entries of two keys exchanged", tried, faults(wrong))


def compiled(figure: Figure, folder: Path, chance: random.Random) -> Tried:
    """Invert a byte of each piece of compiled code, and compute anew."""
    expected = numbers(folder)
    pieces = list((folder / "cache" / "xla").glob("*/*-cache"))
    for path in pieces:
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 0xFF
        path.write_bytes(content)
    figure.finish(folder, "compute=always")
    wrong = "other numbers" if numbers(folder) != expected else ""
    wrong = wrong if pieces else "there was no compiled code"
    return Tried("one byte of each piece of compiled code inverted", len(pieces), faults([wrong]))


@contextlib.contextmanager
def _swapped(a: Path, b: Path) -> Iterator[None]:
    _swap(a, b)
    yield
    _swap(a, b)


def _swap(a: Path, b: Path) -> None:
    spare = a.with_name("spare")
    a.rename(spare)
    b.rename(a)
    spare.rename(b)


def _reader(store: Store, key: str) -> Read:
    return lambda: (store.load(key) or (None,))[0]


def _checksum(read: Read) -> str | None:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        data = read()
    return None if data is None else checksum(data)
