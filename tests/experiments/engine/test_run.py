"""What a run leaves behind: figure, numbers, provenance; and sweeps."""

import csv
import json

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments.engine.cache import read_numbers


@pytest.fixture
def one_core(monkeypatch):
    """All figures in this process; several: test_together.py."""
    monkeypatch.setattr("experiments.run.cores", lambda: 1)


def record(folder):
    return json.loads((folder / "meta.json").read_text())


def test_publishes_figure_numbers_and_provenance(toy):
    assert toy.run("figure=fig8/smoke", "seeds=[3,4]", "panels.wave.n_points=7") == 0
    folder = toy.results / "smoke" / "fig8-wave.n_points=7+seeds=3,4"
    names = {path.name for path in folder.iterdir()}
    assert names == {"fig8.pdf", "fig8.png", "fig8.npz", "meta.json"}
    data, stamp = read_numbers(folder / "fig8.npz")
    assert data["wave"]["y"].shape == (2, 7)
    assert data["draws"]["x"].shape == (2, 16)
    assert stamp == "preset: smoke   modified: panels.wave.n_points=7, seeds=[3,4]"
    meta = record(folder)
    assert meta["preset"] == "smoke"
    assert meta["overrides"] == ["seeds=[3,4]", "panels.wave.n_points=7"]
    assert meta["config"]["panels"]["draws"]["seeds"] == [3, 4]
    assert meta["summary"]["draws.mean"]["se"] > 0
    assert [part["seed"] for part in meta["panels"]["draws"]] == [3, 4]
    part = meta["panels"]["draws"][0]
    assert part["jax_enable_x64"] and part["jax_threefry_partitionable"]
    assert part["wall_time_s"] >= 0 and part["process_time_s"] >= 0
    assert part["processor"] and part["cores"] >= 1 and part["peak_memory_mb"] > 0
    assert part["packages"]["jax"] and meta["python"] and meta["timestamp"]
    toy.check_whole()


TWO = """# @package _global_
defaults:
  - /figure/fig7/smoke
  - _self_
panels:
  NAME: {experiment: wave, n_points: 7}
"""


def test_what_two_panels_have_in_common_is_computed_once(toy, capfd):
    preset = toy.project.places[0].configs / "figure" / "fig7" / "two.yaml"
    text = TWO.replace("NAME", "again").replace(", n_points: 7", "")
    preset.write_text(text)
    for rest in ([], ["compute=always"]):
        assert toy.run("figure=fig7/two", *rest) == 0
        assert "1 computed, 1 from the cache" in capfd.readouterr().out
    assert len(toy.keys()) == 1


def test_a_misspelled_experiment_is_named_with_the_nearest(toy, capfd):
    preset = toy.project.places[0].configs / "figure" / "fig7" / "smoke.yaml"
    preset.write_text("# @package _global_\npanels: {wave: {experiment: wafe}}\n")
    assert toy.run("figure=fig7/smoke") == 2
    assert "fix:      experiment: wave" in capfd.readouterr().err


@pytest.mark.parametrize("content", ["", "- a list", "defaults:", "a: ["])
def test_a_preset_without_panels_is_a_mistake(toy, capfd, content):
    preset = toy.project.places[0].configs / "figure" / "fig7" / "smoke.yaml"
    preset.write_text(content)
    assert toy.run("figure=fig7/smoke") == 2
    error = capfd.readouterr().err
    assert error.startswith("error: ") and "fig7/smoke" in error and "Traceback" not in error


def test_same_numbers_give_the_same_bytes(ran):
    toy = ran
    folder = toy.results / "smoke" / "fig7"
    first = {path.name: path.read_bytes() for path in folder.glob("fig7.*")}
    toy.run("figure=fig7/smoke")
    assert {path.name: path.read_bytes() for path in folder.glob("fig7.*")} == first
    assert b"CreationDate" not in first["fig7.pdf"]


def test_a_second_run_computes_nothing_and_never_asks_for_a_device(toy, capfd):
    assert toy.run("figure=fig8/smoke") == 0
    assert "2 computed, 0 from the cache" in capfd.readouterr().out
    nowhere = "import os; os.environ['JAX_PLATFORMS'] = 'nowhere'"
    process = toy.spawn("figure=fig8/smoke", before=nowhere)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert "0 computed, 2 from the cache" in out
    assert all(part["cached"] for part in record(toy.results / "smoke/fig8")["panels"]["draws"])


def test_only_what_a_parameter_concerns_is_recomputed(toy, capfd):
    toy.run("figure=fig8/smoke")
    toy.run("figure=fig8/smoke", "panels.wave.n_points=8")
    assert "1 computed, 1 from the cache" in capfd.readouterr().out
    toy.run("figure=fig8/smoke", "seeds=[0,1]")
    assert "1 computed, 2 from the cache" in capfd.readouterr().out


def test_seeds_are_stacked_in_the_order_given(toy):
    alone = []
    for seeds in ("[2]", "[1]", "[2,1]"):
        toy.run("figure=fig8/smoke", f"seeds={seeds}")
        with np.load(toy.results / f"smoke/fig8-seeds={seeds[1:-1]}/fig8.npz") as file:
            alone.append(file["draws/x"])
    np.testing.assert_array_equal(alone[2], np.concatenate(alone[:2]))


def test_compute_always_and_never(ran, capfd):
    toy = ran
    assert toy.run("figure=fig7/smoke", "panels.wave.n_points=17", "compute=never") == 2
    error = capfd.readouterr().err
    assert "fig7 is not in the cache" in error
    assert "compute=never, without wave" in error and "fix:      leave out compute=never" in error
    (key,) = toy.keys()
    path = toy.results / "cache" / f"{key}.npz"
    before = path.stat().st_mtime_ns
    assert toy.run("figure=fig7/smoke", "compute=never") == 0
    assert path.stat().st_mtime_ns == before
    assert toy.run("figure=fig7/smoke", "compute=always") == 0
    assert path.stat().st_mtime_ns > before


def test_multirun_gives_each_run_a_folder_and_a_table(toy, capfd):
    # In a process of its own: Hydra closes the logging handlers of the one that it runs in.
    sweep = toy.spawn("-m", "figure=fig8/smoke", "seeds=[1],[2]", "panels.wave.n_points=5,6")
    sweep.communicate()
    assert sweep.returncode == 0
    (sweep,) = (toy.results / "sweeps").iterdir()
    with (sweep / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    varied = [(row["seeds"], row["panels.wave.n_points"]) for row in rows]
    assert varied == [("[1]", "5"), ("[1]", "6"), ("[2]", "5"), ("[2]", "6")]
    assert rows[0]["draws.mean"] == rows[1]["draws.mean"] != rows[2]["draws.mean"]
    assert float(rows[0]["draws.mean_se"]) > 0 and float(rows[0]["wave.maximum"]) > 0.9
    assert record(sweep / "3")["overrides"] == ["seeds=[2]", "panels.wave.n_points=6"]
    assert not (toy.results / "smoke").exists()
    capfd.readouterr()
    toy.run("figure=fig8/smoke", "seeds=[1,2]", "panels.wave.n_points=6")
    assert "0 computed, 3 from the cache" in capfd.readouterr().out


def test_a_wrong_value_in_a_sweep_is_refused_before_anything_is_computed(toy, capfd):
    assert toy.run("-m", "figure=fig7/smoke", "panels.wave.n_points=12,1") == 2
    assert "fig7: panels.wave.n_points is out of range" in capfd.readouterr().err
    assert not toy.results.exists()


def test_help_lists_the_figures(toy, capfd):
    assert toy.run("--help") == 0
    assert "fig7 fig8" in capfd.readouterr().out


def test_seeds_of_all_figures_are_for_those_with_randomness(toy, one_core, capfd):
    # Data too: neither figure reads any.
    assert toy.run("figure=all/smoke", "seeds=[3,4]", "data.n_test=5") == 0
    assert record(toy.results / "smoke/fig7")["modified"] == []
    seeded = record(toy.results / "smoke/fig8-seeds=3,4")
    assert seeded["config"]["panels"]["draws"]["seeds"] == [3, 4]
    # The values are still checked, by the figures that read them.
    assert toy.run("figure=all/smoke", "seeds=[3,3]") == 2
    assert "every value once" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("panels.draws.n_trials=8", "error: fig7: there is no parameter"),
        ("panels.wave.n_points=2", "panels.wave.n_points is out of range"),
    ],
)
def test_a_mistake_for_one_of_all_figures_names_it(toy, one_core, capfd, override, message):
    assert toy.run("figure=all/smoke", override) == 2
    error = capfd.readouterr().err
    assert message in error and error.count("error: fig") == 1 and "Traceback" not in error
    assert not (toy.results / "smoke" / "fig7").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": np.zeros(3)}, "Wave does not declare an array z: add it to ARRAYS"),
        ({"t": np.zeros((2, 2)), "y": np.zeros((1, 3))}, r"t has axes \(point\), computed shape"),
    ],
)
def test_an_array_that_is_not_as_declared_is_refused(toy, monkeypatch, arrays, message):
    monkeypatch.setattr(Wave, "compute", lambda self, seed: arrays)
    monkeypatch.setattr(Wave, "summary", lambda self, data: {})
    with pytest.raises(TypeError, match=message):
        toy.run("figure=fig7/smoke")
