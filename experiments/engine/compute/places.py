"""The user's cache folder: data sets, compiled sums and compiled programs, for all checkouts."""

import os
import stat
from pathlib import Path

import platformdirs


def user_cache(name: str) -> Path:
    """Return a folder of this project in the user's cache, such as ~/.cache/snn-surrogate/shd."""
    return Path(platformdirs.user_cache_dir("snn-surrogate"), name)


def private_cache(name: str) -> Path:
    """Make a folder in the user's cache for executable code, writable by the user alone.

    Args:
        name: Name of the folder below the user's cache.

    Returns:
        The folder.

    Raises:
        OSError: If the folder cannot be made, or belongs to another user.
    """
    folder = user_cache(name)
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise OSError(
            f"{folder} belongs to another user, whose code is not run: set XDG_CACHE_HOME to a "
            "folder of your own"
        )
    folder.chmod(0o700)
    return folder


def is_private(path: Path) -> bool:
    """Return whether a path is a file owned by this user and writable by nobody else."""
    status = path.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    is_own = status.st_uid == os.getuid() and not status.st_mode & others
    return is_own and stat.S_ISREG(status.st_mode)
