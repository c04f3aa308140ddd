"""Pictures are drawn again if they would be other ones, or are not there, and only then."""

import dataclasses
import shutil

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments import publish
from experiments.engine.config import Project, Run


def test_a_picture_that_is_there_already_stays(ran, capfd, monkeypatch):
    folder = ran.results / "smoke/fig7"

    def draws(*overrides: str) -> bool:
        assert ran.run("figure=fig7/smoke", *overrides) == 0
        ran.check_whole()
        return "nothing to draw again" not in capfd.readouterr().out

    png, renderer = folder / "fig7.png", ran.root / "toyfigs/fig7.py"
    assert not draws()
    before = png.read_bytes()
    assert not draws("compute=always")
    renderer.write_text(renderer.read_text() + "# another\n")
    assert draws() and not draws()
    png.unlink()
    assert draws() and png.read_bytes() == before
    png.write_bytes(before[:-9] + b"x" * 9)
    assert draws() and png.read_bytes() == before
    (folder / "meta.json").write_text("{")
    assert draws() and not draws()
    compute = Wave.compute
    monkeypatch.setattr(
        Wave,
        "compute",
        lambda self, seed: {name: array**2 for name, array in compute(self, seed).items()},
    )
    assert draws("compute=always") and png.read_bytes() != before


@pytest.mark.parametrize(
    ("file", "old", "new", "changes"),
    [
        ("fig4.py", "\nfrom", "\nSIZE = 2\nfrom", True),
        ("fig4.py", "\nfrom", "\n# a remark\nfrom", True),
        # What another picture is drawn by counts, too.
        ("fig5.py", "\nfrom", "\nSIZE = 2\nfrom", True),
        ("panels/five_weights.py", "\nfrom", "\nSIZE = 2\nfrom", True),
        ("looks.py", "#c24705", "#c24706", True),
        ("style.mplstyle", "savefig.dpi: 200", "savefig.dpi: 100", True),
        ("captions/fig4.md", "\n# ", "\n# Nearly always ", True),
        ("captions/fig4.md", "**a** ", "**a** Panel: ", False),
    ],
)
def test_a_picture_depends_on_what_draws_it(copy, file, old, new, changes):
    before = identity(copy)
    source = copy.root / "figures" / file
    text = source.read_text()
    try:
        source.write_text(text.replace(old, new, 1))
        assert source.read_text() != text
        assert (identity(copy) != before) is changes
    finally:
        source.write_text(text)


def test_a_picture_depends_on_its_numbers_its_words_and_matplotlib(copy, monkeypatch):
    others = [
        identity(copy, y=np.nextafter(1, 2)),
        identity(copy, preset="quick"),
    ]
    first = identity(copy)
    monkeypatch.setattr(publish, "package_version", lambda name: "0.1")
    assert len({first, identity(copy), *others}) == 4


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project with figures that may be changed."""
    root = tmp_path_factory.mktemp("figures")
    ignored = shutil.ignore_patterns("__pycache__", "gallery", "reference")
    shutil.copytree(Project().root / "figures", root / "figures", ignore=ignored)
    return dataclasses.replace(Project(), root=root)


def identity(project, y=1.0, preset="paper"):
    run = Run("fig4", preset, (), (), {"panels": {}}, arrays={"along_w": {"y": np.array(y)}})
    return publish.identity("fig4", run, project.place("fig4"))
