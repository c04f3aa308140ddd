"""The companion site's own parts; that it builds without a warning is what `make site` checks."""

import re
import shlex
import textwrap
from types import ModuleType

import pytest

import snn
from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError
from figures.captions import caption

PROJECT = Project()

HERE = str(PROJECT.root / "docs" / "site")
TINY = {
    "conf.py": """
        import sys

        sys.path.insert(0, "HERE")
        extensions = ["myst_parser", "sphinx.ext.autodoc", "names"]
        default_role = "py:obj"
        """,
    "index.md": """
        # Title of `snn.stats.mean_and_sem`

        `snn.Surrogate()`, `snn.nothing`, [a link](api/surrogate.rst) and {py:mod}`snn.stats`.

        ```{toctree}
        api/surrogate
        ```
        """,
    "api/surrogate.rst": """
        Module
        ======

        .. automodule:: snn.estimators.surrogate
           :members:
        """,
}
"""A site of two pages."""


# Between packages: what one uses of the other.
@pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API")
def test_names_in_sentences_lead_to_where_they_are_defined(tmp_path):
    build_main = pytest.importorskip("sphinx.cmd.build").build_main
    for name, text in TINY.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(textwrap.dedent(text).strip().replace("HERE", HERE))
    words = ["-W", "--keep-going", "-q", "-w", str(tmp_path / "said"), str(tmp_path / "in")]
    status = build_main([*words, str(tmp_path / "out")])
    assert ((tmp_path / "said").read_text(), status) == ("", 0)
    page = (tmp_path / "out/index.html").read_text()
    entry = 'href="api/surrogate.html#snn.estimators.surrogate.Surrogate"'
    code = '<code[^>]*><span class="pre">'
    assert re.search(rf"{entry}[^>]*>{code}snn.Surrogate\(\)<", page)
    # A name that there is not, and a heading, lead nowhere.
    assert re.search(rf", {code}snn.nothing<", page)
    assert re.search(rf"<h1>Title of {code}snn.stats", page)


def test_every_public_name_leads_to_its_entry_and_that_to_its_source():
    """In the site as it was last built."""
    if not (folder := PROJECT.root / "site" / "api").is_dir():
        pytest.skip("without site/ (make site)")
    page = (folder / "snn.html").read_text()
    entry = r'href="([\w.]+html)#([\w.]+)"[^>]*><code[^>]*><span class="pre">(?:snn\.)?(\w+)<'
    actual = {name: (file, anchor) for file, anchor, name in re.findall(entry, page)}
    public = {x for x in dir(snn) if x[0] != "_" and not isinstance(getattr(snn, x), ModuleType)}
    assert public <= actual.keys()
    for name in public:
        file, anchor = actual[name]
        text = (folder / file).read_text()
        module = getattr(snn, name).__module__
        assert f'id="{anchor}"' in text
        assert f'href="../_modules/{module.replace(".", "/")}.html#{name}"' in text, name


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_a_figure_says_its_number_where_its_mathematics_is_derived_and_what_to_change(figure):
    text = caption(figure, PROJECT.place(figure).captions)
    absent = {
        'number = "..."': not text.number,
        'derivation = ["docs/PAGE.md"]': not text.derivation,
        "two of [[change]], each with a command and a look": len(text.change) < 2,
    }
    fix = f"figures/captions/{figure}.md, between lines of +++ on top, needs "
    assert not any(absent.values()), fix + "; ".join(name for name in absent if absent[name])
    for change in text.change:
        compose(change["command"])


def compose(command):
    """Compose the run of a `make figure-N` command, which refuses what is spelled wrongly."""
    words = shlex.split(command)
    settings = dict(word.split("=", 1) for word in words[2:])
    choice = f"figure={words[1].replace('figure-', 'fig')}/{settings.get('PRESET', 'quick')}"
    plan(PROJECT, [choice, *shlex.split(settings.get("ARGS", ""))])


def test_a_misspelled_command_is_refused():
    with pytest.raises(UserError, match="beta_surogate"):
        compose("make figure-4 ARGS='panels.along_w.beta_surogate=[10,60]'")
