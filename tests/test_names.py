"""One display name a method: pictures name methods as the table of looks does."""

import pytest

from figures.looks import LOOKS
from scripts.redraw import PROJECT
from tests.drawing.names import strangers, texts

RECORDS = sorted((PROJECT.rooms[0].folder / "tests/drawn").glob("*.txt"))
LABELS = [look.label for look in LOOKS.values()]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_pictures_name_methods_as_the_table_does(path):
    assert not strangers(path.read_text(), LABELS)


@pytest.mark.parametrize(
    "name", ["SG", "SG, detached", "SG through", "E[SG]", "stochastic AD, unbiased", "sigmoid"]
)
def test_another_name_is_found(name):
    assert strangers(f"  Line2D #b98d00 1; x [9] 1; y [9] 1 '{name}'", LABELS) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "SG, matched",
        "E[SG, matched]",
        "SG, matched:\\n$\\\\beta p(1-p)$",
        "stochastic AD,\\nfew flips (2)",
        "SG, slope × 1/4",
        "SuperSpike",
        "wrong sign of the SG",
    ],
)
def test_names_of_the_table_are_accepted(name):
    assert not strangers(f"  legend '{name}'", LABELS)


def test_texts_are_read_from_records():
    record = "axes | 'a title'\n  x 'SG, matched' linear, ticks '1' '2'\n  text \"neuron's mean\""
    assert [*texts(record)] == ["a title", "SG, matched", "1", "2", "neuron's mean"]
