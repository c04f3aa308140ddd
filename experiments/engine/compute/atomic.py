"""Files that appear whole or not at all, also if processes race or are killed."""

import fcntl
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIX = ".tmp-"
ABANDONED_S = 24 * 3600.0
"""Age in seconds of temporary folders that are removed, as those of dead processes."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it even after SIGKILL.

    Args:
        folder: The folder; it is made if it does not exist.

    Yields:
        Nothing; the lock is released after the context.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # The generation of a data set takes minutes.
            logging.getLogger(__name__).warning("waiting for another process: %s", file.name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def new_file(final: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, which then replaces the file `final`.

    The temporary file lies in a folder beside it: a rename is atomic within one file system.

    Args:
        final: The file to write or replace.

    Yields:
        The path of the temporary file. If the context fails, `final` stays unchanged.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    for folder in final.parent.glob(f"{PREFIX}*"):
        # Another process may have ended with its folder since it was listed.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory(prefix=PREFIX, dir=final.parent, ignore_cleanup_errors=True) as folder:
        temporary = Path(folder, final.name)
        yield temporary
        # Flushed to disk first, so that a power cut leaves no empty file.
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, final)


def write_text(final: Path, text: str) -> None:
    """Write a text file, in place of the file that is there."""
    with new_file(final) as temporary:
        temporary.write_text(text)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file; empty if the file does not exist."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
