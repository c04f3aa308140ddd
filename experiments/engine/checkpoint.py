"""Where a long computation keeps its checkpoint: beside the cache, until its result is stored."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from experiments.engine.atomic import alive
from experiments.engine.store import Store

_path: ContextVar[Path | None] = ContextVar("checkpoint", default=None)


def checkpoint_path() -> Path | None:
    """The file for the computation that runs now; None if it shall keep none."""
    return _path.get()


@contextmanager
def checkpointed(store: Store | None, keys: Sequence[str]) -> Iterator[None]:
    """Gives the computation inside a checkpoint file, and removes that when it has ended well.

    Args:
        store: The cache; None for no checkpoint.
        keys: Keys of the results that are being computed together.
    """
    path = None
    if store is not None:
        name = hashlib.sha256("".join(keys).encode()).hexdigest()
        path = store.folder / "checkpoints" / f"{name}.npz"
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)
    if path is not None:
        path.unlink(missing_ok=True)
        # What a killed process was about to write.
        for leftover in path.parent.glob(f"{path.stem}.*.tmp"):
            if not alive(int(leftover.suffixes[-2][1:])):
                leftover.unlink(missing_ok=True)
