"""One bit of a file is another: what is then read must be nothing, or the same."""

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path

from experiments.engine.store import Store, checksum

Read = Callable[[], object]
"""Returns what a file holds, to be compared; None where it is damaged."""
Flip = Callable[[bytes, random.Random], bytes]


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


def reader(store: Store, key: str) -> Read:
    """What reads a result: a checksum of its arrays, and its record."""

    def read() -> object:
        found = store.load(key)
        return found and (checksum(found[0]), found[1])

    return read


def unseen(files: Mapping[Path, Read], flip: Flip, tries: int, chance: random.Random) -> int:
    """Flip bits one at a time, and count how often something else is read."""
    expected = {path: read() for path, read in files.items()}
    assert None not in expected.values(), "nothing to damage"
    n_unseen = 0
    for _ in range(tries):
        path = chance.choice(list(files))
        content = path.read_bytes()
        path.write_bytes(flip(content, chance))
        n_unseen += files[path]() not in (None, expected[path])
        path.write_bytes(content)
    return n_unseen


def taken_for_another(store: Store) -> list[str]:
    """Exchange results of two keys; return which were read all the same.

    Another key's numbers are no result.
    """
    entries = sorted(store.folder.glob("*.npz"))
    assert len(entries) > 1, "nothing to exchange"
    taken = []
    for a, b in combinations(entries, 2):
        _swap(a, b)
        taken += [x.stem for x in (a, b) if store.load(x.stem)]
        _swap(a, b)
    return taken


def _swap(a: Path, b: Path) -> None:
    spare = a.with_name("spare")
    a.rename(spare)
    b.rename(a)
    spare.rename(b)
