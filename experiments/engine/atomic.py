"""Files and folders that appear whole or not at all, also when processes race or are killed."""

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
def new_file(final: Path) -> Iterator[Path]:
    """Gives the path of a temporary file to write, which then takes the place of `final`."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(final)
    try:
        yield temporary
        _sync_one(temporary)
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(final: Path, text: str) -> None:
    """Writes a text file, in place of what is there."""
    with new_file(final) as temporary:
        temporary.write_text(text)


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Gives a temporary folder to fill, which then takes the place of `final`."""
    parent = final.parent
    parent.mkdir(parents=True, exist_ok=True)
    temporary, replaced = _temporary(final), _temporary(final)
    temporary.mkdir()
    try:
        yield temporary
        for path in (*temporary.iterdir(), temporary):
            _sync_one(path)
        with locked(parent):
            clean(parent)
            if final.exists():
                os.rename(final, replaced)
            os.rename(temporary, final)
            _sync_one(parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def clean(parent: Path) -> None:
    """Removes what processes that no longer live were about to write in a folder."""
    for path in parent.glob(f"{PREFIX}-*"):
        match = re.match(rf"{re.escape(PREFIX)}-(.+)-(\d+)-[0-9a-f]{{12}}", path.name)
        # Of a process on another machine nothing can be known here.
        if match and match.group(1) == socket.gethostname() and not alive(int(match.group(2))):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _temporary(final: Path) -> Path:
    """A free path beside `final`, since a rename is atomic only within one file system."""
    name = f"{PREFIX}-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    return final.with_name(name + final.suffix)


def alive(pid: int) -> bool:
    """Whether a process of this machine lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_one(path: Path) -> None:
    """Flushes a file or folder to disk, so that a power cut leaves no empty one."""
    descriptor = os.open(path, os.O_RDONLY)
    # Some network file systems cannot flush a folder; the rename is still atomic there.
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)
