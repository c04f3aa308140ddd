"""Progress bars on a terminal; plain lines elsewhere and in worker processes.

The bars of several processes would overwrite each other.
"""

import logging
import sys
from collections.abc import Iterable
from multiprocessing import parent_process
from threading import RLock
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")
log = logging.getLogger(__name__)
# Bars of one process. By default tqdm shares a semaphore of the system between processes, and a
# killed process leaves it behind with a warning.
tqdm.set_lock(RLock())


def bar(*arguments: Any, **options: Any) -> tqdm:
    """Return a `tqdm` bar, removed when it ends and disabled without a terminal."""
    return tqdm(*arguments, leave=False, disable=not _has_terminal(), **options)


def track(iterable: Iterable[T], desc: str) -> Iterable[T]:
    """Show a bar over the steps of a loop.

    Args:
        iterable: The steps.
        desc: What the loop does.

    Returns:
        The same steps.
    """
    return bar(iterable, desc)


def count(shown: tqdm, label: str, n: int, seconds: float) -> None:
    """Advance a bar; without a terminal, print how long the computation took.

    Args:
        shown: The bar.
        label: Name of what was computed.
        n: Number of results.
        seconds: Duration of the computation.
    """
    shown.update(n)
    if shown.disable:
        log.info("%s: computed in %.1f s", label, seconds)


def _has_terminal() -> bool:
    return sys.stderr.isatty() and parent_process() is None
