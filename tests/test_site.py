"""The companion site's own parts; that it builds without a warning is what `make site` checks."""

import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from types import ModuleType, SimpleNamespace

import pytest

import snn
from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from figures.captions import caption
from scripts.site import __main__ as site
from scripts.site import links
from scripts.site.figure_pages import compose, deviations

PROJECT = Project()


@pytest.fixture
def stage(tmp_path):
    """Pages of a site, as files for Sphinx."""
    for name in ("docs/gpu.md", "docs/README.md", "docs/estimators/index.md", "docs/figures.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "api").mkdir()
    for module in ("snn.noise", "snn_tools.check"):
        (tmp_path / "api" / f"{module}.rst").touch()
    (tmp_path / "index.md").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[a](../gpu.md#run)", "[a](/docs/gpu.md#run)"),
        ("[a](../figures.md#figure-4)", "[a](../fig4.md)"),
        ("[a](../../beyond/docs/figures.md#figure-9)", "[a](../../beyond/docs/fig9.md)"),
        ("[a](https://hydra.cc)", "[a](https://hydra.cc)"),
        ("[a](#below)", "[a](#below)"),
        ("[a](../../README.md)", "[a](/index.md)"),
        ("[a](../../docs)", "[a](/docs/README.md)"),
        ("[a](../../beyond/docs/figures.md)", "[a](/docs/figures.md)"),
        ("[a](.)", "[a](/docs/estimators/index.md)"),
        ("[a](../../snn/noise.py)", "[a](/api/snn.noise.rst)"),
        ("[a](../../figures/fig1.py)", f"[a]({links.REPOSITORY}/blob/main/figures/fig1.py)"),
        ("[a](../../tools/snn_tools/check.py)", "[a](/api/snn_tools.check.rst)"),
        ("[a](../../configs/figure)", f"[a]({links.REPOSITORY}/tree/main/configs/figure)"),
        ("[a](../../LICENSE)", f"[a]({links.REPOSITORY}/blob/main/LICENSE)"),
        ("[a](../nowhere.md#x)", "[a](../nowhere.md#x)"),
        ("[gpu.md](../gpu.md#run)", "[](/docs/gpu.md#run)"),
        ("[docs/gpu.md](../gpu.md)", "[](/docs/gpu.md)"),
        ("(docs/gpu.md, docs/gpu.md).", "([](/docs/gpu.md), [](/docs/gpu.md))."),
        ("`docs/gpu.md`", "`docs/gpu.md`"),
        ("```python\nx[0](../gpu.md)\n```", "```python\nx[0](../gpu.md)\n```"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(stage, written, becomes):
    assert links.rewrite(written, "docs/estimators/page.md", stage) == becomes


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

        `snn.Surrogate()`, `snn.nothing`, [a link](LINK) and {py:mod}`snn.stats`.

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
"""A site of two pages, with a link to fill in."""


IN_SPHINX = pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API")
"""Between packages: what one uses of the other."""


def built(folder, link):
    """Build it; return Sphinx's status, its warnings and the first page."""
    from sphinx.cmd.build import build_main

    for name, text in TINY.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_text(
            textwrap.dedent(text).strip().replace("LINK", link).replace("HERE", HERE)
        )
    words = ["-W", "--keep-going", "-q", "-w", str(folder / "said"), str(folder / "in")]
    status = build_main([*words, str(folder / "out")])
    return status, (folder / "said").read_text(), (folder / "out/index.html").read_text()


@IN_SPHINX
def test_names_in_sentences_lead_to_where_they_are_defined(tmp_path):
    pytest.importorskip("sphinx")
    status, said, page = built(tmp_path, "api/surrogate.rst")
    assert (said, status) == ("", 0)
    entry = 'href="api/surrogate.html#snn.estimators.surrogate.Surrogate"'
    code = '<code[^>]*><span class="pre">'
    assert re.search(rf"{entry}[^>]*>{code}snn.Surrogate\(\)<", page)
    # A name that there is not, and a heading, lead nowhere.
    assert re.search(rf", {code}snn.nothing<", page)
    assert re.search(rf"<h1>Title of {code}snn.stats", page)


@IN_SPHINX
def test_a_broken_link_fails_and_names_its_page(tmp_path):
    pytest.importorskip("sphinx")
    broken = ["nowhere.md", "api/surrogate.rst#nothing", "api/none.rst"]
    status, said, _ = built(tmp_path, "), [a link](".join(broken))
    assert status and said.count("index.md") == len(broken), said
    assert all(link.rpartition("#")[2] in said for link in broken), said


def test_every_public_name_leads_to_its_entry_and_that_to_its_source():
    """In the site as it was last built."""
    if not (folder := PROJECT.root / "site" / "api").is_dir():
        pytest.skip("without site/ (make site)")
    page = (folder / "snn.html").read_text()
    entry = r'href="([\w.]+html)#([\w.]+)"[^>]*><code[^>]*><span class="pre">(?:snn\.)?(\w+)<'
    found = {name: (file, anchor) for file, anchor, name in re.findall(entry, page)}
    public = {x for x in vars(snn) if x[0] != "_" and not isinstance(vars(snn)[x], ModuleType)}
    assert public <= found.keys()
    for name in public:
        file, anchor = found[name]
        text = (folder / file).read_text()
        module = getattr(snn, name).__module__
        assert f'id="{anchor}"' in text
        assert f'href="../_modules/{module.replace(".", "/")}.html#{name}"' in text, name


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_a_figure_says_where_its_mathematics_is_derived_and_what_to_change(figure):
    said = caption(figure, PROJECT.room(figure).captions)
    absent = {
        'title = "What is shown."': not said.title,
        'derivation = ["docs/PAGE.md"]': not said.derivation,
        "two of [[change]], each with a command and a look": len(said.change) < 2,
    }
    fix = f"figures/captions/{figure}.md, between lines of +++ on top, needs "
    assert not any(absent.values()), fix + "; ".join(name for name in absent if absent[name])


def test_a_misspelled_command_is_refused():
    compose(PROJECT, "make figure-4 ARGS='panels.along_w.beta_surrogate=[10,60]'")
    with pytest.raises(UserError, match="beta_surogate"):
        compose(PROJECT, "make figure-4 ARGS='panels.along_w.beta_surogate=[10,60]'")


def test_deviations_go_to_the_figures_that_they_name():
    notes = "Head.\n\n**Figures 4 and 5**\n\n- one\n- two\n\n**Missing**\n\n- of `fig2.x`\n- else\n"
    notes += "\n**Figure 3**\n\n- three\n\n## Claims\n\nDecided so.\n"
    found = {number: list(deviations(notes, number)) for number in (2, 3, 4)}
    assert found == {2: ["- of `fig2.x`"], 3: ["- three"], 4: ["- one", "- two"]}


def test_two_builds_wait_for_each_other(monkeypatch, tmp_path, capsys):
    seen = []

    def build(*_):
        seen.append("begins")
        time.sleep(0.2)
        seen.append("ends")
        return 0

    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(site, "_build", build)
    folder = str(tmp_path / "site")
    both = [threading.Thread(target=site.main, args=[[folder]]) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert seen == ["begins", "ends"] * 2
    assert f"waiting for another process, which holds {tmp_path}/build" in capsys.readouterr().err


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Builds of a site of one page in no time; returns its folder."""

    def sphinx(build, html, builder):
        html.mkdir()
        (html / "index.html").write_text("new")

    monkeypatch.setattr(site, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(site, "lay_out", lambda stage: None)
    monkeypatch.setattr(site.notebook, "write", lambda folder: None)
    monkeypatch.setattr(site.explorers, "build", lambda folder: None)
    monkeypatch.setattr(site, "_run_sphinx", sphinx)
    return tmp_path / "public" / "site"


def test_to_check_links_builds_nothing(quick, monkeypatch):
    builders = []
    monkeypatch.setattr(site, "_run_sphinx", lambda build, html, builder: builders.append(builder))
    site.main([str(quick), "--links"])
    assert builders == ["linkcheck"] and not quick.exists()


def test_only_a_site_is_replaced(quick):
    site.main([str(quick)])
    (quick / "index.html").write_text("old")
    site.main([str(quick)])
    assert (quick / "index.html").read_text() == "new"
    kept = quick.with_name("thesis") / "chapter.tex"
    kept.parent.mkdir()
    kept.write_text("years of work")
    for other in (kept.parent, kept):
        with pytest.raises(UserError, match="cannot be replaced"):
            site.main([str(other)])
    assert kept.read_text() == "years of work"
    assert {path.name for path in quick.parent.iterdir()} == {".lock", "site", "thesis"}


def test_a_folder_made_during_a_build_is_left(quick, monkeypatch):
    def explorers(folder):
        quick.mkdir(parents=True)
        (quick / "notes.txt").touch()

    monkeypatch.setattr(site.explorers, "build", explorers)
    with pytest.raises(UserError, match="cannot be replaced"):
        site.main([str(quick)])
    assert [path.name for path in quick.iterdir()] == ["notes.txt"]


def test_a_site_among_its_own_sources_is_refused(quick):
    with pytest.raises(UserError, match="which each build empties"):
        site.main([str(site.ROOT / "build" / "site")])


SLOW = """
import sys, time
from pathlib import Path
from experiments.engine.errors import run_command
from scripts.site import __main__ as site

def sphinx(build, html, builder):
    html.mkdir()
    Path(html, "index.html").write_text("half")
    print("building", flush=True)
    time.sleep(60)

site.ROOT = Path(sys.argv.pop())
site.lay_out = site.notebook.write = lambda folder: None
site._run_sphinx = sphinx
run_command(site.main)
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_build_leaves_the_old_site(quick, number, status):
    site.main([str(quick)])
    (quick / "index.html").write_text("old")
    words = [sys.executable, "-c", SLOW, str(quick), str(site.ROOT)]
    process = subprocess.Popen(words, stdout=-1, stderr=-1, text=True)
    with process:
        assert process.stdout.readline() == "building\n"
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == status and "Traceback" not in said
    assert (quick / "index.html").read_text() == "old"
    assert {path.name for path in quick.parent.iterdir()} == {".lock", "site"}


def test_a_notebook_is_executed_where_it_cannot_take_signals_over(monkeypatch):
    """In a thread: nbclient's handlers would stay, and Ctrl-C would end as a fault of Sphinx's."""
    threads = []

    class Client(SimpleNamespace):
        def create_kernel_manager(self):
            return self

        def execute(self):
            threads.append(threading.current_thread())

    made = SimpleNamespace(NotebookClient=lambda *_, **__: Client(), writes=lambda *_, **__: "{}")
    monkeypatch.setitem(sys.modules, "nbclient", made)
    monkeypatch.setitem(sys.modules, "jupytext", made)
    monkeypatch.setattr(site.notebook, "_unexecuted", lambda: SimpleNamespace(cells=[]))
    assert site.notebook.executed() == ("{}", [])
    assert len(threads) == 1 and threads[0] is not threading.main_thread()
