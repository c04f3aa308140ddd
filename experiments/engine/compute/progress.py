"""Progress on a terminal; one plain line per computed panel elsewhere, and of workers.

The bars of several processes would overwrite each other.
"""

import sys
from collections.abc import Iterable
from multiprocessing import parent_process
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")


def bar(*arguments: Any, **options: Any) -> tqdm:
    """Return a `tqdm` that disappears at its end, and is silent without a terminal."""
    return tqdm(*arguments, leave=False, disable=not _has_terminal(), **options)


def track(iterable: Iterable[T], desc: str, total: int | None = None) -> Iterable[T]:
    """Show a bar over the steps of a long loop; `total` where these do not know their number."""
    return bar(iterable, desc, total)


def count(shown: tqdm, label: str, n: int, seconds: float) -> None:
    """Count n that were computed, and say how long they took where there is no bar."""
    shown.update(n)
    if shown.disable:
        # In one piece, as others may print, too.
        line = f"{label}: computed in {seconds:.1f} s\n"
        print(line, end="", file=sys.stderr, flush=True)  # noqa: T201


def _has_terminal() -> bool:
    return sys.stderr.isatty() and parent_process() is None
