"""What is kept is damaged: a damaged result is computed again, or holds the same numbers."""

import contextlib
import io
import os
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from experiments.engine import checkpoint
from experiments.engine.store import Store, checksum
from scripts.survive.counting import Figure, Tried, faults, numbers

Read = Callable[[], object]
"""Returns what a file holds, to be compared; None where it is damaged."""
Flip = Callable[[bytes, random.Random], bytes]
N_CHECKPOINT = 7
BITS = 400
"""Flipped in each round, one at a time, of every kind of file."""


def damage(figure: Figure, folder: Path, rounds: int, chance: random.Random) -> Iterator[Tried]:
    """Flip bits of results and of a checkpoint one at a time, and exchange entries of keys."""
    tries = rounds * BITS
    figure.finish(folder)
    store = Store(folder / "cache")
    entries = sorted(path.parent for path in store.folder.glob("*/result.npz"))
    for what, name, flip in (
        ("archive", "result.npz", one_bit),
        ("arrays", "result.npz", one_bit_of_an_array),
        ("record", "meta.json", one_bit),
    ):
        files = {entry / name: reader(store, entry.name) for entry in entries}
        yield flipped(f"one bit of a result's {what} flipped", files, flip, tries, chance)
    with checkpoint.checkpointed(folder / "own", ["key"]):
        arrays = {"state/0": np.random.default_rng(0).normal(size=500), "metrics/x": np.ones(7)}
        checkpoint.save({"done": np.array(N_CHECKPOINT), **arrays})
        (path,) = (folder / "own").rglob("*.npz")
        files = {path: _saved}
        for what, flip in (("archive", one_bit), ("arrays", one_bit_of_an_array)):
            yield flipped(f"one bit of a checkpoint's {what} flipped", files, flip, tries, chance)
    yield exchanged(store, entries)
    yield compiled(figure, folder, chance)


def one_bit(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit of a file."""
    place = chance.randrange(len(content))
    other = content[place] ^ 1 << chance.randrange(8)
    return content[:place] + bytes([other]) + content[place + 1 :]


def one_bit_of_an_array(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit inside an .npz, whose own checksums are those of the flipped array.

    Otherwise the archive's checksums would notice before ours.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(members))
    members[name] = one_bit(members[name], chance)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return written.getvalue()


def flipped(
    what: str, files: Mapping[Path, Read], flip: Flip, tries: int, chance: random.Random
) -> Tried:
    """Flip bits one at a time: what is then read is nothing, or the same."""
    expected = {path: _quietly(read) for path, read in files.items()}
    missed, wrong = 0, []
    for _ in range(tries):
        path = chance.choice(list(files))
        content = path.read_bytes()
        path.write_bytes(flip(content, chance))
        found = _quietly(files[path])
        path.write_bytes(content)
        missed += found is None
        if found not in (None, expected[path]):
            wrong.append(f"{path}: other numbers, or another record")
    wrong += [f"{path}: nothing to damage" for path in files if expected[path] is None]
    return Tried(what, tries, faults(wrong), f"{missed} computed again")


def reader(store: Store, key: str) -> Read:
    """Return what reads a result: a checksum of its arrays, and its record."""

    def read() -> object:
        found = store.load(key)
        return found and (checksum(found[0]), found[1])

    return read


def exchanged(store: Store, entries: list[Path]) -> Tried:
    """Exchange whole entries, and single files of theirs: another key's numbers are no result."""
    tried, wrong = 0, []
    for a in entries:
        for b in entries:
            for part in ("", "result.npz", "meta.json") if a < b else ():
                tried += 1
                with _swapped(a / part, b / part):
                    if any(_quietly(reader(store, entry.name)) for entry in (a, b)):
                        wrong.append(f"{part or 'entry'} of {a.name} taken for that of {b.name}")
    return Tried("entries of two keys exchanged", tried, faults(wrong, tried))


def compiled(figure: Figure, folder: Path, chance: random.Random) -> Tried:
    """Flip a bit of each piece of compiled code, and compute anew."""
    expected = numbers(folder)
    pieces = list((folder / "cache" / "xla").glob("*/*-cache"))
    for path in pieces:
        path.write_bytes(one_bit(path.read_bytes(), chance))
    figure.finish(folder, "compute=always")
    wrong = "other numbers" if numbers(folder) != expected else ""
    wrong = wrong if pieces else "there was no compiled code"
    return Tried("one bit of each piece of compiled code flipped", len(pieces), faults([wrong]))


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


def _saved() -> str | None:
    arrays = checkpoint.load(2 * N_CHECKPOINT)
    return checksum(arrays) if arrays else None


def _quietly(read: Read) -> object:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        return read()
