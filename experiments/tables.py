"""Tables for the terminal, and in Markdown; pages whose tables a script writes between the words.

A block is the text between `<!-- NAME -->` and `<!-- /NAME -->`, each on a line of its own.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from experiments.engine.errors import UserError


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Return a table whose cells are wrapped at the width of their column; words stay whole.

    Args:
        header: Heads of the columns.
        rows: Cells of each row.
        widths: Largest number of letters in a line of each column.

    Returns:
        The table as text.
    """
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


def row(*cells: str) -> str:
    """Return a row of a table."""
    # An unescaped bar would end the cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    return row(*header) + "|---" * len(header) + "|\n" + "".join(row(*cells) for cells in rows)


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """Return a page with new contents of its blocks.

    Raises:
        UserError: For a block that the page does not have.
    """
    for name, content in blocks.items():
        start, end = _place(page, name)
        page = page[:start] + content + page[end:]
    return page


def block(page: str, name: str) -> str:
    """Return the text of a block.

    Raises:
        UserError: If the page does not have it.
    """
    start, end = _place(page, name)
    return page[start:end]


def _place(page: str, name: str) -> tuple[int, int]:
    match = re.search(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", page, re.DOTALL)
    if not match:
        expected = f"<!-- {name} --> and <!-- /{name} -->, each on a line of its own"
        raise UserError(f"the page has no place for {name}", page.partition("\n")[0], expected)
    return match.span()
