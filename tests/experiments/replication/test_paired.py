"""What hidden weights contribute in figure 6: intervals, verdicts, and words that quote them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from experiments.replication import paired

ROOT = Path(__file__).parents[3]
NUMBERS = ROOT / "figures" / "reference" / "fig6.npz"
CAPTION = ROOT / "figures" / "captions" / "fig6.md"
NOTES = ROOT / "docs" / "replication_notes.md"


def test_interval_is_that_of_a_paired_t_test():
    one, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 7.0])
    found = paired.ratio(one, other)
    low, high = ttest_1samp(np.log(one / other), 0).confidence_interval()
    np.testing.assert_allclose([found.low, found.high], np.exp([low, high]))
    assert found.value == pytest.approx((6 / 42) ** (1 / 3))


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.5, "lower"), (1.0, "undecided"), (2.0, "higher")]
)
def test_verdict_is_the_side_of_one(factor, verdict):
    spread = np.array([0.9, 1.0, 1.1, 1.0, 1.02])
    assert paired.ratio(factor * spread, np.ones(5)).verdict == verdict


def test_one_seed_gives_no_interval():
    with pytest.raises(ValueError, match="two or more"):
        paired.ratio(np.ones(1), np.ones(1))


def test_frozen_hidden_weights_are_ahead_in_one_comparison_of_six():
    rows = {(row.mode, row.control, row.distance): row.ratio for row in paired.rows(NUMBERS)}
    assert {key for key, ratio in rows.items() if ratio.verdict != "lower"} == {
        ("deterministic", "frozen", "l2")
    }
    assert rows["deterministic", "frozen", "l2"].verdict == "higher"


def test_caption_and_notes_quote_the_numbers():
    caption, notes = CAPTION.read_text(), " ".join(NOTES.read_text().split())
    for row in paired.rows(NUMBERS):
        ratio = row.ratio
        assert str(ratio) in notes
        digits = 2 if row.distance == "van_rossum" else 3
        quoted = "{:.{n}f} [{:.{n}f}, {:.{n}f}]".format(
            ratio.value, ratio.low, ratio.high, n=digits
        )
        assert quoted in " ".join(caption.split()), quoted
