"""Files and folders that appear whole or not at all, also when processes race or are killed."""

import fcntl
import os
import re
import shutil
import socket
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".tmp"

ATTEMPTS = 100
"""At a folder into which another thread still writes."""

_unfinished: set[Path] = set()
"""Temporary folders that this process has in use."""
_changes = threading.Lock()
"""Held while a temporary folder is made, exchanged or removed, and for good by `abandon`."""


@contextmanager
def locked(parent: Path, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it even after SIGKILL."""
    if shared and not writable(parent):
        # Nobody writes there, and there is no place for a lock.
        yield
        return
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / ".lock", "a") as file:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"waiting for another process, which holds {parent / '.lock'}"
            print(message, file=sys.stderr, flush=True)  # noqa: T201
            fcntl.flock(file, kind)
        yield


def writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or in its nearest existing parent."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def new_file(final: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, which then takes the place of `final`."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(final) as temporary:
        yield temporary
        _sync_one(temporary)
        os.replace(temporary, final)


def write_text(final: Path, text: str) -> None:
    """Write a text file, in place of what is there."""
    with new_file(final) as temporary:
        temporary.write_text(text)


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Give a temporary folder to fill, which then takes the place of `final`."""
    parent = final.parent
    parent.mkdir(parents=True, exist_ok=True)
    with _temporary(final) as temporary:
        temporary.mkdir()
        yield temporary
        for path in (*temporary.iterdir(), temporary):
            if not path.is_symlink():
                _sync_one(path)
        with locked(parent):
            clean(parent)
            with _changes:
                if os.path.lexists(final):
                    os.rename(final, temporary.with_name(".replaced"))
                os.rename(temporary, final)
            _sync_one(parent)


def clean(parent: Path) -> None:
    """Remove the temporary files of dead processes from a folder."""
    for path in parent.glob(f"{PREFIX}-*"):
        match = re.match(rf"{re.escape(PREFIX)}-(.+)-(\d+)-[0-9a-f]{{12}}", path.name)
        # Of a process on another machine nothing can be known here.
        if match and match.group(1) == socket.gethostname() and not alive(int(match.group(2))):
            _remove(path)


@contextmanager
def _temporary(final: Path) -> Iterator[Path]:
    """Give a free path in a new folder beside `final`: a rename is atomic within one file system.

    Once the process abandons that folder, what is not yet begun there cannot be begun.
    """
    name = f"{PREFIX}-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    folder = final.with_name(name)
    _unfinished.add(folder)
    try:
        with _changes:
            folder.mkdir()
        yield folder / final.name
    finally:
        with _changes:
            _remove(folder)
        _unfinished.discard(folder)


def abandon() -> None:
    """Remove this process's temporary files, before it ends without finishing them.

    Other threads may be at work: from here on they make, exchange and leave no temporary folder.
    """
    _changes.acquire()
    for path in list(_unfinished):
        for _ in range(ATTEMPTS):
            _remove(path)
            if not os.path.lexists(path):
                break


def _remove(path: Path) -> None:
    """Remove a file or folder if it exists and the system allows it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Return whether a process of this machine is alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_one(path: Path) -> None:
    """Flush a file or folder to disk, so that a power cut leaves no empty one."""
    descriptor = os.open(path, os.O_RDONLY)
    # Some network file systems cannot flush a folder; the rename is still atomic there.
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)
