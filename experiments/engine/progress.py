"""Progress bars on a terminal; none elsewhere, nor in worker processes.

The bars of several processes would overwrite each other.
"""

from collections.abc import Iterable
from multiprocessing import parent_process
from threading import RLock
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")
# Bars of one process. By default tqdm shares a semaphore of the system between processes, and a
# killed process leaves it behind with a warning.
tqdm.set_lock(RLock())


def bar(*arguments: Any, **options: Any) -> tqdm:
    """Return a `tqdm` bar, removed when it ends and disabled without a terminal."""
    # None: tqdm looks whether there is a terminal.
    disable = None if parent_process() is None else True
    return tqdm(*arguments, leave=False, disable=disable, **options)


def track(iterable: Iterable[T], desc: str) -> Iterable[T]:
    """Show a bar over the steps of a loop, and return the same steps.

    Args:
        iterable: The steps.
        desc: What the loop does.
    """
    return bar(iterable, desc)
