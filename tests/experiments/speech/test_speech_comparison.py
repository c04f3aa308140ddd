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
UNLIKE = [0.3, 0.4, 0.5]  # under the other spikes, which must not matter
MANY = 10**9
"""Utterances whose error is nothing."""


def panels(differences):
    """Figure 7's panels with these differences of accuracy."""
    return {
        "deterministic": {
            "test_accuracy": np.column_stack([SEEDS, UNLIKE]),
            "n_test": np.array([MANY]),
        },
        "stochastic": {
            "test_accuracy": np.column_stack([UNLIKE, SEEDS + differences]),
            "n_test": np.array([MANY]),
        },
    }


def test_the_utterances_error_is_bounded_whatever_they_share():
    """Against known answers, up to those that disagree as often as they can."""
    rng = np.random.default_rng(0)
    n, wrong = 1000, (200, 150)
    scores = np.zeros((3, 2, n), bool)
    for shared in (0, 100, 150):
        for pair in scores:
            order = rng.permutation(n)
            pair[:] = True
            pair[0, order[: wrong[0]]] = False
            start = wrong[0] - shared
            pair[1, order[start : start + wrong[1]]] = False
        actual = Comparison(scores.mean(axis=2), n)
        each = (scores[:, 1].astype(float) - scores[:, 0]).mean(axis=0)
        assert each.std() / n**0.5 <= actual.utterance_error
    # The bound is met where pairs agree in nothing, and all in the same.
    disjoint = np.ones((2, n), bool)
    disjoint[0, :200] = disjoint[1, 200:350] = False
    worst = (disjoint[1].astype(float) - disjoint[0]).std() / n**0.5
    assert Comparison(disjoint.mean(axis=1)[None], n).utterance_error == pytest.approx(worst)
    # Independent answers, the usual formula, would be below it.
    p, q = disjoint.mean(axis=1)
    assert ((p * (1 - p) + q * (1 - q)) / n) ** 0.5 < worst


def test_the_interval_in_general_covers_other_networks_and_utterances():
    """Answers with effects of network and utterance: the truth is in 95 % of intervals, or more."""
    rng = np.random.default_rng(1)
    n_test, n_repeats, truth = 400, 400, 0.02
    covered = {"general": 0, "here": 0}
    for _ in range(n_repeats):
        # An utterance is as hard for all networks of a mode.
        hard = rng.uniform(size=(1, 2, n_test))
        seeds = 0.01 * rng.standard_normal((3, 2, 1))
        right = hard < np.array([0.80, 0.80 + truth])[:, None] + seeds
        actual = Comparison(right.mean(axis=2), n_test)
        for name, ends in (("general", actual.general_interval), ("here", actual.interval)):
            covered[name] += ends[0] <= truth <= ends[1]
    assert covered["general"] >= 0.95 * n_repeats
    # The interval over pairs alone leaves out that all networks are tested on the same utterances.
    assert covered["here"] < 0.85 * n_repeats


def test_answers_that_are_stored_pair_the_utterances():
    """The interval covers the truth, and is narrower than the bound without single answers."""
    rng = np.random.default_rng(1)
    n_test, n_repeats, truth = 400, 400, 0.02
    covered, narrower = 0, []
    for _ in range(n_repeats):
        # An utterance is about as hard for all networks.
        hard = rng.uniform(size=(1, 1, n_test)) + 0.1 * rng.standard_normal((1, 2, n_test))
        seeds = 0.01 * rng.standard_normal((10, 2, 1))
        right = hard < np.array([0.5, 0.5 + truth])[:, None] + seeds
        panels = {
            mode: {
                "test_accuracy": right.mean(axis=2),
                "n_test": np.array([n_test]),
                "right": right,
            }
            for mode in ("deterministic", "stochastic")
        }
        actual = stochastic_minus_deterministic(panels)
        each = (right[:, 1].astype(float) - right[:, 0]).mean(axis=0)
        assert actual.utterance_error == pytest.approx(each.std(ddof=1) / n_test**0.5)
        covered += actual.general_interval[0] <= truth <= actual.general_interval[1]
        bound = Comparison(right.mean(axis=2), n_test)
        assert under_other_mode(panels, "stochastic").value == pytest.approx(-actual.mean)
        narrower.append(np.ptp(actual.general_interval) / np.ptp(bound.general_interval))
    assert covered >= 0.95 * n_repeats
    assert np.median(narrower) < 0.6


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
        data[mode]["test_accuracy"][:, other] = data[mode]["test_accuracy"][:, 1 - other] - 0.2
        assert np.isclose(under_other_mode(data, mode).value, -0.2)


ROOT = PROJECT.root
PAGES = [ROOT / "docs/figures.md", ROOT / "figures/captions/fig7.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_quote_the_committed_comparison(page):
    text = " ".join(page.read_text().split()).replace("−", "-")
    assert str(stochastic_minus_deterministic(goldens.committed_arrays(PROJECT, "fig7"))) in text
