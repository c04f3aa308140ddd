"""Plain tables for the terminal."""

import textwrap
from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """A table whose long cells are wrapped.

    Args:
        header: Names of the columns.
        rows: Cells, as text.
        widths: The most characters that a column may take.
    """
    cells = [[wrap(text, width) for text, width in zip(row, widths, strict=True)] for row in rows]
    titles = [[title] for title in header]
    columns = list(zip(titles, *cells, strict=True))
    sizes = [max(len(line) for cell in column for line in cell) for column in columns]
    rule = "  ".join("-" * size for size in sizes)
    return "\n".join(
        [*_lines(titles, sizes), rule, *(x for row in cells for x in _lines(row, sizes))]
    )


def wrap(text: str, width: int) -> list[str]:
    """A text in lines; an empty text is one empty line."""
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _lines(row: Sequence[Sequence[str]], sizes: Sequence[int]) -> list[str]:
    height = max(len(cell) for cell in row)
    padded = [[*cell, *[""] * (height - len(cell))] for cell in row]
    return [
        "  ".join(line.ljust(size) for line, size in zip(lines, sizes, strict=True)).rstrip()
        for lines in zip(*padded, strict=True)
    ]
