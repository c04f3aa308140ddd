"""What hidden weights gain in figure 6: intervals, verdicts, and words that quote them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from experiments.engine.registry import Project
from experiments.replication.committed import hidden_weights
from experiments.replication.relations import interval_below
from experiments.spike_timing import control

ROOT = Path(__file__).parents[3]
CAPTION = ROOT / "figures" / "captions" / "fig6.md"
NOTES = ROOT / "docs" / "replication_notes.md"


def test_interval_is_that_of_a_paired_t_test():
    one, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 7.0])
    found = control.ratio(one, other)
    interval = ttest_1samp(np.log(one / other), 0).confidence_interval()
    np.testing.assert_allclose(found.interval, np.exp(interval))
    assert found.mean == pytest.approx((6 / 42) ** (1 / 3))


@pytest.mark.parametrize(
    ("factor", "verdict", "holds"),
    [(0.5, "lower", True), (1.0, "undecided", None), (2.0, "higher", False)],
)
def test_verdict_is_the_side_of_one(factor, verdict, holds):
    spread = np.array([0.9, 1.0, 1.1, 1.0, 1.02])
    found = control.ratio(factor * spread, np.ones(5))
    assert found.verdict == verdict
    assert interval_below(1).holds(found.quantity) is holds


def test_one_seed_decides_nothing():
    found = control.ratio(np.array([0.5]), np.ones(1))
    assert found.verdict == "undecided"
    assert interval_below(1).holds(found.quantity) is None


def test_frozen_hidden_weights_are_ahead_in_one_comparison_of_six():
    verdicts = {name: ratio.verdict for name, ratio in hidden_weights(Project()).items()}
    assert len(verdicts) == 6
    assert verdicts.pop("deterministic_frozen.l2") == "higher"
    assert set(verdicts.values()) == {"lower"}


def test_caption_and_notes_quote_the_numbers():
    caption, notes = (" ".join(path.read_text().split()) for path in (CAPTION, NOTES))
    for name, ratio in hidden_weights(Project()).items():
        assert str(ratio) in notes
        digits = 2 if name.endswith("van_rossum") else 3
        low, high = ratio.interval
        quoted = f"{ratio.mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
        assert quoted in caption, quoted
