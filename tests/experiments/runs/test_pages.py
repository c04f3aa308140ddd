"""The page of one run or two: what it says, and that it needs no other file."""

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from experiments.engine.errors import guarded
from experiments.runs import compare
from experiments.runs.pages import markdown
from tests.experiments.conftest import TOY, copied

WIDE = "results/smoke/fig8-wave.n_points=7"


class Page(HTMLParser):
    """Addresses that a page asks for, and whether every tag is closed."""

    def __init__(self, path):
        super().__init__()
        self.asked, self.linked, self.open = [], [], []
        self.text = path.read_text()
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.asked += [attrs[name] for name in ("src",) if name in attrs]
        self.linked += [attrs[name] for name in ("href",) if name in attrs]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A preset and a run of one's own, and one that was refused."""
    toy = copied(TOY, tmp_path_factory.mktemp("runs") / "toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(toy.root)
        assert toy.run("figure=fig8/smoke", "seeds=[1,2]", "name=<b>") == 2
        assert toy.run("figure=fig8/smoke") == 0
        assert toy.run("figure=fig8/smoke", "panels.wave.n_points=7") == 0
    return toy


@pytest.fixture
def runs(whole, tmp_path, monkeypatch):
    """A copy of them, from the project's folder."""
    toy = copied(whole.root, tmp_path / "toy")
    monkeypatch.chdir(toy.root)
    return toy


def command(toy, *arguments):
    return guarded(lambda given: compare.main(given, toy.project), list(arguments))


def last(out):
    return out.splitlines()[-1]


def test_comparison_stands_in_one_file(runs, capfd):
    assert runs.run("figure=fig8/smoke", "seeds=[1,2]", "name=two") == 0
    capfd.readouterr()
    assert command(runs, "fig8/smoke", "results/smoke/fig8-two/fig8.png") == 0
    out = capfd.readouterr().out
    assert re.search(r"^seeds +\[0\] +\[1, 2\]$", out, re.MULTILINE)
    assert re.search(r"^draws.mean .* ± .* (undecided|differs)$", out, re.MULTILINE)
    assert "Panels with the same arrays to the last bit: wave." in out
    page = Page(runs.root / last(out))
    assert not page.open and not page.linked
    assert len(page.asked) >= 2 and all(source.startswith("data:") for source in page.asked)
    assert "draws.mean" in page.text
    assert "z is a guide, not a test" not in out
    assert runs.run("figure=fig8/smoke", "panels.draws.n_trials=8") == 0
    command(runs, "smoke/fig8", "smoke/fig8-draws.n_trials=8")
    assert "z is a guide, not a test" in capfd.readouterr().out
    assert command(runs, WIDE, WIDE) == 0
    out = capfd.readouterr().out
    assert "no parameter differs" in out and "no number differs" in out


CHECKED = """# @package _global_
defaults:
  - /figure/fig7/smoke
  - _self_
checks: {other: {experiment: wave}}
"""


def test_the_arrays_of_checks_are_compared(runs, capfd):
    """Without their arrays, all checks of equal names would be the same."""
    (runs.project.rooms[0].configs / "figure" / "fig7" / "checked.yaml").write_text(CHECKED)
    assert runs.run("figure=fig7/checked") == 0
    assert runs.run("figure=fig7/checked", "checks.other.frequency=3", "name=faster") == 0
    assert command(runs, "fig7/checked", "checked/fig7-faster") == 0
    assert "Panels with the same arrays to the last bit: wave." in capfd.readouterr().out


MISTAKES = [
    (["fig8/smoke", ""], "no run is named"),
    (["fig8/smoke", "nowhere"], "no such run"),
    (["fig8/smoke", WIDE[:-1] + "9"], f"make compare A=results/smoke/fig8 B={WIDE}"),
    ([WIDE[:-1] + "9", "fig8/smoke"], f"make compare A={WIDE} B=fig8/smoke"),
    (["results/smoke/fig8-wave.n_points=9"], f"make compare A={WIDE}"),
    (["fig8/smoke", "fig7/smoke"], "runs of different figures"),
    (["fig9/smoke"], "make figure-9 PRESET=smoke"),
    (["results/paper/fig8", WIDE], "make figure-8 PRESET=paper"),
]


def test_one_run_is_compared_with_its_preset_and_mistakes_are_one_message(runs, capfd):
    assert command(runs, WIDE) == 0
    out = capfd.readouterr().out
    assert re.search(r"^panels.wave.n_points +11 +7$", out, re.MULTILINE)
    page = Page(runs.root / last(out))
    assert not page.open and all(source.startswith("data:") for source in page.asked)
    assert "wave.maximum" in page.text and "hash of the numbers" in page.text
    runs.run("figure=fig7/smoke")
    before = runs.files()
    for arguments, message in MISTAKES:
        assert command(runs, *arguments) == 2
        error = capfd.readouterr().err
        assert message in error and "fix:" in error and "Traceback" not in error
    assert runs.files() == before


def changed_record(**changes):
    def change(folder, other):
        meta = json.loads((folder / "meta.json").read_text())
        (folder / "meta.json").write_text(json.dumps(meta | changes))

    return change


DAMAGES = {
    "no numbers": lambda folder, other: (folder / "fig8.npz").unlink(),
    "another's": lambda folder, other: shutil.copy(other / "fig8.npz", folder),
    "an older record": lambda folder, other: (folder / "meta.json").write_text(
        '{"figure": "fig8"}'
    ),
    "another record": changed_record(files={}, figure="fig8", panels={"wave": []}),
}


def test_what_is_not_as_it_was_published_is_one_message(runs, tmp_path, capfd):
    folder, other = runs.results / "smoke" / "fig8", runs.root / WIDE
    shutil.copytree(folder, tmp_path / "whole")
    for name, damage in DAMAGES.items():
        damage(folder, other)
        for arguments in (["fig8/smoke"], [WIDE, str(folder)]):
            assert command(runs, *arguments) == 2, name
            error = capfd.readouterr().err
            assert "results/smoke/fig8: " in error, name
            assert "fix:" in error and "Traceback" not in error, name
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "whole", folder)
    assert command(runs, "fig8/smoke") == 0


def test_a_foreign_record_puts_nothing_into_a_page(runs, capfd):
    """A record that is whole, with a tag in every text of it, and in the folder's name."""
    tag = "<script>alert(1)</script>"

    def tagged(value):
        if isinstance(value, dict):
            return {key: tagged(of) for key, of in value.items()}
        if isinstance(value, list):
            return [*map(tagged, value), *([tag] if all(isinstance(x, str) for x in value) else [])]
        return value + tag if isinstance(value, str) else value

    own = runs.root / WIDE
    record = json.loads((own / "meta.json").read_text())
    kept = ("figure", "preset", "config", "panels", "checks", "summary", "files")
    foreign = tagged(record) | {name: record[name] for name in kept}
    foreign["config"]["name"] = foreign["config"]["panels"]["wave"]["shape"] = tag
    foreign["summary"][tag.replace("/", "")] = record["summary"]["wave.maximum"]
    folder = own.with_name(f"fig8-{tag.replace('/', '')}")
    shutil.copytree(own, folder)
    (folder / "meta.json").write_text(json.dumps(foreign))
    assert command(runs, str(folder)) == 0
    assert command(runs, str(folder), "fig8/smoke") == 0
    pages = list(runs.results.glob("reports/*.html"))
    assert len(pages) == 2
    for page in pages:
        text = page.read_text()
        assert "&lt;script&gt;" in text and "<script" not in text.lower(), page


def test_captions_become_html():
    html = markdown("**a** slope $\\beta$ & `x < 1`: $+0.026$ \\$")
    assert html.startswith("<p><strong>a</strong> slope <img")
    assert html.count("data:image/svg+xml") == 2 and "<code>x &lt; 1</code>" in html
