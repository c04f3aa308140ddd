"""Figures: one look per estimator, pictures from numbers alone, and a gallery that is not stale."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments import estimators
from experiments.engine.compose import plan
from experiments.engine.registry import Project
from figures import gallery
from figures.drawing import draw, unpack
from figures.looks import FAMILIES, LOOKS, slope_ratio
from figures.redraw import REFERENCE, main
from figures.style import MODES
from scripts.references import SHOWN

FIGURES = sorted(path.stem for path in REFERENCE.glob("*.npz"))
SOURCES = sorted(Path(gallery.__file__).parent.rglob("*.py"))
LISTS = ("estimators", "surrogates", "variants", "methods")
# All that could stand between a checkout of numbers and a picture.
NOT_NEEDED = "jax jaxlib hydra omegaconf scipy optax flax snn experiments".split()


def test_no_two_estimators_look_or_are_called_the_same():
    looks = [(look.color, look.marker, str(look.dashes), look.filled) for look in LOOKS.values()]
    assert len(set(looks)) == len(LOOKS)
    assert len({look.label for look in LOOKS.values()}) == len(LOOKS)
    assert {look.family for look in LOOKS.values()} == set(FAMILIES) - {"other"}


def test_colours_stand_in_the_table_of_looks_and_in_the_style_alone():
    for path in SOURCES:
        if path.name not in ("looks.py", "style.py"):
            assert not re.findall(r"\"#[0-9a-fA-F]{3,8}\"", path.read_text()), path


def test_names_that_sources_look_up_are_in_the_table():
    for path in SOURCES:
        assert set(re.findall(r"LOOKS\[\"([^\"]+)\"\]", path.read_text())) <= set(LOOKS), path


@pytest.mark.parametrize("comparison", [estimators.LAYERS, estimators.ATLAS])
def test_estimators_of_the_comparisons_have_a_look(comparison):
    assert set(estimators.compared(comparison)) <= set(LOOKS)


@pytest.mark.parametrize("figure", ["fig3", "fig8", "fig9"])
def test_reference_numbers_name_estimators_of_the_catalogue(figure):
    with np.load(REFERENCE / f"{figure}.npz") as file:
        lists = [file[key] for key in file if key.split("/")[-1] in LISTS]
    assert lists
    listed = {str(name) for names in lists for name in names.ravel()}
    # Some trainings have another budget than the others.
    assert {name.removesuffix("_one").removesuffix("_more") for name in listed} <= set(
        estimators.CATALOGUE
    )


def test_slopes_stand_in_names_as_numbers():
    assert slope_ratio("surrogate_x0.25") == ("surrogate", 0.25)
    assert slope_ratio("surrogate_through_x4") == ("surrogate_through", 4.0)
    assert slope_ratio("surrogate_box") == ("surrogate_box", 1.0)
    for name in estimators.CATALOGUE:
        base, ratio = slope_ratio(name)
        if ratio != 1:
            made, matched = (estimators.estimator(n, beta=3.0) for n in (name, base))
            assert made.derivative.beta == ratio * matched.derivative.beta
            assert made.reset is matched.reset


@pytest.mark.parametrize("figure", ["fig7", "fig8", "fig9"])
def test_reference_numbers_have_what_follows_from_all_seeds(figure):
    with np.load(REFERENCE / f"{figure}.npz") as file:
        data = unpack(file)[0]
    choice = f"figure={figure}/{SHOWN.get(figure, 'paper')}"
    for panel, experiment in plan(Project(), [choice]).root.panels.items():
        for name, array in experiment.pooled(data[panel]).items():
            if array.dtype.kind in "US":
                np.testing.assert_array_equal(data[panel][name], array)
            else:
                np.testing.assert_allclose(data[panel][name], array, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("figure", FIGURES)
def test_reference_numbers_give_the_gallery(figure, tmp_path):
    with np.load(REFERENCE / f"{figure}.npz") as file:
        data, stamp = unpack(file)
    # What is shown is the paper's preset or says which one it is; nothing is modified.
    assert stamp == (f"preset: {SHOWN[figure]}" if figure in SHOWN else "")
    drawn = tmp_path / "figure.png"
    draw(figure, data, stamp, [drawn], dpi=gallery.DPI)
    with Image.open(drawn) as new, Image.open(gallery.GALLERY / f"{figure}.png") as shown:
        new, shown = gallery.reduced(new).astype(int), np.asarray(shown).astype(int)
    assert shown.shape[1] == gallery.WIDTH
    assert shown.shape == new.shape, "make gallery"
    # Letters may be drawn otherwise by another matplotlib; a stale panel is not as small as that.
    assert np.mean(np.abs(new - shown).max(axis=-1) > 64) < 2e-3, "make gallery"


def test_the_gallery_has_the_exact_colours():
    with Image.open(gallery.GALLERY / "fig6.png") as image:
        dots = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for color in MODES.values():
        exact = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.all(dots == exact, axis=1).sum() > 100


def test_packing_keeps_every_dot(tmp_path):
    dots = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    path = tmp_path / "dots.png"
    gallery.pack(dots, path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), dots)
    assert list(tmp_path.iterdir()) == [path]


BLOCKED = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {NOT_NEEDED!r}:
            raise ImportError(name + " is not needed to draw")
sys.meta_path.insert(0, Block())
from figures.redraw import main
sys.exit(main(sys.argv[1:]))
"""


def redrawn(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))


def test_a_figure_is_redrawn_by_numpy_and_matplotlib_alone(tmp_path):
    target = tmp_path / "new" / "figure.pdf"
    done = redrawn(7, REFERENCE / "fig7.npz", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(target)]
    assert target.read_bytes().startswith(b"%PDF")
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["12"], ("no such figure", "one of fig1, fig2")),
        (["4", "nowhere/fig4.npz"], ("no file nowhere/fig4.npz", "make figure-4")),
        (["4", "figure.gif"], ("figure.gif", "figure.pdf")),
        (["4", str(REFERENCE / "fig5.npz"), "{tmp}/a.png"], ("not the numbers of fig4", "'plane'")),
    ],
)
def test_what_cannot_be_redrawn_is_refused_in_words(arguments, said, tmp_path, capsys):
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in said), error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())
