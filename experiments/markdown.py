"""Tables in Markdown, and pages whose words are written by hand and whose tables by a script.

A block stands between `<!-- NAME -->` and `<!-- /NAME -->`, each on a line of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from experiments.engine.errors import UserError


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
    """Return what stands in a block.

    Raises:
        UserError: If the page does not have it.
    """
    start, end = _place(page, name)
    return page[start:end]


def _place(page: str, name: str) -> tuple[int, int]:
    found = re.search(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", page, re.DOTALL)
    if not found:
        expected = f"<!-- {name} --> and <!-- /{name} -->, each on a line of its own"
        raise UserError(f"the page has no place for {name}", page.partition("\n")[0], expected)
    return found.span()
