"""Checkpoints of long computations, in a folder of the cache until the result is stored.

A computation that was killed resumes from its checkpoint, bit by bit.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np

from experiments.engine.cache import read_or_warn, read_result, write_result
from experiments.engine.experiment import Data

log = logging.getLogger(__name__)
_path: ContextVar[Path | None] = ContextVar("checkpoint", default=None)


@contextmanager
def checkpointed(folder: Path | None, key: str) -> Iterator[None]:
    """Keep a checkpoint of the computation in this context; remove it after a success.

    Args:
        folder: The folder of the cache; None for no checkpoint.
        key: Key of the result that is being computed.
    """
    path = folder / "checkpoints" / f"{key}.npz" if folder else None
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)
    if path:
        for file in (path, *path.parent.glob(f"{path.stem}-*{path.suffix}")):
            file.unlink(missing_ok=True)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Keep a separate checkpoint of one training among several of a computation.

    The file stays until the whole computation succeeds, so that a kill costs no complete training.

    Args:
        name: Name of the training, part of the file's name.
    """
    path = _path.get()
    token = _path.set(path and path.with_name(f"{path.stem}-{name}{path.suffix}"))
    try:
        yield
    finally:
        _path.reset(token)


def save_checkpoint(arrays: Mapping[str, np.ndarray]) -> None:
    """Write the checkpoint of the running computation, if there is a cache.

    Args:
        arrays: The state to resume from, with the number of steps ``done``.
    """
    if path := _path.get():
        write_result(path, dict(arrays), {"key": path.stem})


def load_checkpoint(most: int) -> Data:
    """Return the last checkpoint; empty if it is missing or damaged.

    Args:
        most: Number of steps to do.
    """
    path = _path.get()
    if path is None or not path.is_file():
        return {}
    read = read_or_warn(path, lambda: read_result(path), "started from the beginning")
    arrays = read[0] if read else {}
    if arrays and arrays["done"] < most:
        log.info("goes on after %s of %s", arrays["done"], most)
    return arrays
