"""Turn a commented Python file into a page: comments become text, the rest code blocks."""

import re
from itertools import groupby
from textwrap import dedent

TITLE = re.compile(r"\d+\. \w")


def render(source: str) -> str:
    """Return a file as Markdown.

    A line "# 1. Title" begins a section. Other comments at the start of a line are the text of the
    section; indented lines of such a comment are equations. All other lines are code.

    Args:
        source: the file's text, whose code begins after a docstring and a comment.
    """
    parts = []
    for is_comment, lines in groupby(source.splitlines(), lambda line: line.startswith("#")):
        text = "\n".join(lines)
        if is_comment:
            parts.append(_text(re.sub(r"^# ?", "", text, flags=re.MULTILINE)))
        elif text.strip():
            parts.append(f"```python\n{text.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _text(comment: str) -> str:
    """Return a comment as Markdown, with a heading and equations."""
    paragraphs = comment.split("\n\n")
    return "\n\n".join(
        f"## {p}" if TITLE.match(p) else f"```text\n{dedent(p)}\n```" if p.startswith("    ") else p
        for p in paragraphs
    )
