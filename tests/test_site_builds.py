"""Builds of the site: they replace only a site, and leave no half of one."""

import signal
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from experiments.engine.errors import UserError
from scripts.site import __main__ as site
from tests.test_docs import blocks


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
    assert {path.name for path in quick.parent.iterdir()} == {"site", "thesis"}


def test_a_folder_made_during_a_build_is_left(quick, monkeypatch):
    def explorers(folder):
        quick.mkdir(parents=True)
        (quick / "notes.txt").touch()

    monkeypatch.setattr(site.explorers, "build", explorers)
    with pytest.raises(UserError, match="cannot be replaced"):
        site.main([str(quick)])
    assert [path.name for path in quick.iterdir()] == ["notes.txt"]


def test_a_folder_named_build_is_left(quick):
    kept = site.ROOT / "build" / "html" / "mine.txt"
    kept.parent.mkdir(parents=True)
    kept.touch()
    site.main([str(quick)])
    assert kept.exists()


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


def test_an_interrupted_build_leaves_the_old_site(quick):
    site.main([str(quick)])
    (quick / "index.html").write_text("old")
    words = [sys.executable, "-c", SLOW, str(quick), str(site.ROOT)]
    process = subprocess.Popen(words, stdout=-1, stderr=-1, text=True)
    with process:
        assert process.stdout.readline() == "building\n"
        process.send_signal(signal.SIGINT)
        output = process.stderr.read()
    assert process.returncode == -signal.SIGINT and "Traceback" not in output
    assert (quick / "index.html").read_text() == "old"
    assert {path.name for path in quick.parent.iterdir()} == {"site"}


def test_a_notebook_is_executed_where_it_cannot_take_signals_over(monkeypatch):
    """In a thread: nbclient's handlers would stay, and Ctrl-C would end as a fault of Sphinx's."""
    threads = []

    class Client(SimpleNamespace):
        def create_kernel_manager(self):
            return self

        def execute(self):
            threads.append(threading.current_thread())

    built = SimpleNamespace(NotebookClient=lambda *_, **__: Client(), writes=lambda *_, **__: "{}")
    monkeypatch.setitem(sys.modules, "nbclient", built)
    monkeypatch.setitem(sys.modules, "jupytext", built)
    monkeypatch.setattr(site.notebook, "_unexecuted", lambda: SimpleNamespace(cells=[]))
    assert site.notebook.executed() == ("{}", "", [])
    assert len(threads) == 1 and threads[0] is not threading.main_thread()


def test_the_site_shows_what_its_tutorial_prints_and_no_other_numbers(monkeypatch, tmp_path):
    page = site.notebook.PAGE.read_text()
    shown = "".join(text for _, text in blocks(page) if text)
    pictures = [b"picture"] * page.count(".png)")
    monkeypatch.setitem(sys.modules, "jupytext", SimpleNamespace())
    monkeypatch.setattr(site.notebook, "executed", lambda: ("{}", shown, pictures))
    site.notebook.write(tmp_path)
    assert (tmp_path / "tutorial" / f"{len(pictures)}.png").read_bytes() == b"picture"
    other = ("{}", shown.replace("0.0032", "0.0033"), pictures)
    monkeypatch.setattr(site.notebook, "executed", lambda: other)
    with pytest.raises(UserError, match="shows other numbers"):
        site.notebook.write(tmp_path)
