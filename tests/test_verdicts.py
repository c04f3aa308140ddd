"""Filled and hollow markers: one rule for all figures, in the same words."""

import re

import numpy as np
import pytest

from experiments.speech import resets
from experiments.speech.resets import ResetsTrained
from figures import fig7_supplement
from figures.captions import caption
from figures.verdicts import HOLLOW, RULE, decided, names_rule
from scripts.redraw import PROJECT, read_numbers

RECORDS = sorted(p for room in PROJECT.rooms for p in (room.folder / "tests/drawn").glob("*.txt"))
WHITE_MARKER = re.compile(r"Line2D.* marker (?:[^.,]) [\d.]+ #ffffff #(?!ffffff)")


def has_hollow(record: str) -> bool:
    return bool(WHITE_MARKER.search(record))


def test_an_interval_beside_the_line_or_between_the_margins_decides():
    low = [0.1, -0.2, -0.1, -0.5, np.nan, -np.inf]
    high = [0.3, -0.1, 0.2, 0.5, np.nan, -1]
    assert decided([low, high], 0).tolist() == [True, True, False, False, False, False]
    between = decided([low, high], 0, (-0.3, 0.3)).tolist()
    assert between == [True, True, True, False, False, False]
    # An interval that ends on the line does not lie beside it.
    assert not decided([0.0, 1.0], 0)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_pictures_with_hollow_markers_explain_them_in_the_words_of_the_rule(path):
    words = caption(path.stem, PROJECT.room(path.stem.partition("_")[0]).captions).body
    assert has_hollow(path.read_text()) == names_rule(words)
    # Nothing else is called hollow or filled.
    assert words.count("hollow") == words.count(HOLLOW) and "filled:" not in words


def test_other_words_for_hollow_markers_are_found():
    assert has_hollow("  Line2D marker o 4.5 #ffffff #00667a; x 0.8; y 1")
    assert not has_hollow("  Line2D marker o 4.5 #00667a #333333; x 0.8; y 1")
    assert not names_rule("(hollow: p is not small)") and not names_rule("filled: decided by Holm")
    assert names_rule("hollow: undecided by Holm's procedure over six\ncomparisons")
    assert names_rule("hollow: undecided, its 95 % interval meets the dashed line")


def test_panels_call_hollow_markers_undecided():
    written = [path.read_text() for path in RECORDS]
    assert any(HOLLOW in record for record in written)
    for record in written:
        assert record.count("hollow") == record.count(HOLLOW)


def test_pages_of_figures_state_the_rule():
    for room in PROJECT.rooms:
        assert RULE in (room.folder / "docs/figures.md").read_text()


def test_figure_7_decides_on_resets_as_its_claims_do():
    assert fig7_supplement.MARGIN == resets.MARGIN
    data, _ = read_numbers("fig7", PROJECT.reference("fig7"))
    panels = {name: data[name] for name in fig7_supplement.COLUMNS}
    for name, panel in panels.items():
        quantities = ResetsTrained.conclusions({name: panel})
        _, drawn = fig7_supplement.relative_differences(panel)
        for i, mode in enumerate(("deterministic", "stochastic")):
            for j, surrogate in enumerate(panel["surrogates"][0]):
                end = f"relative_through_minus_detached_{mode}_{surrogate}"
                claimed = quantities[f"{name}.{end}"]
                expected = claimed.value, claimed.ci_low, claimed.ci_high
                np.testing.assert_allclose(drawn[i, j], expected, rtol=1e-9)
