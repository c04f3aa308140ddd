"""Shares of a gap that methods close, and what is said of them: planted numbers come out."""

import numpy as np

from beyond.experiments.true_gradient.claims_of_hybrids import CLAIMS, REGIMES
from beyond.experiments.true_gradient.hybrid_training import STATEMENTS, HybridTraining
from beyond.experiments.true_gradient.hybrids import BROAD, FOLLOWED, SYSTEMATIC
from experiments.replication.claim import evaluate_claims

GAP = 1.5
METHODS = list(FOLLOWED)


def panel(shares, gap=GAP, n=32):
    """Final losses of tasks in which each method closes a share of the gap."""
    rng = np.random.default_rng(0)
    each = np.array(
        [{SYSTEMATIC: 0.0, BROAD: 1.0}.get(name, shares.get(name, 0.5)) for name in METHODS]
    )
    logs = -1 - gap * each + 0.2 * rng.normal(size=(n, len(METHODS)))
    relative = np.exp(logs)
    loss = np.concatenate([np.ones((n, len(METHODS), 1)), np.repeat(relative[..., None], 8, 2)], 2)
    data = {
        "methods": np.array([METHODS] * n),
        "loss": loss,
        "final": relative,
        "first_spikes": np.full((n, 2), 3.0),
        "rates": np.full((n, 1), 0.1),
        "tuning": np.zeros((n, len(METHODS), 1, 16)),
        "log_loss": logs[..., None],
    }
    return data | HybridTraining().pooled(data)


PLANTED = {"broad_at_silent": 1.0, "unbiased_at_silent": 0.0, "unbiased_in_broader_noise": 0.4}


def test_planted_shares_are_found_and_decided():
    quantities = HybridTraining.conclusions({"easy": panel(PLANTED), "steep": panel(PLANTED)})
    for panel_ in ("easy", "steep"):
        for name, share in (("revival", 1.0), ("reverse", 0.0), ("smoothing", 0.4)):
            quantity = quantities[f"{panel_}.{name}_closed"]
            assert abs(quantity.value - share) < 0.1
            assert quantity.ci_low < share < quantity.ci_high
            assert quantities[f"{panel_}.{name}_p"].value < 0.05
            assert quantities[f"{panel_}.{name}_p"].why == "Holm, of 10"
        # Planted at the margin itself.
        assert quantities[f"{panel_}.variance_p"].value > 0.05
        assert quantities[f"{panel_}.gap"].ci_low < GAP < quantities[f"{panel_}.gap"].ci_high


def test_without_a_gap_nothing_is_decided():
    quantities = HybridTraining.conclusions({"easy": panel(PLANTED, gap=0.0)})
    assert all(quantities[f"easy.{name}_p"].value == 1 for name in STATEMENTS)


def test_a_schedule_is_held_against_both_of_its_parts():
    data = panel({"first_broad": 1.3, "annealed": 0.5, "surrogate_through": 0.0})
    quantities = HybridTraining.conclusions({"steep": data})
    over = "steep.first_broad_over_"
    assert quantities[over + BROAD].ci_high < 1 and quantities[over + SYSTEMATIC].ci_high < 1
    assert quantities[over + BROAD + "_p"].value < 0.05
    assert quantities[f"steep.annealed_over_{BROAD}"].ci_low > 1


def test_tasks_too_few_for_an_interval_have_none():
    data = panel(PLANTED, n=1)
    assert np.isnan(data["closed"][:, 1:]).all() and np.isnan(data["statement_p"]).all()


def test_methods_start_alike_and_go_ways_of_their_own():
    config = HybridTraining(
        n_inputs=3,
        n_hidden=2,
        n_outputs=2,
        steps=10,
        n_test=8,
        budget=4,
        n_updates=2,
        chunk=1,
        rates=[0.1],
        seeds=[0],
        tuning_seeds=[1],
        methods=[BROAD, "broad_at_silent"],
    )
    (part,) = config.compute_many([0])
    assert part["loss"].shape == (2, 2) and part["runs"].tolist() == [4, 8]
    assert len({loss.tobytes() for loss in part["loss"][:, 0]}) == 1


def outcomes(shares, gap=GAP):
    """Verdicts of the claims E41 to E54 in one regime, by name, if both are alike."""
    panels = {name: panel(shares, gap) for name in REGIMES}
    quantities = {f"fig10.{name}": q for name, q in HybridTraining.conclusions(panels).items()}
    verdicts = {}
    for claim, outcome in evaluate_claims(CLAIMS, quantities):
        verdicts.setdefault(claim.value_of[0].split(".", 2)[2], outcome.verdict)
    return verdicts


def test_claims_hold_where_their_shares_are_planted_and_fail_where_the_reverse_is():
    stated = {name: method for name, (method, _) in STATEMENTS.items()}
    planted = {"revival": 0.4, "reverse": 0.6, "smoothing": 0.4, "variance": 0.1, "noise": 0.2}
    turned = {"revival": 1.0, "reverse": 0.0, "smoothing": 1.0, "variance": 0.8, "noise": 0.9}
    for shares, verdict in ((planted, "holds"), (turned, "fails")):
        verdict_by_name = outcomes({stated[name]: share for name, share in shares.items()})
        assert {verdict_by_name[f"{name}_closed"] for name in STATEMENTS} == {verdict}
    no_gap = outcomes({}, gap=0.0)
    assert "holds" not in {no_gap[f"{name}_closed"] for name in STATEMENTS}


def test_a_schedule_is_claimed_to_be_worse_than_the_broad_one_alone():
    over = f"first_broad_over_{BROAD}"
    assert outcomes({"first_broad": 0.5})[over] == "holds"
    assert outcomes({"first_broad": 1.3})[over] == "fails"
