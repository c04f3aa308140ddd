"""The companion site's own parts; that it builds without a warning is what `make site` checks."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from figures.captions import caption
from scripts.site import __main__ as site
from scripts.site import api, check
from scripts.site.figure_pages import compose, deviations
from scripts.site.links import Links

PROJECT = Project()


@pytest.fixture
def links(tmp_path):
    pages = {"docs/gpu.md": "gpu", "docs/README.md": "overview"}
    return Links(tmp_path, pages, {"snn.estimators.surrogate.Surrogate"})


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[a](gpu.md#run)", "[a](../gpu.md#run)"),
        ("[a](figures.md#figure-4)", "[a](../figures/fig4.md)"),
        ("[a](https://hydra.cc)", "[a](https://hydra.cc)"),
        ("[a](../experiments/speech)", "[a](../code/experiments/speech.md)"),
        ("![a](../figures/gallery/fig1.png)", "![a](/figures/gallery/fig1.png)"),
        ("`snn.Surrogate()`", "{py:obj}`snn.Surrogate() <snn.estimators.surrogate.Surrogate>`"),
        ("`snn.nothing`", "`snn.nothing`"),
        ("[gpu.md](gpu.md#run)", "[](../gpu.md#run)"),
        ("[docs/gpu.md](gpu.md)", "[](../gpu.md)"),
        ("(docs/gpu.md, docs/gpu.md).", "([](../gpu.md), [](../gpu.md))."),
        ("`docs/gpu.md`", "`docs/gpu.md`"),
        ("```python\nx[0](gpu.md)\n```", "```python\nx[0](gpu.md)\n```"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(links, written, becomes):
    assert links.rewrite(written, "docs/README.md", "estimators/page") == becomes


def test_a_broken_link_names_its_page(links):
    with pytest.raises(UserError, match=r"(?s)page gpu links .*docs/nowhere.md"):
        links.rewrite("[a](nowhere.md)", "docs/gpu.md", "gpu")


def test_every_public_name_has_an_entry():
    assert {"snn.estimators.surrogate.Surrogate", "snn.escape.Sigmoid"} <= api.documented()


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


def page(folder: Path, body: str) -> list[str]:
    (folder / "index.html").write_text(f"<html><body>{body}</body></html>")
    return check.faults(folder)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<a href='index.html#a' id='a'>x</a>", ""),
        ("<a href='other.html'>x</a>", "links to other.html, which does not exist"),
        ("<a href='index.html#b'>x</a>", "links to index.html#b, which has no such anchor"),
        ("<script src='https://x.org/y.js'></script>", "loads https://x.org/y.js from another"),
        ("<link rel='icon' href='data:,'>", ""),
        ("<pre>make figure-4 PRESET=quick</pre>", ""),
        ("<pre>make figur-4</pre>", "no such command: make figur-4"),
        ("<code>python -m experiments.nothing</code>", "python -m experiments.nothing"),
        ("x" * 1_800_000, "weighs 1.80 MB"),
    ],
)
def test_the_check_finds_what_is_wrong(tmp_path, body, fault):
    found = page(tmp_path, body)
    assert len(found) == bool(fault)
    assert fault in "".join(found)


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

    def sphinx(build, html):
        html.mkdir()
        (html / "index.html").write_text("new")

    monkeypatch.setattr(site, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(site, "lay_out", lambda stage: None)
    monkeypatch.setattr(site.notebook, "write", lambda folder: None)
    monkeypatch.setattr(site.explorers, "build", lambda folder: None)
    monkeypatch.setattr(site, "_run_sphinx", sphinx)
    return tmp_path / "public" / "site"


def test_only_a_site_is_replaced(quick):
    assert site.main([str(quick)]) == 0
    (quick / "index.html").write_text("old")
    assert site.main([str(quick)]) == 0
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

def sphinx(build, html):
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
    assert site.main([str(quick)]) == 0
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
