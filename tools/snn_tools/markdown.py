"""Tables in Markdown, and pages whose tables are written by a command.

A block stands between `<!-- NAME -->` and `<!-- /NAME -->`, each on a line of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars in cells are escaped."""
    head, *body = (
        "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
        for cells in (header, *rows)
    )
    return head + "|---" * len(header) + "|\n" + "".join(body)


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """Return a page with new contents of its blocks.

    Raises:
        ValueError: For a block that the page does not have.
    """
    for name, content in blocks.items():
        block = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if not block.search(page):
            raise ValueError(f"the page has no <!-- {name} --> and <!-- /{name} -->")
        page = block.sub(lambda _, content=content: content, page)
    return page
