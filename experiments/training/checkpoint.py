"""The checkpoint of a long computation: beside the cache, until its result is stored."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np

from experiments.engine.atomic import clean, new_file
from experiments.engine.store import read_arrays

_path: ContextVar[Path | None] = ContextVar("checkpoint", default=None)


@contextmanager
def checkpointed(cache: Path | None, keys: Sequence[str]) -> Iterator[None]:
    """Give the computation inside a checkpoint, and remove that when it has ended well.

    Args:
        cache: The folder of the cache; None for no checkpoint.
        keys: Keys of the results that are being computed together.
    """
    path = None
    if cache is not None:
        name = hashlib.sha256("".join(keys).encode()).hexdigest()
        path = cache / "checkpoints" / f"{name}.npz"
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)
    if path is not None:
        for file in (path, *path.parent.glob(f"{path.stem}-*{path.suffix}")):
            file.unlink(missing_ok=True)
        clean(path.parent)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Give one training of several within a computation a checkpoint of its own.

    It stays until the whole computation has ended well: a kill costs no part that was complete.

    Args:
        name: Tells the parts of a computation apart.
    """
    path = _path.get()
    token = _path.set(path and path.with_name(f"{path.stem}-{name}{path.suffix}"))
    try:
        yield
    finally:
        _path.reset(token)


def save(arrays: Mapping[str, np.ndarray]) -> None:
    """Write the checkpoint of the computation that runs now; nothing where it keeps none.

    Args:
        arrays: What to go on from, with how much of it is ``done``.
    """
    if path := _path.get():
        with new_file(path) as temporary:
            np.savez(temporary, allow_pickle=False, **arrays)


def load() -> dict[str, np.ndarray]:
    """Return the last checkpoint; empty where there is none, or a damaged one."""
    path = _path.get()
    if path is None or not path.is_file():
        return {}
    try:
        arrays = read_arrays(path)
        if "done" not in arrays:
            raise KeyError("done")
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        fault = type(error).__name__
        print(f"{path} is damaged ({fault}): started from the beginning", file=sys.stderr)  # noqa: T201
        return {}
    return arrays
