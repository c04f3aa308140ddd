"""Times stand on one page, which is what was measured; nothing else repeats them."""

import json
import re

import pytest

from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.tables import filled
from scripts import times

PROJECT = Project()
ROOT = PROJECT.root
PRESETS = PROJECT.presets()
MEASURED = json.loads(times.TIMES.read_text())
RECORD = {
    "process_time_s": 1.5,
    "wall_time_s": 2.0,
    "processor": "Abacus",
    "cores": 2,
    "python": "3.11.4",
    "packages": {"jax": "0.10.1"},
}
META = {
    "figure": "fig2",
    "preset": "smoke",
    "modified": [],
    "panels": {"a": [RECORD, RECORD]},
    "checks": {"b": [RECORD]},
}


def test_the_page_is_what_was_measured():
    page = times.PAGE.read_text()
    assert filled(page, times.tables(MEASURED, PRESETS)) == page, "python -m scripts.times"
    assert all(set(names) <= set(PRESETS[figure]) for figure, names in MEASURED["figures"].items())


def test_every_figure_and_preset_has_a_cell_measured_or_not():
    page = times.tables({"figures": {}, "others": {}}, PRESETS)["figures"]
    rows = [line for line in page.splitlines() if line.startswith("| `make figure-")]
    # One dash for each preset, and one for the disk.
    assert [row.count("–") for row in rows] == [len(names) + 1 for names in PRESETS.values()]


def test_runs_are_taken_in_with_their_machine(tmp_path):
    folder = tmp_path / "smoke" / "fig2"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(META))
    found = times.collected(tmp_path, ["fig2"])["fig2"]["smoke"]
    assert (found["process_s"], found["wall_s"]) == (4.5, 6.0)
    assert found["machine"] == "2 cores of Abacus, Python 3.11, jax 0.10.1"
    both = times.merged(MEASURED, times.collected(tmp_path, ["fig2/smoke"]))
    assert both["figures"]["fig2"] == MEASURED["figures"]["fig2"] | {"smoke": found}
    assert "| 4 (6)<sup>" in times.tables(both, PRESETS)["figures"]


OTHER = {**RECORD, "processor": "slide rule"}


@pytest.mark.parametrize(
    "change",
    [
        {"modified": ["seeds=[1]"]},
        {"panels": {"a": [{"wall_time_s": 2.0}]}},
        {"panels": {"a": [OTHER]}},
    ],
)
def test_changed_runs_old_records_and_two_machines_do_not_count(change, tmp_path):
    folder = tmp_path / "smoke" / "fig2"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(META | change))
    with pytest.raises(UserError, match="no times to take in"):
        times.collected(tmp_path, ["fig2"])


def test_only_what_is_named_is_taken_in(tmp_path, monkeypatch):
    for figure, preset in (("fig2", "smoke"), ("fig2", "quick"), ("fig3", "smoke")):
        folder = tmp_path / preset / figure
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps(META | {"figure": figure, "preset": preset}))
    for name in ("TIMES", "PAGE"):
        copy = tmp_path / getattr(times, name).name
        copy.write_text(getattr(times, name).read_text())
        monkeypatch.setattr(times, name, copy)
    monkeypatch.setattr(times, "ROOT", tmp_path)

    def changed(*arguments):
        times.main([*arguments, "--results", str(tmp_path)])
        now = json.loads(times.TIMES.read_text())["figures"]
        was = MEASURED["figures"]
        return [f"{f}/{p}" for f in now for p in now[f] if now[f][p] != was[f].get(p)]

    assert changed() == []
    assert changed("fig2/smoke") == ["fig2/smoke"]
    assert changed("fig2") == ["fig2/quick", "fig2/smoke"]


SECONDS = re.compile(r"\d ?(s|min|h|hours|days|seconds|minutes)\b|CPU")


def test_no_other_page_and_no_preset_says_how_long_a_figure_takes():
    for path in sorted((ROOT / "configs" / "figure").glob("*/*.yaml")):
        comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
        assert not SECONDS.search("\n".join(comments)), path
    for name in ("docs/figures.md", "docs/artifact.md"):
        text = (ROOT / name).read_text()
        lines = [line for line in text.splitlines() if line.startswith("|") and "make " in line]
        assert lines and not SECONDS.search("\n".join(lines)), name
    for name in ("README.md", "docs/artifact.md"):
        assert "times.md" in (ROOT / name).read_text()
