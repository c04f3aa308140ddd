"""Every picture of `make figures`: minutes of computing, then each text is read.

The pictures of the committed numbers and of the smoke preset are read by the usual tests.
"""

import subprocess

import pytest

from experiments.engine.cache import read_numbers
from figures import style
from figures.drawing import draw, pictures
from scripts.gallery import DPI, has_teaser
from scripts.redraw import PROJECT
from tests.legible import covered, outside, recorded, unreadable, written
from tests.torture.runs import command
from tests.tracked import BARE, ROOT


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The folder of results of the paper's figures."""
    results = tmp_path_factory.mktemp("quick")
    subprocess.run(command("all/quick", results), cwd=ROOT, env=BARE, check=True)
    return results / "quick"


@pytest.mark.parametrize("figure", PROJECT.groups["all"])
def test_texts_of_quick_pictures_can_be_read_and_lie_on_nothing(figure, quick, tmp_path):
    data, words = read_numbers(quick / figure / f"{figure}.npz")
    package, all_faults = PROJECT.place(figure).figures, []
    kinds = [(picture, False) for picture in pictures(figure, package)]
    for picture, teaser in [*kinds, *[(figure, True)] * has_teaser(figure)]:
        with recorded() as texts:
            file = [tmp_path / "picture.png"]
            made = draw(picture, data, words, file, package, DPI, teaser=teaser)
        with style.applied():
            faults = [*covered(texts), *outside(texts), *unreadable(written(made))]
        all_faults += [f"{picture}{' (teaser)' * teaser}: {fault}" for fault in faults]
    assert not all_faults, "\n".join(all_faults)
