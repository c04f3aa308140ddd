"""The cache: one folder for each experiment and seed, found by a key of all that matters."""

import dataclasses
import hashlib
import json
import sys
import typing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from experiments.engine.atomic import locked, new_folder
from experiments.engine.base import Data, Experiment
from experiments.engine.provenance import package_version
from experiments.engine.runtime import FLAGS
from experiments.engine.schema import Runtime

# Another version of these may give other numbers, some of them wrong ones: see `snn.known_faults`.
NUMERIC_PACKAGES = ("jax", "jaxlib", "numpy")


def canonical(node: Any, hint: Any = None) -> Any:
    """A config as plain values with its types: equal where, and only where, it means the same.

    Numbers take their declared type first, so that 2 and 2.0 are one; each dataclass carries
    its name, so that two of equal fields are not.

    Args:
        node: A config dataclass, or a value within one.
        hint: The declared type of that value.
    """
    if dataclasses.is_dataclass(node):
        hints = typing.get_type_hints(type(node))
        fields = {
            item.name: canonical(getattr(node, item.name), hints[item.name])
            for item in dataclasses.fields(node)
        }
        return {"type": f"{type(node).__module__}.{type(node).__qualname__}", **fields}
    if isinstance(node, Enum):
        return node.name
    arguments = typing.get_args(hint)
    if isinstance(node, dict):
        inner = arguments[1] if len(arguments) == 2 else None
        return {str(key): canonical(value, inner) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [canonical(value, arguments[0] if arguments else None) for value in node]
    if isinstance(node, int) and not isinstance(node, bool) and float in (hint, *arguments):
        return float(node)
    return node


def cache_key(experiment: Experiment, seed: int | None, source: str, runtime: Runtime) -> str:
    """The name of a result: a hash of all that can change its numbers.

    Args:
        experiment: The validated config; its list of seeds does not count, `seed` does.
        seed: The seed computed, or None without randomness.
        source: Hash of the sources that the computation depends on.
        runtime: Platform and precision.
    """
    config = canonical(experiment)
    for name in ("seeds", *experiment.NOT_IN_KEY):
        config.pop(name, None)
    parts = {
        "config": config,
        "seed": seed,
        "source": source,
        "inputs": experiment.input_digest(),
        "x64": runtime.x64,
        "flags": FLAGS,
        "platform": runtime.platform.name,
        "versions": {name: package_version(name) for name in NUMERIC_PACKAGES},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def checksum(data: Data) -> str:
    """A hash of arrays with their names, types and shapes."""
    digest = hashlib.sha256()
    for name in sorted(data):
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def read_arrays(path: Path) -> Data:
    """The arrays of an .npz; of a damaged one nothing stays open."""
    # NumPy would leave a damaged file open that it had opened itself.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@dataclass(frozen=True)
class Store:
    """Results on disk.

    Attributes:
        folder: The cache folder, with one folder in it per key.
    """

    folder: Path

    def load(self, key: str) -> tuple[Data, dict[str, Any]] | None:
        """The arrays and the record of a result, or None where there is no whole one."""
        entry = self.folder / key
        if not entry.exists():
            return None
        try:
            # Shared lock: no writer may swap the folder between reading its two files.
            with locked(self.folder, shared=True):
                record = json.loads((entry / "meta.json").read_text())
                data = read_arrays(entry / "result.npz")
            if record["data_sha256"] == checksum(data):
                return data, record
            fault = "its checksum is another"
        # A damaged file can make its reader raise nearly anything.
        except Exception as error:
            fault = type(error).__name__
        print(f"{entry} is damaged ({fault}): computed again", file=sys.stderr)  # noqa: T201
        return None

    def save(self, key: str, data: Data, record: dict[str, Any]) -> None:
        """Stores a result, in place of what is there: the newest computation is kept.

        Args:
            key: The result's `cache_key`.
            data: Its arrays.
            record: How it came to be, with their checksum as "data_sha256".
        """
        with new_folder(self.folder / key) as folder:
            np.savez_compressed(folder / "result.npz", allow_pickle=False, **data)
            (folder / "meta.json").write_text(json.dumps(record, indent=2) + "\n")
