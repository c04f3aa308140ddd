"""The cache: an .npz for each experiment and seed, named by the key of the result.

The file contains arrays and a record, which repeats the key. An .npz is a zip archive, and the
archive's own checksums find damage.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.engine.compute.atomic import new_file
from experiments.engine.declare.experiment import Data

RECORD = "record.json"
"""Name of the record among a file's arrays."""
T = TypeVar("T")


class CorruptResult(Exception):
    """A stored result is damaged or has the wrong key; see the message."""


def checksum(data: Data) -> str:
    """Return a hash of arrays with their names, types and shapes."""
    digest = hashlib.sha256()
    for name in sorted(data):
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def read_or_warn(path: Path, read: Callable[[], T], consequence: str) -> T | None:
    """Call a function that reads a file; if the file is damaged, warn and return None.

    Args:
        path: The file, for the warning.
        read: The function.
        consequence: What happens without the file, as "computed again".

    Returns:
        The function's result; None if the file is damaged.
    """
    try:
        return read()
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        fault = str(error) if isinstance(error, CorruptResult) else type(error).__name__
    logging.getLogger(__name__).warning("%s is damaged (%s): %s", path, fault, consequence)
    return None


def read_arrays(path: Path) -> Data:
    """Read the arrays of an .npz. A damaged file may raise any exception.

    Args:
        path: The file.

    Returns:
        The arrays by name.
    """
    # Opened here, as NumPy does not close a damaged file.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_result(path: Path, data: Data, record: Mapping[str, Any]) -> None:
    """Write an .npz with arrays and their record.

    Args:
        path: The file, named by the key.
        data: Arrays by name.
        record: Entries that JSON can represent, among them "key".
    """
    with new_file(path) as temporary:
        text = np.array(json.dumps(record).encode())
        np.savez(temporary, allow_pickle=False, **data, **{RECORD: text})


def read_result(path: Path) -> tuple[Data, dict[str, Any]]:
    """Read what `write_result` wrote.

    Returns:
        Arrays by name, and their record.

    Raises:
        CorruptResult: If the key in the record differs from the file's name. A damaged file may
            raise any exception.
    """
    data = read_arrays(path)
    record = json.loads(data.pop(RECORD).item())
    if record["key"] != path.stem:
        raise CorruptResult(f"its key is {record['key']}")
    return data, record


@dataclass(frozen=True)
class Store:
    """Results on disk: a folder with one file per key."""

    folder: Path

    def path(self, key: str) -> Path:
        """Return the file of a result."""
        return self.folder / f"{key}.npz"

    def load(self, key: str) -> tuple[Data, dict[str, Any]] | None:
        """Load the arrays and the record of a result; None if it is missing or damaged.

        Args:
            key: Key of the result.

        Returns:
            The arrays by name and the record; None if the result is missing or damaged.
        """
        path = self.path(key)
        if not path.exists():
            return None
        return read_or_warn(path, lambda: read_result(path), "computed again")

    def save(self, data: Data, record: dict[str, Any]) -> None:
        """Store arrays and their record, under the record's "key"."""
        write_result(self.path(record["key"]), data, record)
