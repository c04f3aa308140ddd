"""Rewrite the links of pages, written for GitHub, so that they work in the site.

Pages have the same places in the site as in the repository, so links between pages stay valid. A
link to a module leads to the API reference, and a link to a figure leads to the page of the figure.
A link to a file without a page leads to the repository. As long as pyproject.toml has no address of
the repository, such a link becomes plain text.
"""

import re
import tomllib
from pathlib import Path, PurePosixPath
from posixpath import normpath

ROOT = Path(__file__).parents[2]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
REPOSITORY: str = URLS.get("Repository", "")
"""Address of the repository; empty as long as it has none."""
FENCE = re.compile(r"(^(`{3,})[^\n]*\n.*?^\2[^\S\n]*$)", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
FILE = re.compile(r"(?<=\[)`?(?:[\w./]+/)?\w+\.md`?(?=\]\()")
"""Text of a link that is the name of a file: the site shows the title of the page instead."""
WITHOUT_TARGET = re.compile(r"\[([^\[\]]*)\]\(\)")
"""Link to a file that the site cannot show."""
MENTION = re.compile(r"(?<![\w./`\[])(?<!\]\()docs/[\w/]+\.md\b(?![`\]])")
FIGURE = re.compile(r"figures\.md#figure-(\d+)$")
INDEX = {
    "README.md": "index.md",
    "docs/estimators": "docs/estimators/index.md",
    "beyond/docs/figures.md": "docs/figures.md",
}
"""Files and folders shown on another page."""


def rewrite(text: str, page: str, stage: Path) -> str:
    """Return the Markdown of a page with links that work in the site.

    Args:
        text: Markdown of the page.
        page: File of the page, as "docs/running.md".
        stage: The folder of all pages.
    """
    parts = FENCE.split(text)
    for i in range(0, len(parts), 3):
        links = TARGET.sub(lambda m: to(m[1], m[2] or "", page, stage), parts[i])
        links = WITHOUT_TARGET.sub(r"\1", links)
        parts[i] = MENTION.sub(r"[](/\g<0>)", FILE.sub("", links))
    return "".join(part for i, part in enumerate(parts) if i % 3 != 2)


def to(target: str, anchor: str, page: str, stage: Path) -> str:
    """Return the target of a link in the site.

    Args:
        target: Path of the link, relative to the page.
        anchor: Anchor with "#"; empty without one.
        page: File of the page, as "docs/running.md".
        stage: The folder of all pages.

    Returns:
        The target; empty for a file without a page if the repository has no address. A target that
        does not exist is returned unchanged, and Sphinx refuses it.
    """
    if FIGURE.search(target + anchor):
        return FIGURE.sub(r"fig\1.md", target + anchor)
    path = normpath(PurePosixPath(page).parent / target)
    for file in (INDEX.get(path, path), f"{path}/README.md"):
        if (stage / file).is_file():
            return f"/{file}{anchor}"
    module = path.removeprefix("tools/").removesuffix(".py").replace("/", ".")
    if (stage / "api" / f"{module}.rst").is_file():
        return f"/api/{module}.rst"
    if not (ROOT / path).exists():
        return target + anchor
    kind = "tree" if (ROOT / path).is_dir() else "blob"
    return f"{REPOSITORY}/{kind}/main/{path}" if REPOSITORY else ""
