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
from scripts.site import links

PROJECT = Project()
ADDRESS = "https://github.com/somebody/snn-surrogate"


@pytest.fixture
def stage(tmp_path):
    """Pages of a site, as files for Sphinx."""
    pages = "running", "README", "estimators/index", "figures"
    for name in (f"docs/{page}.md" for page in pages):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "api").mkdir()
    for module in ("snn.noise", "snn_tools.pytest_plugin"):
        (tmp_path / "api" / f"{module}.rst").touch()
    (tmp_path / "index.md").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[a](../running.md#run)", "[a](/docs/running.md#run)"),
        ("[a](../figures.md#figure-4)", "[a](../fig4.md)"),
        ("[a](../../beyond/docs/figures.md#figure-9)", "[a](../../beyond/docs/fig9.md)"),
        ("[a](https://hydra.cc)", "[a](https://hydra.cc)"),
        ("[a](#below)", "[a](#below)"),
        ("[a](../../README.md)", "[a](/index.md)"),
        ("[a](../../docs)", "[a](/docs/README.md)"),
        ("[a](../../beyond/docs/figures.md)", "[a](/docs/figures.md)"),
        ("[a](.)", "[a](/docs/estimators/index.md)"),
        ("[a](../../snn/noise.py)", "[a](/api/snn.noise.rst)"),
        ("[a](../../figures/fig1.py)", f"[a]({ADDRESS}/blob/main/figures/fig1.py)"),
        ("[a](../../tools/snn_tools/pytest_plugin.py)", "[a](/api/snn_tools.pytest_plugin.rst)"),
        ("[a](../../configs/figure)", f"[a]({ADDRESS}/tree/main/configs/figure)"),
        ("[a](../../LICENSE)", f"[a]({ADDRESS}/blob/main/LICENSE)"),
        ("[a](../nowhere.md#x)", "[a](../nowhere.md#x)"),
        ("[running.md](../running.md#run)", "[](/docs/running.md#run)"),
        ("[docs/running.md](../running.md)", "[](/docs/running.md)"),
        ("(docs/running.md, docs/running.md).", "([](/docs/running.md), [](/docs/running.md))."),
        ("`docs/running.md`", "`docs/running.md`"),
        ("```python\nx[0](../running.md)\n```", "```python\nx[0](../running.md)\n```"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(stage, written, becomes, monkeypatch):
    monkeypatch.setattr(links, "REPOSITORY", ADDRESS)
    assert links.rewrite(written, "docs/estimators/page.md", stage) == becomes


def test_files_without_a_page_are_plain_text_until_the_repository_has_an_address(
    stage, monkeypatch
):
    monkeypatch.setattr(links, "REPOSITORY", "")
    text = (
        "The [licence](../../LICENSE), [`fig1.py`](../../figures/fig1.py) and [a](../running.md)."
    )
    plain = "The licence, `fig1.py` and [a](/docs/running.md)."
    assert links.rewrite(text, "docs/estimators/page.md", stage) == plain


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
