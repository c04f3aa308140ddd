"""Claim C7's comparison of the two spike modes: the rule, and the pages that quote it."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.replication import committed
from experiments.speech.comparison import MARGIN, compare

# Accuracies of networks under deterministic and stochastic spikes, (seed, spike mode): large
# differences between seeds, which pairing takes out.
SEEDS = np.array([0.80, 0.85, 0.90])
UNLIKE = [0.3, 0.4, 0.5]  # under the other spikes, which must not matter


def panels(differences, stochastic_seeds=None):
    """Figure 7's panels with these differences of accuracy."""
    stochastic = (SEEDS + differences)[:stochastic_seeds]
    return {
        "deterministic": {"test_accuracy": np.column_stack([SEEDS, UNLIKE])},
        "stochastic": {
            "test_accuracy": np.column_stack([UNLIKE[:stochastic_seeds], stochastic]),
        },
    }


def test_the_interval_is_students_over_pairs():
    differences = np.array([0.01, -0.005, 0.002])
    found = compare(panels(differences))
    reference = ttest_rel(SEEDS + differences, SEEDS).confidence_interval(0.95)
    assert found.mean == pytest.approx(differences.mean())
    assert found.interval == pytest.approx((reference.low, reference.high))
    # Unpaired, the spread of the seeds would hide everything.
    assert np.ptp(found.interval) < 0.2 * 4.303 * SEEDS.std(ddof=1)


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ([0.01, -0.005, 0.002], "non-inferior"),
        ([-0.05, -0.055, -0.052], "inferior"),
        ([0.01, -0.02, 0.02], "undecided"),
        ([-0.025, -0.025, -0.024], "non-inferior"),
        ([-0.031, -0.031, -0.029], "undecided"),
    ],
)
def test_the_margin_decides(differences, verdict):
    assert MARGIN == -0.03
    found = compare(panels(np.array(differences)))
    assert found.verdict == verdict and str(found).endswith(verdict)
    assert "3 paired seeds" in str(found) and found.quantity.why == "3 paired seeds"


def test_one_pair_decides_nothing():
    data = {m: {"test_accuracy": p["test_accuracy"][:1]} for m, p in panels(0.5).items()}
    found = compare(data)
    assert found.verdict == "undecided"
    assert str(found) == "+0.500, one seed, no interval: undecided"
    assert found.quantity.ci_low == -np.inf


def test_seeds_must_be_paired():
    with pytest.raises(UserError, match="3 seeds deterministic, 2 seeds stochastic"):
        compare(panels(np.zeros(3), stochastic_seeds=2))


ROOT = Project().root
PAGES = [
    *(ROOT / name for name in ("README.md", "docs/replication_notes.md", "REPLICATION.md")),
    *ROOT.glob("figures/captions/fig7.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_quote_the_committed_comparison(page):
    """`python -m experiments.replication.committed` prints what they have to say."""
    text = " ".join(page.read_text().split()).replace("−", "-")
    assert str(committed.speech_comparison(Project())) in text
