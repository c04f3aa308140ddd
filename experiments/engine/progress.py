"""Progress on a terminal; one plain line per computed panel elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def track(iterable: Iterable[T], desc: str, total: int | None = None) -> Iterable[T]:
    """Shows a bar over the steps of a long loop; silent when nobody watches.

    Args:
        iterable: The steps.
        desc: What is being done, in a word or two.
        total: Number of steps, where `iterable` does not know it.
    """
    return tqdm(iterable, desc=desc, total=total, leave=False, disable=not sys.stderr.isatty())


class Panels:
    """Progress over the panels and seeds of a figure."""

    def __init__(self, figure: str, total: int) -> None:
        self.figure = figure
        self.bar = tqdm(
            total=total, desc=figure, unit="panel", leave=False, disable=not sys.stderr.isatty()
        )

    def start(self, label: str) -> None:
        """Names what is being computed now."""
        self.bar.set_postfix_str(label)

    def done(self, label: str, n: int, seconds: float) -> None:
        """Counts what was computed, and says how long it took where there is no bar."""
        self.bar.update(n)
        if self.bar.disable:
            line = f"{self.figure} {label}: computed in {seconds:.1f} s"
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    def skip(self, n: int) -> None:
        """Counts what came from the cache."""
        self.bar.update(n)


@contextmanager
def panels(figure: str, total: int) -> Iterator[Panels]:
    """Opens the bar and closes it also when the run fails."""
    progress = Panels(figure, total)
    try:
        yield progress
    finally:
        progress.bar.close()
