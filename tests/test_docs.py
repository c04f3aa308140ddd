"""The documentation runs, prints what it says, links to what exists, and misses no estimator."""

import contextlib
import importlib.util
import inspect
import io
import pkgutil
import re
from importlib.util import find_spec
from pathlib import Path

import jax
import pytest

from snn import surrogate
from snn.shapes import SHAPES
from tests.tracked import makefiles

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    {*ROOT.glob("docs/**/*.md"), *ROOT.glob("*/docs/*.md"), *ROOT.glob("*/README.md")}.union(
        ROOT.glob("REPLICATION.md"), ROOT.glob("*/REPLICATION.md")
    )
    .union((ROOT / "README.md", ROOT / "CONTRIBUTING.md"))
    # Links of these are the site's, which Sphinx checks.
    .difference(ROOT.glob("docs/site/**/*.md"))
)
# The companion links to its neighbours, and stands without them.
ABSENT = [ROOT / name for name in ("beyond", "tools") if not (ROOT / name).is_dir()]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[^\S\n]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name(page):
    return str(page.relative_to(ROOT))


def blocks(text):
    """Every python block, with the text block that directly follows it (None without one)."""
    actual = list(FENCE.finditer(text))
    for block, following in zip(actual, [*actual[1:], None], strict=True):
        if block[1] != "python":
            continue
        adjacent = following and not text[block.end() : following.start()].strip()
        yield block[2], following[2] if adjacent and following[1] == "text" else None


def anchors(page):
    """Names by which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


ELSEWHERE = {
    "estimator": "docs/recipes: its files are written, and its tests run, by make torture",
    "tutorial_student": "commands of the shell stand between: tests/test_tutorial.py",
    "torch": "PyTorch is installed beside the environment: tools/tests/torch/test_page.py",
}
"""Pages that are executed by others than the test below."""
EXECUTED = [p for p in PAGES if "```python" in p.read_text() and p.stem not in ELSEWHERE]


@pytest.mark.parametrize("page", EXECUTED, ids=name)
def test_python_blocks_run_and_print_what_the_page_says(page):
    # As a reader has it, who sets nothing else; undone after the test.
    jax.config.update("jax_numpy_rank_promotion", "allow")
    jax.config.update("jax_enable_x64", False)
    assert_prints_what_it_says(page)


def assert_prints_what_it_says(page):
    namespace = {"__name__": "__docs__"}
    for source, expected in blocks(page.read_text()):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, name(page), "exec"), namespace)
        if expected is not None:
            assert printed.getvalue() == expected


COMMAND = re.compile(r"^(?:\$ )?(?:make ([a-z][\w-]*)|python -m ([\w.]+))", re.MULTILINE)


def unknown(page):
    """Targets of make and modules that a page tells to run, and that there are not."""
    targets = re.findall(r"^([a-z%-]+):", makefiles(), re.MULTILINE)
    known = "|".join(target.replace("%", r"(\d+|N)") for target in targets)
    code = [block[2] for block in FENCE.finditer(page)]
    code += re.findall(r"`([^`\n]+)`", FENCE.sub("", page))
    for target, module in (actual for text in code for actual in COMMAND.findall(text)):
        if target and not re.fullmatch(known, target):
            yield f"make {target}"
        if module and not is_there(module):
            yield f"python -m {module}"


def is_there(module):
    """Can a module be found? A search in a package that there is not is an error."""
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.util.find_spec(module) is not None
    return False


WITH_COMMANDS = [*PAGES, *ROOT.glob("docs/site/**/*.md")]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name)
def test_commands_exist(page):
    actual = list(unknown(page.read_text()))
    assert not [x for x in actual if not any(room.name in x for room in ABSENT)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        destination = (page.parent / path).resolve() if path else page
        if any(map(destination.is_relative_to, ABSENT)):
            continue
        assert destination.exists(), target
        if anchor and destination.suffix == ".md":
            assert anchor in anchors(destination), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_inline_mathematics_survives_markdown(page):
    for line in FENCE.sub("", page.read_text()).splitlines():
        assert line.count("$") % 2 == 0, line
        for formula in re.findall(r"\$[^$]+\$", line):
            # Markdown takes \\, for an escaped comma, a star or a free underscore for emphasis.
            assert not re.search(r"\\[,;:!{}]|\*|(?<!\w)_(?=\w)", formula), formula
            assert not (line.startswith("|") and "|" in formula), f"a cell would end in {formula}"


def test_each_work_of_others_has_a_source_and_a_figure_that_speaks_to_it():
    page = (ROOT / "docs" / "related_work.md").read_text()
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| [")]
    for work, _, here in rows:
        assert re.search(r"\(https://(arxiv\.org/abs/\d{4}\.\d{5}(v\d)?|doi\.org/\S+)\)", work)
        # Links are tested above: a figure that the page links once may be named again.
        figures = re.findall(r"figure (\d+)", here, re.IGNORECASE)
        assert figures and all(f"#figure-{number})" in page for number in figures), here
    assert rows and len(page.split()) <= 600


def test_every_estimator_has_its_page():
    files = {path.stem for path in (ROOT / "snn" / "estimators").glob("*.py")}
    pages = {path.stem for path in (ROOT / "docs" / "estimators").glob("*.md")}
    wanted = files - {"__init__", "base", "fixed_spikes"}
    missing = [f"docs/estimators/{name}.md" for name in sorted(wanted - pages)]
    assert not missing, f"write {', '.join(missing)}: see docs/recipes/estimator.md"
    assert not pages - wanted, f"no file in snn/estimators has the pages {sorted(pages - wanted)}"


def test_every_shape_of_a_surrogate_derivative_has_class_line_and_row():
    page = (ROOT / "docs" / "surrogate_derivatives.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)\(", page, re.MULTILINE))
    classes = {x for x in vars(surrogate).values() if inspect.isclass(x)}
    own = {x.__name__ for x in classes if x.__module__ == surrogate.__name__}
    derivatives = own - {"SurrogateDerivative", "Positive"}
    absent = {
        "a line in snn/shapes.py": derivatives - NOT_CHOSEN - set(SHAPES),
        "a row in docs/surrogate_derivatives.md": derivatives - rows,
    }
    fixes = [f"give {', '.join(sorted(names))} {fix}" for fix, names in absent.items() if names]
    assert not fixes, "\n".join(fixes)


NOT_CHOSEN = {"Matched", "MultilayerSpiker", "SlopeOf", "Zero"}
"""Surrogate derivatives that are no function of potential and one parameter alone."""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_names_in_sentences_can_be_imported(page):
    for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text())):
        for dotted in re.findall(r"(?<![\w./])snn(?:_tools)?(?:\.[A-Za-z]\w*)+", code):
            # The audit names spike functions as `library.function`.
            elsewhere = page.stem == "audit" or bool(ABSENT) and "snn_tools" in dotted
            elsewhere |= dotted.startswith("snn_tools.torch") and not find_spec("torch")
            assert elsewhere or pkgutil.resolve_name(dotted) is not None, dotted
