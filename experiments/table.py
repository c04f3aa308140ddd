"""Plain tables for the terminal."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Return a table whose cells are wrapped at the width of their column; words stay whole."""
    lines = [tuple(header)]
    for row in rows:
        cells = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
        lines += zip_longest(*cells, fillvalue="")
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * n for n in wide))
    return "\n".join("  ".join(map(str.ljust, line, wide)).rstrip() for line in lines)


def wrap(text: str, width: int) -> list[str]:
    """Return a text in lines of whole words; an empty text is one empty line."""
    lines = textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)
    return lines or [""]
