"""Times stand on one page; nothing else repeats them."""

import re

from experiments.engine.configure.registry import Project

<<<<<<< HEAD
PROJECT = Project()
ROOT = PROJECT.root
PRESETS = PROJECT.presets()
MEASURED = json.loads(times.TIMES.read_text())
PART = {
    "process_time_s": 1.5,
    "wall_time_s": 2.0,
    "processor": "Abacus",
    "cores": 2,
    "python": "3.11.4",
    "packages": {"jax": "0.10.1"},
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Publish a run in a checkout of its own, which is all that there is."""
    runs = {}

    def run(name, *parts):
        figure, preset = name.split("/")
        folder = tmp_path / "results" / preset / figure
        folder.mkdir(parents=True)
        (folder / "numbers").write_bytes(bytes(250_000))
        panels = {"a": Panel("", {}, parts[:2]), "b": Panel("", {}, parts[2:])}
        runs[folder] = Record(RunRequest(figure, preset, (), (), {}), panels, folder=folder)

    monkeypatch.setattr(times, "read_meta", lambda folder, otherwise: runs.get(folder))
    for name in ("TIMES", "PAGE"):
        copy = tmp_path / getattr(times, name).name
        copy.write_text(getattr(times, name).read_text())
        monkeypatch.setattr(times, name, copy)
    monkeypatch.setattr(times, "ROOT", tmp_path)
    return run


@pytest.mark.skipif(not (ROOT / "beyond").is_dir(), reason="measured figures are taken away")
def test_the_page_is_what_was_measured():
    page = times.PAGE.read_text()
    assert filled(page, times.tables(MEASURED, PRESETS)) == page, "python -m scripts.times"
    measured = {name for name in MEASURED if re.match(r"fig\d+/", name)}
    assert measured <= {f"{figure}/{name}" for figure in PRESETS for name in PRESETS[figure]}


def test_every_figure_and_preset_has_a_cell_measured_or_not():
    page = times.tables({}, PRESETS)["figures"]
    rows = [line for line in page.splitlines() if line.startswith("| `make figure-")]
    # One dash for each preset, and one for the disk.
    assert [row.count("–") for row in rows] == [len(names) + 1 for names in PRESETS.values()]


def test_runs_are_taken_in_with_their_machine(made):
    made("fig2/smoke", PART, PART, PART)
    times.main(["fig2"])
    machine = "2 cores of Abacus, Python 3.11, jax 0.10.1"
    actual = {"process_s": 4.5, "wall_s": 6.0, "machine": machine, "disk_mb": 0.2}
    assert json.loads(times.TIMES.read_text()) == MEASURED | {"fig2/smoke": actual}
    assert (
        "| 4 (6)<sup>" in times.PAGE.read_text() and f"- {machine}<sup>" in times.PAGE.read_text()
    )


@pytest.mark.parametrize("parts", [(), (PART, {**PART, "processor": "slide rule"})])
def test_no_run_and_a_run_on_two_machines_do_not_count(parts, made):
    if parts:
        made("fig2/smoke", *parts)
    with pytest.raises(UserError, match="no times to take in"):
        times.main(["fig2"])


def test_only_what_is_named_is_taken_in(made):
    for name in ("fig2/smoke", "fig2/quick", "fig3/smoke"):
        made(name, PART)

    def changed(*arguments):
        times.main(arguments)
        now = json.loads(times.TIMES.read_text())
        return [name for name in now if now[name] != MEASURED.get(name)]

    assert changed() == []
    assert changed("fig2/smoke") == ["fig2/smoke"]
    assert changed("fig2") == ["fig2/quick", "fig2/smoke"]
=======
ROOT = Project().root
>>>>>>> 69c3b000 (Times are a page written by hand; redrawn numbers are compared with the committed panels; tests of inputs edited during a run)


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
