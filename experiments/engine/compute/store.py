"""The cache: one file for each experiment and seed, found by a key of all that matters."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.engine.compute.atomic import new_file
from experiments.engine.declare.experiment import Data

SEAL = "record_sha256"
RECORD = "record.json"
"""Among the arrays of a file: what is recorded of them, with the file's key and checksums."""
T = TypeVar("T")


def checksum(data: Data) -> str:
    """Return a hash of arrays with their names, types and shapes."""
    digest = hashlib.sha256()
    for name in sorted(data):
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


class Damaged(Exception):
    """A stored result is damaged, or is not the one asked for; the message says which."""


def sealed(record: Mapping[str, Any], data: Data) -> dict[str, Any]:
    """Return a record with checksums of its arrays and of itself, its key included."""
    record = {**record, "data_sha256": checksum(data)}
    return record | {SEAL: _digest(record)}


def check_seal(record: Mapping[str, Any], data: Data | None, **expected: str) -> None:
    """Compare what `sealed` returned, and its arrays unless None, with its checksums.

    Raises:
        Damaged: If they differ, or if an entry, such as its key, is not as `expected`.
    """
    if SEAL not in record:
        raise Damaged("it is of an older version, or no record")
    if record[SEAL] != _digest({name: record[name] for name in record if name != SEAL}):
        raise Damaged("the checksum of its record is another")
    if data is not None and record["data_sha256"] != checksum(data):
        raise Damaged("the checksum of its arrays is another")
    for name, value in expected.items():
        if record[name] != value:
            raise Damaged(f"its {name} is another, {record[name]}")


def read_or_tell(place: Path, read: Callable[[], T], otherwise: str) -> T | None:
    """Return what is read; None where it is damaged, which one line tells.

    The line ends in what happens `otherwise`, as "computed again".
    """
    try:
        return read()
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        fault = str(error) if isinstance(error, Damaged) else type(error).__name__
    print(f"{place} is damaged ({fault}): {otherwise}", file=sys.stderr)  # noqa: T201
    return None


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def read_arrays(path: Path) -> Data:
    """Read the arrays of an .npz; leave no damaged file open."""
    # NumPy would leave a damaged file open that it had opened itself.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_sealed(path: Path, data: Data, record: Mapping[str, Any]) -> None:
    """Write arrays and their `sealed` record, the key of which is the file's name."""
    with new_file(path) as temporary:
        recorded = np.array(json.dumps(record).encode())
        np.savez(temporary, allow_pickle=False, **data, **{RECORD: recorded})


def read_sealed(path: Path) -> tuple[Data, dict[str, Any]]:
    """Read what `write_sealed` wrote.

    Raises:
        Damaged: If it is not as it was written there; what is no such file raises nearly anything.
    """
    data = read_arrays(path)
    record = json.loads(data.pop(RECORD).item())
    check_seal(record, data, key=path.stem)
    return data, record


@dataclass(frozen=True)
class Store:
    """Results on disk: in the folder of the cache, one file per key."""

    folder: Path

    def path(self, key: str) -> Path:
        """Return the file of a result."""
        return self.folder / f"{key}.npz"

    def __contains__(self, key: str) -> bool:
        """Return whether there is a result, whole or damaged."""
        return self.path(key).exists()

    def load(self, key: str) -> tuple[Data, dict[str, Any]] | None:
        """Load the arrays and the record of a result; None if it is missing or damaged."""
        path = self.path(key)
        if key not in self:
            return None
        return read_or_tell(path, lambda: read_sealed(path), "computed again")

    def save(self, data: Data, record: dict[str, Any]) -> None:
        """Store arrays with a `sealed` record, which has their key as "key"."""
        write_sealed(self.path(record["key"]), data, record)
