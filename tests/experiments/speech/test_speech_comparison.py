"""Claim C7's comparison of the two spike modes: the rule, and the pages that quote it."""

import numpy as np
import pytest

from experiments.engine.config import Project
from experiments.replication import goldens
from experiments.replication.claim import claims_of
from experiments.replication.verdicts import conclusions
from experiments.speech.comparison import (
    MARGIN,
    Comparison,
    stochastic_minus_deterministic,
    under_other_mode,
)

PROJECT = Project()
# Accuracies of networks under deterministic and stochastic spikes, (seed, spike mode): large
# differences between seeds, which pairing takes out.
SEEDS = np.array([0.80, 0.85, 0.90])
UNLIKE = np.array([0.3, 0.4, 0.5])  # under the other spikes, which must not matter
MANY = 50_000
"""Utterances whose error is small."""


def right(accuracies):
    """Answers with these accuracies: the utterances with the lowest numbers are correct."""
    return np.arange(MANY) < np.round(np.asarray(accuracies) * MANY)[..., None]


def panels(differences):
    """Figure 7's panels with these differences of accuracy."""
    return {
        "deterministic": {"right": right(np.column_stack([SEEDS, UNLIKE]))},
        "stochastic": {"right": right(np.column_stack([UNLIKE, SEEDS + differences]))},
    }


def test_the_interval_in_general_covers_other_networks_and_utterances():
    """Answers with effects of network and utterance: the truth is in 95 % of intervals, or more."""
    rng = np.random.default_rng(1)
    n_test, n_repeats, truth = 400, 400, 0.02
    covered = {"general": 0, "here": 0, "unpaired": 0}
    widths = []
    for _ in range(n_repeats):
        # An utterance is about as hard for all networks.
        hard = rng.uniform(size=(1, 1, n_test)) + 0.1 * rng.standard_normal((1, 2, n_test))
        seeds = 0.01 * rng.standard_normal((10, 2, 1))
        actual = Comparison(hard < np.array([0.5, 0.5 + truth])[:, None] + seeds)
        ends = actual.general_interval
        # The error of utterances that are taken as different for the two networks of a pair.
        share = actual.right.mean(axis=(0, 2))
        unpaired = 1.96 * np.sqrt(np.sum(share * (1 - share)) / n_test)
        widths.append((ends[1] - ends[0]) / (2 * unpaired))
        covered["general"] += ends[0] <= truth <= ends[1]
        covered["here"] += actual.interval[0] <= truth <= actual.interval[1]
        covered["unpaired"] += abs(actual.mean - truth) <= unpaired
    assert covered["general"] >= 0.95 * n_repeats
    # The interval over pairs alone leaves out that all networks are tested on the same utterances.
    assert covered["here"] < 0.85 * n_repeats
    # Paired utterances make the interval much narrower than utterances that are not paired.
    assert covered["unpaired"] == n_repeats and np.median(widths) < 0.6


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
    actual = stochastic_minus_deterministic(panels(np.array(differences)))
    assert actual.verdict == verdict and str(actual).endswith(verdict)
    assert "3 paired seeds" in str(actual) and actual.general_quantity.why == "3 paired seeds"


def test_one_pair_decides_nothing():
    data = {m: {name: a[:1] for name, a in p.items()} for m, p in panels(0.05).items()}
    actual = stochastic_minus_deterministic(data)
    assert actual.verdict == "undecided"
    assert str(actual) == "+0.050, one seed, no interval: undecided"
    assert actual.general_quantity.ci_low == -np.inf


def test_the_comparison_is_decided_as_the_committed_numbers_say():
    committed = goldens.committed_arrays(PROJECT, "fig7")
    decided = conclusions(PROJECT, "fig7", committed)
    claims = {
        claim.id: claim for claim in claims_of(PROJECT.places) if claim.id in ("C7f", "C7k", "C7l")
    }
    assert PROJECT.committed_preset("fig7") == "medium"
    assert {claim.preset for claim in claims.values()} == {"medium"}
    actual = {name: claim.evaluate(decided).verdict for name, claim in claims.items()}
    comparison = stochastic_minus_deterministic(committed)
    assert comparison.verdict == "undecided"
    assert actual == {"C7f": "undecided", "C7k": "holds", "C7l": "undecided"}


def test_each_kind_is_compared_with_itself_under_the_other_spike_mode():
    data = panels(0.05)
    for mode, other in (("deterministic", 1), ("stochastic", 0)):
        own = data[mode]["right"][:, 1 - other].mean(axis=-1)
        data[mode]["right"][:, other] = right(own - 0.2)
        assert np.isclose(under_other_mode(data, mode).value, -0.2)


ROOT = PROJECT.root
PAGES = [ROOT / "docs/figures.md", ROOT / "figures/captions/fig7.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_quote_the_committed_comparison(page):
    text = " ".join(page.read_text().split()).replace("−", "-")
    assert str(stochastic_minus_deterministic(goldens.committed_arrays(PROJECT, "fig7"))) in text
