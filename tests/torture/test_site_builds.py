"""Builds of the site: they replace only a site, and leave no half of one."""

import pytest

from experiments.engine.errors import UserError
from scripts.site import __main__ as site


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Builds of a site of one page in no time; returns its folder."""

    def sphinx(build, html, builder):
        html.mkdir()
        (html / "index.html").write_text("new")

    monkeypatch.setattr(site, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(site, "lay_out", lambda stage: None)
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


def test_a_folder_named_build_is_left(quick):
    kept = site.ROOT / "build" / "html" / "mine.txt"
    kept.parent.mkdir(parents=True)
    kept.touch()
    site.main([str(quick)])
    assert kept.exists()


def test_a_build_says_what_it_does_before_the_minutes_that_it_takes(quick, capsys, monkeypatch):
    said = []
    sphinx = site._run_sphinx
    monkeypatch.setattr(site, "lay_out", lambda stage: said.append(capsys.readouterr().out))

    def recorded(*arguments):
        said.append(capsys.readouterr().out)
        sphinx(*arguments)

    monkeypatch.setattr(site, "_run_sphinx", recorded)
    site.main([str(quick)])
    assert "writing the pages" in said[0] and "Sphinx" in said[1] and "minutes" in said[1]
