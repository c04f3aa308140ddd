"""Links of the repository's pages, turned into links of the site.

On GitHub a page links to files and folders; the site has pages. What has no page of its own, a
module or a chapter, gets one that shows its source.
"""

import ast
import os
import pkgutil
import re
from pathlib import Path, PurePosixPath

from experiments.engine.atomic import write_text
from experiments.engine.errors import UserError

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"(^(`{3,})[^\n]*\n.*?^\2[^\S\n]*$)", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"(?<=\]\()[^)\s]+(?=\))")
FILE = re.compile(r"(?<=\[)`?(?:[\w./]+/)?\w+\.md`?(?=\]\()")
"""A link's text that is a file's name: the site has titles."""
MENTION = re.compile(r"(?<![\w./`\[])(?<!\]\()docs/[\w/]+\.md\b(?![`\]])")
NAME = re.compile(r"(?<![`\[\w.])`(snn(?:_tools)?(?:\.\w+)+)(\(\))?`(?![`\]])")
FIGURE = re.compile(r"(?:\w+/)?docs/figures\.md(?:#figure-(\d+))?$")
PICTURES = {".png", ".svg", ".jpg"}
LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".json": "json"}


class Links:
    """Where everything of the repository lies in the site.

    Args:
        stage: The folder of Sphinx's sources.
        pages: The page of a file, both without a leading slash: "docs/gpu.md" to "gpu".
        documented: Names of the API, as "snn.escape.Sigmoid", that have an entry.
    """

    def __init__(self, stage: Path, pages: dict[str, str], documented: set[str]) -> None:
        self.stage = stage
        self.pages = pages
        self.documented = documented
        self.code: set[str] = set()
        self.pictures: set[str] = set()

    def rewrite(self, text: str, source: str, page: str) -> str:
        """Return the Markdown of a page, with links and names of the API that work in the site.

        Args:
            text: Its Markdown.
            source: Its file in the repository, against which its links are relative.
            page: Its place in the site.
        """
        parts = FENCE.split(text)
        for i in range(0, len(parts), 3):
            links = TARGET.sub(lambda m: self._target(m[0], source, page), parts[i])
            links = FILE.sub("", links)
            links = MENTION.sub(lambda m: f"[]({self.to(m[0], page)})", links)
            lines = [x if x.startswith("#") else NAME.sub(self._name, x) for x in links.split("\n")]
            parts[i] = "\n".join(lines)
        return "".join(part for i, part in enumerate(parts) if i % 3 != 2)

    def _target(self, target: str, source: str, page: str) -> str:
        if "://" in target or target.startswith("#"):
            return target
        path, _, anchor = target.partition("#")
        found = os.path.normpath(PurePosixPath(source).parent / path)
        return self.to(f"{found}#{anchor}" if anchor else found, page)

    def to(self, target: str, page: str) -> str:
        """Return a link from a page of the site to a file or folder of the repository.

        Raises:
            UserError: If it does not exist.
        """
        if figure := FIGURE.match(target):
            return _relative(f"figures/fig{figure[1]}" if figure[1] else "figures/index", page)
        path, _, anchor = target.partition("#")
        if not (ROOT / path).exists():
            what, expected = f"the page {page} links to what does not exist", "a path from there"
            raise UserError(what, path, expected, "mend the link in the page's source")
        if PurePosixPath(path).suffix in PICTURES:
            self.pictures.add(path)
            return "/" + path
        if path not in self.pages:
            self.code.add(path)
        place = _relative(self.pages.get(path, f"code/{path}"), page)
        return f"{place}#{anchor}" if anchor else place

    def _name(self, match: re.Match[str]) -> str:
        """Return a name of the API in the text, as a reference to where it is defined."""
        shown, call = match[1], match[2] or ""
        full = defined(shown)
        return f"{{py:obj}}`{shown}{call} <{full}>`" if full in self.documented else match[0]

    def write_code(self) -> None:
        """Write the pages of sources that are linked to, and the list of them."""
        for path in sorted(self.code):
            write_text(self.stage / "code" / f"{path}.md", source_page(path))
        rows = [f"/code/{path}" for path in sorted(self.code)]
        listed = "```{toctree}\n:titlesonly:\n\n" + "\n".join(rows) + "\n```\n"
        write_text(self.stage / "code" / "index.md", "# Sources\n\n" + listed)


def defined(name: str) -> str:
    """Return the full name under which an object is defined; the name itself if there is none."""
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return name
    module, qualified = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
    return f"{module}.{qualified}" if module and qualified else name


def source_page(path: str) -> str:
    """Return a page that shows a file, or the modules of a folder, each below its docstring."""
    file = ROOT / path
    head = f"---\nnosearch: true\n---\n# {path}\n\n"
    if file.is_file():
        return head + _shown(file)
    modules = sorted(file.glob("*.py"))
    parts = [head]
    if (file / "__init__.py").is_file():
        parts.append(_docstring(file / "__init__.py") + "\n")
    others = sorted(x.name for x in file.iterdir() if x.suffix != ".py" and x.name[0] not in "._")
    if not modules:
        parts += [f"- `{name}`\n" for name in others]
    for module in modules:
        if module.name != "__init__.py":
            first = _docstring(module).partition("\n")[0]
            parts.append(f"\n## {module.stem}\n\n{first}\n\n{_shown(module)}")
    return "\n".join(parts)


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text())) or ""


def _shown(file: Path) -> str:
    language = LANGUAGES.get(file.suffix, "text")
    return f"``````{language}\n{file.read_text()}``````\n"


def _relative(page: str, other: str) -> str:
    return os.path.relpath(page, PurePosixPath(other).parent) + ".md"
