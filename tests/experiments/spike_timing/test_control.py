"""What hidden weights gain in figure 6: intervals, verdicts, and words that quote them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays
from experiments.replication.relations import interval_below
from experiments.spike_timing import control

ROOT = Path(__file__).parents[3]
CAPTION = ROOT / "figures" / "captions" / "fig6.md"


@pytest.mark.parametrize(
    ("factor", "verdict", "holds"),
    [(0.5, "lower", True), (1.0, "undecided", None), (2.0, "higher", False)],
)
def test_verdict_is_the_side_of_one(factor, verdict, holds):
    spread = np.array([0.9, 1.0, 1.1, 1.0, 1.02])
    actual = control.ratio(factor * spread, np.ones(5))
    assert actual.verdict == verdict
    assert interval_below(1).holds(actual.quantity) is holds


def test_one_seed_decides_nothing():
    actual = control.ratio(np.array([0.5]), np.ones(1))
    assert actual.verdict == "undecided"


def test_holm_decides_by_interval_as_by_p_value():
    """Against the procedure by hand, on p-values that it treats otherwise than one by one."""
    noise = np.array([-1.0, -0.4, 0.1, 0.3, 1.0])
    shifts = {"a": -2.4, "b": -1.6, "c": 1.15, "d": -1.1, "e": 0.2, "f": -0.1}
    family = {name: control.Ratio(shift + noise) for name, shift in shifts.items()}
    p = {name: ttest_1samp(ratio.logs, 0).pvalue for name, ratio in family.items()}
    assert p["a"] < p["b"] < 0.05 / 5 and 0.05 / 4 < p["c"] < p["d"] < 0.05
    actual = control.holm(family)
    verdicts = {name: ratio.verdict for name, ratio in actual.items()}
    assert list(verdicts) == list(shifts)
    assert verdicts == dict.fromkeys(shifts, "undecided") | {"a": "lower", "b": "lower"}
    # One by one, four would be decided; by Bonferroni's rule, one.
    assert {n: r.verdict for n, r in family.items()} == verdicts | {"c": "higher", "d": "lower"}
    assert p["b"] > 0.05 / 6
    for name, ratio in actual.items():
        low, high = ratio.adjusted
        assert (low <= 1 <= high) == (verdicts[name] == "undecided")
        assert low <= ratio.interval[0] and ratio.interval[1] <= high


def test_beside_the_steady_control_hidden_weights_lower_one_distance_of_two():
    actual = control.trained_over_frozen(committed_arrays(Project(), "fig6"))
    assert {name: ratio.verdict for name, ratio in actual.items()} == {
        "deterministic_frozen.van_rossum": "lower",
        "deterministic_frozen.l2": "higher",
        "deterministic_frozen_slow.van_rossum": "lower",
        "deterministic_frozen_slow.l2": "undecided",
        "stochastic_frozen.van_rossum": "lower",
        "stochastic_frozen.l2": "lower",
    }


def test_panels_that_cannot_be_paired_are_not_compared():
    panel = {"last_van_rossum": np.ones(2), "last_l2": np.ones(2)}
    other = {name: np.ones(3) for name in panel}
    assert (
        control.trained_over_frozen({"deterministic": panel, "deterministic_frozen": other}) == {}
    )
    assert control.trained_over_frozen({"deterministic": panel}) == {}


def test_caption_quotes_the_ratio_with_the_steady_control():
    caption = " ".join(CAPTION.read_text().split())
    ratios = control.trained_over_frozen(committed_arrays(Project(), "fig6"))
    assert str(ratios["deterministic_frozen_slow.van_rossum"]) in caption
