"""The prose of all rooms stays plain: docstrings, comments, parameter help, captions, pages.

The rules are signs of sentences that a reader has to read twice: an opening without a noun or verb,
"is no", "one's own", long sentences, and pages whose sentences list numbers in place of a table.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.tracked import tracked

ROOT = Path(__file__).parents[1]
ROOMS = (
    "snn",
    "experiments",
    "figures",
    "scripts",
    "explorers",
    "tools",
    "beyond",
    "docs",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "REPLICATION.md",
)
"""Folders and files whose prose is checked."""

MAX_WORDS = 35
MANY, MAX_SHARE = 5, 0.15
"""Numbers in a sentence that belong into a table, and the largest share of such sentences."""
NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d.,]*")
PAGES = [
    path.relative_to(ROOT)
    for path in tracked("README.md", "docs/*.md", "*/docs/*.md")
    if "captions" not in path.parts
]
RULES = {
    "begins without a noun or verb": r"^(What|Its|That|Those|These|One|Of|It|Whose|Whoever|Such)\b",
    "says is no thing": r"(?<!\b[Tt]here )\b(is|are|was|were) no (?!longer\b|more than\b)",
    "says one's own": r"\bone's own\b",
}
HELP = {"param": 1, "array": 1, "seeds_param": 0, "Claim": 1}
"""Position of the text in calls that declare parameters, arrays and claims."""


def sentences(text):
    """Yield the sentences of a text without code, formulas, links and tables."""
    text = re.sub(r"^\+\+\+.*?^\+\+\+", " ", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"```.*?```|\$\$.*?\$\$|<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"\.\. math::\n(\n|[ \t]+[^\n]*\n?)*", " ", text)
    text = re.sub(r"^=+( =+)+$.*^=+( =+)+$", " ", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`|\$[^$\n]*\$", "X", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for paragraph in re.split(r"\n\s*\n|\n\s*(?=[-*] |\d+\. |\w+: )", text):
        code = r"\s*(\||<|#|>|\$|=|!\[|python -m |make )"
        lines = [x for x in paragraph.splitlines() if not re.match(code, x)]
        yield from re.split(r"(?<=[.!?:;])\s+", " ".join(" ".join(lines).split()))


def faults_in(text, *, is_docstring=True):
    """Return the rules that a text breaks, each with the sentence."""
    summary = " ".join(text.strip().split("\n\n")[0].split())
    actual = []
    for rule, pattern in RULES.items():
        read = sentences(text)
        if rule.startswith("begins"):
            read = [summary] if is_docstring else []
        actual += [f"{rule}: {x[:90]}" for x in read if re.search(pattern, x)]
    long = [x for x in sentences(text) if len(x.split()) > MAX_WORDS]
    return actual + [f"more than {MAX_WORDS} words: {x[:90]}" for x in long]


def texts(path):
    """Yield the line, and the text, of docstrings, comments and help in a Python file."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                yield node.lineno, node.value.value
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in HELP:
            place = HELP[node.func.id]
            if len(node.args) > place and isinstance(text := node.args[place], ast.Constant):
                yield node.lineno, str(text.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and "noqa" not in token.string:
            yield token.start[0], token.string.lstrip("# ")


def findings(path):
    """Return the faults of a file's prose, each with its place."""
    if path.suffix == ".md":
        return [f"{path}: {fault}" for fault in faults_in(path.read_text(), is_docstring=False)]
    return [f"{path}:{line}: {fault}" for line, text in texts(path) for fault in faults_in(text)]


def share_with_many_numbers(text):
    """Return the share of sentences with `MANY` numbers or more."""
    read = [x for x in sentences(text) if len(x.split()) > 2]
    return sum(len(NUMBER.findall(x)) >= MANY for x in read) / max(len(read), 1)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_numbers_are_in_tables(page):
    assert share_with_many_numbers((ROOT / page).read_text()) <= MAX_SHARE


def test_a_page_of_numbers_is_found():
    numbers = "It is 1, 2, 3, 4 and 5. "
    assert share_with_many_numbers(numbers + "It is small. " * 6) <= MAX_SHARE
    assert share_with_many_numbers(numbers + "It is small. " * 5) > MAX_SHARE


@pytest.mark.parametrize("room", ROOMS)
def test_prose_is_plain(room):
    files = tracked(room, f"{room}/*.py", f"{room}/*.md")
    files = [x for x in files if x.suffix in (".py", ".md") and "tests" not in x.parts]
    assert files
    violations = [finding for path in files for finding in findings(path)]
    assert not violations, "\n".join(violations)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("What was given is what was changed.", "begins"),
        ("Return a path that is no folder.", "is no thing"),
        ("Read a data set of one's own.", "one's own"),
        ("Return " + "a word " * 20 + ".", "more than"),
        ("Return a folder that is no longer there. One of two.", None),
    ],
)
def test_each_rule_finds_its_fault(text, rule):
    actual = faults_in(text)
    assert [rule in fault for fault in actual] == ([True] if rule else [])


def test_parameter_help_comments_and_captions_are_read(tmp_path):
    source = tmp_path / "a.py"
    source.write_text('"""Module."""\n\nbeta = param(1.0, "Its slope")  # Of the noise.\n')
    assert len(findings(source)) == 2
    caption = tmp_path / "fig1.md"
    caption.write_text('+++\ntitle = "x is no y"\n+++\n# Title\n\nThis is no gradient.\n')
    assert len(findings(caption)) == 1
