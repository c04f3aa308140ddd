"""Figures beyond the paper, drawn from the numbers of extreme but legal parameters."""

import pytest

from beyond.tests.variations import CASES
from scripts.redraw import PROJECT
from tests.figure_variations.test_figure_variations import faults_of, pictures_of

ROOM = PROJECT.room("fig8")


@pytest.mark.parametrize(("picture", "name"), pictures_of(ROOM, CASES))
def test_a_figure_survives_its_parameters(picture, name):
    faults = faults_of(picture, ROOM, CASES[picture.partition("_")[0]][name])
    assert not faults, "\n".join(faults)


def test_every_figure_is_varied():
    assert set(CASES) == set(ROOM.figures_in())
