"""The cache: one folder for each experiment and seed, found by a key of all that matters."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from omegaconf import OmegaConf

from experiments.engine.atomic import locked, new_folder
from experiments.engine.base import Data, Experiment
from experiments.engine.schema import Runtime
from experiments.engine.settings import counting

SEAL = "record_sha256"
T = TypeVar("T")


def cache_key(experiment: Experiment, seed: int | None, source: str, runtime: Runtime) -> str:
    """Return the key of a result: a hash of all that can change its numbers.

    Args:
        experiment: The validated config; its list of seeds does not count, `seed` does.
        seed: The seed computed, or None without randomness.
        source: Hash of the sources and packages that the computation depends on.
        runtime: Platform and precision.

    Raises:
        UserError: If a setting of the environment cannot be told.
    """
    # Numbers take their declared type, so that 2 and 2.0 are one; dataclasses of equal fields are
    # told apart by their names.
    typed: Any = OmegaConf.to_container(OmegaConf.structured(experiment), enum_to_str=True)
    ignored = {"seeds", *experiment.NOT_IN_KEY}
    nodes = [node for node in (experiment, *vars(experiment).values()) if is_dataclass(node)]
    parts = {
        "config": {name: value for name, value in typed.items() if name not in ignored},
        "types": [f"{type(node).__module__}.{type(node).__qualname__}" for node in nodes],
        "seed": seed,
        "source": source,
        "inputs": experiment.input_digest(),
        "x64": runtime.x64,
        "platform": runtime.platform.name,
        "settings": counting(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


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


def whole(place: Path, read: Callable[[], T], otherwise: str) -> T | None:
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


@dataclass(frozen=True)
class Store:
    """Results on disk: below the folder of the cache, one folder per key."""

    folder: Path

    def __contains__(self, key: str) -> bool:
        """Return whether there is a result, whole or damaged."""
        return (self.folder / key).exists()

    def load(self, key: str) -> tuple[Data, dict[str, Any]] | None:
        """Load the arrays and the record of a result; None if it is missing or damaged."""
        if key not in self:
            return None
        entry = self.folder / key

        def read() -> tuple[Data, dict[str, Any]]:
            # Shared lock: no writer may swap the folder between reading its two files.
            with locked(self.folder, shared=True):
                record = json.loads((entry / "meta.json").read_text())
                data = read_arrays(entry / "result.npz")
            check_seal(record, data, key=key)
            return data, record

        return whole(entry, read, "computed again")

    def save(self, data: Data, record: dict[str, Any]) -> None:
        """Store arrays with a `sealed` record, which has their `cache_key` as "key"."""
        with new_folder(self.folder / record["key"]) as folder:
            np.savez_compressed(folder / "result.npz", allow_pickle=False, **data)
            (folder / "meta.json").write_text(json.dumps(record, indent=2) + "\n")
