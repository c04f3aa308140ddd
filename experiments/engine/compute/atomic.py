"""Files and folders that appear whole or not at all, also when processes race or are killed."""

import fcntl
import os
import re
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIX = ".tmp"
exchange = threading.Lock()
"""Held while one folder takes the place of another: `processes` ends nothing in between."""


@contextmanager
def locked(parent: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it even after SIGKILL."""
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / ".lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"waiting for another process, which holds {parent / '.lock'}"
            print(message, file=sys.stderr, flush=True)  # noqa: T201
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or in its nearest existing parent."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def new_file(final: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, which then takes the place of `final`."""
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
    with _temporary(final) as temporary:
        temporary.mkdir()
        yield temporary
        for path in (*temporary.iterdir(), temporary):
            if not path.is_symlink():
                _sync_one(path)
        with locked(final.parent), exchange:
            if os.path.lexists(final):
                os.rename(final, temporary.with_name(".replaced"))
            os.rename(temporary, final)
            _sync_one(final.parent)


@contextmanager
def _temporary(final: Path) -> Iterator[Path]:
    """Give a free path in a new folder beside `final`: a rename is atomic within one file system.

    The folders of dead processes go; of a process on another machine nothing can be known here.
    """
    parent, host = final.parent, f"{PREFIX}-{socket.gethostname()}-"
    parent.mkdir(parents=True, exist_ok=True)
    for path in parent.glob(f"{PREFIX}-*"):
        process = re.match(rf"{re.escape(host)}(\d+)-", path.name)
        if process and not alive(int(process[1])):
            shutil.rmtree(path, ignore_errors=True)
    with TemporaryDirectory(
        prefix=f"{host}{os.getpid()}-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder, final.name)


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
