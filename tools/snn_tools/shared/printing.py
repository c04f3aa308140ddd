"""Print numbers with their errors, and aligned tables."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def number(x: float) -> str:
    """Print a number in two significant digits."""
    return "unknown" if not np.isfinite(x) else f"{x:.2g}"


def between(x: float, ends: tuple[float, float]) -> str:
    """Print a cosine and an interval, with the digits that the interval allows.

    Unbiased estimates may exceed 1; they are printed as 1.
    """
    x = float(np.clip(x, -1.0, 1.0))
    if not np.isfinite(ends).all():
        return f"{x:.3g} (interval unknown)"
    width = ends[1] - ends[0]
    digits = int(np.clip(1 - np.floor(np.log10(width / 2)), 0, 3)) if width > 0 else 3
    if width < 1e-3:
        return f"{x:.3f}"
    return f"{x:.{digits}f} ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})"


def aligned(table: list[tuple[str, ...]]) -> list[str]:
    """Return the lines of an aligned table; the first row is the header."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def columns(items: Iterable[Item], cells: Mapping[str, Callable[[Item], str]]) -> list[str]:
    """Make an indented table: a row for each item, a column for each name in ``cells``."""
    rows = [tuple(cell(item) for cell in cells.values()) for item in items]
    return ["  " + line for line in aligned([tuple(cells), *rows])]
