"""One display name a method: pictures name methods as the table of looks does."""

import importlib

import pytest

from figures.looks import LOOKS
from scripts.redraw import PROJECT
from tests.drawing.names import strangers, texts

RECORDS = {
    path.stem: (room.figures, path)
    for room in PROJECT.rooms
    for path in sorted((room.folder / "tests/drawn").glob("*.txt"))
}
LABELS = [look.label for look in LOOKS.values()]
KINDS = {
    "fig8_supplement": ("SG", "smoothed"),
    "fig10_supplement": ("SG, other shapes", "smoothed"),
}
"""Names of groups in the keys of some pictures."""


@pytest.mark.parametrize("picture", RECORDS)
def test_pictures_name_methods_as_the_table_does(picture):
    figures, path = RECORDS[picture]
    labels = [look.label for look in importlib.import_module(f"{figures}.looks").LOOKS.values()]
    assert not strangers(path.read_text(), labels, KINDS.get(picture, ()))


@pytest.mark.parametrize(
    "name",
    [
        "SG",
        "SG, detached",
        "SG through",
        "E[SG]",
        "stochastic AD, unbiased",
        "stochastic AD, 4 passes",
        "SG, slope 1/4",
        "SG, broad, slope × 1/4",
        "SG, slope × broad",
        "SG, matched, of the mean response",
        "SG, matched, low noise",
        "sigmoid",
    ],
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
        "SG, slope × 1/4 (broad)",
        "SG, through the reset, slope ×\\xa01/4",
        "SG, through the reset, of each trial's loss",
        "stochastic AD, few flips, 4 × passes",
        "mean field .66 (.98)",
        "SuperSpike",
        "SuperSpike, through",
        "wrong sign of the SG",
    ],
)
def test_names_of_the_table_are_accepted(name):
    assert not strangers(f'  legend "{name}"', LABELS)


def test_texts_are_read_from_records():
    record = "axes | 'a title'\n  x 'SG, matched' linear, ticks '1' '2'\n  text \"neuron's mean\""
    assert [*texts(record)] == ["a title", "SG, matched", "1", "2", "neuron's mean"]
