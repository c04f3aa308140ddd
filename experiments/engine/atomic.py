"""Folders that appear whole or not at all, also when processes run at once or are killed."""

import fcntl
import os
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".tmp"


@contextmanager
def locked(parent: Path, shared: bool = False) -> Iterator[None]:
    """Holds the lock of a folder; the system releases it even after SIGKILL."""
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / ".lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


@contextmanager
def new_folder(final: Path, replace: bool) -> Iterator[Path]:
    """Gives a temporary folder to fill, which then takes the place of `final`.

    Args:
        final: Where the folder shall appear.
        replace: Whether to take the place of a folder that is there already; otherwise that
            one stays and the new one is discarded.
    """
    parent = final.parent
    parent.mkdir(parents=True, exist_ok=True)
    # Beside `final`, since a rename is atomic only within one file system.
    temporary, replaced = _temporary(parent), _temporary(parent)
    temporary.mkdir()
    try:
        yield temporary
        _sync(temporary)
        with locked(parent):
            clean(parent)
            if final.exists() and replace:
                os.rename(final, replaced)
            if not final.exists():
                os.rename(temporary, final)
                _sync_one(parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def clean(parent: Path) -> None:
    """Removes the temporary folders whose process no longer lives; call it under the lock."""
    for path in parent.glob(f"{PREFIX}-*"):
        match = re.fullmatch(rf"{re.escape(PREFIX)}-(.+)-(\d+)-[0-9a-f]+", path.name)
        # Of a process on another machine nothing can be known here.
        if match and match.group(1) == socket.gethostname() and not alive(int(match.group(2))):
            shutil.rmtree(path, ignore_errors=True)


def _temporary(parent: Path) -> Path:
    return parent / f"{PREFIX}-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:12]}"


def alive(pid: int) -> bool:
    """Whether a process of this machine lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(folder: Path) -> None:
    """Flushes a folder and its files to disk, so that a power cut leaves no empty file."""
    for path in folder.iterdir():
        _sync_one(path)
    _sync_one(folder)


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    # Some network file systems cannot flush a folder; the rename is still atomic there.
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)
