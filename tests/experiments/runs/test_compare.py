"""Two runs: what is the same, what differs, and what is undecided."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments import compare
from experiments.compare import largest_by_chance, verdict, z_score
from experiments.engine.errors import guarded
from experiments.engine.experiment import band, exact, statistical


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (exact(1), exact(1 + 1e-12), "same"),
        (exact(1), exact(1 + 1e-6), "differs"),
        (exact(0, 0, 0.5), exact(0.5, 0, 0.5), "same"),
        (exact(np.nan), exact(np.nan), "same"),
        (exact(1), exact(np.nan), "differs"),
        (statistical(0, 1), statistical(0, 1), "same"),
        (statistical(0, 3), statistical(14.9, 4), "undecided"),
        (statistical(0, 3), statistical(15.1, 4), "differs"),
        (statistical(0, 0), statistical(1, 0), "undecided: no error known"),
        (band(1, 0, 9, "", (0.5, 1.5)), band(3, 0, 9, "", (2.5, 3.5)), "differs: intervals apart"),
        (band(1, 0, 9, "", (0.5, 2.6)), band(3, 0, 9, "", (2.5, 3.5)), "undecided"),
        (band(1, 0, 9, ""), band(3, 0, 9, "", (2.5, 3.5)), "undecided: no error known"),
        (exact(1), statistical(2, 0.1), "undecided: no error known"),
    ],
)
def test_verdicts(a, b, words):
    assert verdict(a, b, largest=3.0) == words


def test_z_is_the_difference_in_standard_errors_of_it():
    assert z_score(statistical(1, 3), statistical(11, 4)) == 2
    assert z_score(statistical(1, 3), statistical(1, 4)) is None


def test_equal_runs_differ_by_chance_in_five_of_a_hundred_comparisons():
    rng = np.random.default_rng(0)
    n_comparisons, n = 2000, 20
    z = np.abs(rng.normal(size=(n_comparisons, n)))
    share = np.mean((z > largest_by_chance(n)).any(axis=1))
    assert abs(share - compare.LEVEL) < 4 * (compare.LEVEL / n_comparisons) ** 0.5
    # The limit for a single number would not do.
    assert np.mean((z > largest_by_chance(1)).any(axis=1)) > 0.5


@pytest.fixture
def two(toy):
    assert toy.run("figure=fig8/smoke") == 0
    assert toy.run("figure=fig8/smoke", "panels.wave.n_points=9") == 0
    return toy


def test_both_tables_are_printed_and_both_pictures_stand_side_by_side(two, capfd):
    other = "smoke/fig8-wave.n_points=9"
    capfd.readouterr()
    assert guarded(lambda given: compare.main(given, two.project), ["fig8/smoke", other]) == 0
    out = capfd.readouterr().out
    assert re.search(r"panels.wave.n_points +11 +9", out)
    assert re.search("wave.maximum .* differs", out) and "numbers agree within" in out
    picture = Path(out.splitlines()[-1])
    with Image.open(picture) as both, Image.open(two.results / "smoke/fig8/fig8.png") as one:
        assert both.width == 2 * one.width
        left = np.asarray(both.convert("RGB"))[: one.height, : one.width]
        np.testing.assert_array_equal(left, np.asarray(one.convert("RGB")))


def test_numbers_of_one_run_alone_are_counted_apart(two, capfd):
    preset = two.project.places[0].configs / "figure" / "fig8" / "smoke.yaml"
    preset.write_text(preset.read_text() + "  more: {experiment: draws}\n")
    assert two.run("figure=fig8/smoke", "seeds=[1]") == 0
    capfd.readouterr()
    runs = ["fig8/smoke", "smoke/fig8-seeds=1"]
    assert guarded(lambda given: compare.main(given, two.project), runs) == 0
    out = capfd.readouterr().out
    assert "numbers agree within their errors. Numbers of one run alone: 1." in out
    assert re.search(r"more.mean .* only in B", out)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (["fig8/smoke", ""], "no run is named"),
        (["fig8/smoke", "smoke/fig8-wave"], "n_points=9\n  fix:"),
        (["fig8/smoke", "nowhere"], "no such run"),
        (["fig7/smoke", "fig8/smoke"], "make figure-7 PRESET=smoke"),
    ],
)
def test_a_wrong_run_is_named(two, capfd, runs, message):
    assert guarded(lambda given: compare.main(given, two.project), runs) == 2
    assert message in capfd.readouterr().err
