"""Boolean tasks along gradients of several losses: trainings, rates and verdicts."""

import numpy as np
import pytest

from beyond.experiments.boolean import loss_statements
from beyond.experiments.boolean.claims_of_losses import CLAIMS
from beyond.experiments.boolean.loss_directions import ARMS
from beyond.experiments.boolean.loss_statements import HIGH, LOGIC, LOW, MORE
from beyond.experiments.boolean.response_losses import ResponseLosses
from beyond.tests.experiments.verdicts import verdicts as verdicts_of

SMALL = {"bits": 3, "ones": 2, "width": 2, "depth": 1, "n_updates": 6, "observe_every": 1}
N = 400


def small(**changes):
    settings = {"n_tasks": 3, "n_tuning": 2, "rates": [0.03, 0.1, 0.3], "seeds": [0]}
    settings["methods"] = ["exact_of_expected", "exact_of_response", "broad_usual"]
    return ResponseLosses(**SMALL | settings | changes)


@pytest.mark.parametrize("function", ["random", "three_literals"])
def test_judged_tasks_are_trained_at_rates_that_tuning_tasks_may_choose(function):
    config = small(function=function)
    data = config.compute(0)
    judged, _ = config.tasks(0)
    is_trained = np.isfinite(data["wrong"]).all(axis=-1)
    assert (is_trained.any(axis=1)).all() and not np.isnan(data["tuning"]).any()
    for i, name in enumerate(config.methods):
        for j in np.flatnonzero(is_trained[i]):
            one = config.descend(name, config.rates[j], judged)
            np.testing.assert_allclose(data["wrong"][i, j], one.wrong[:, -1], atol=6e-4)
    pooled = config.pooled({name: values[None] for name, values in data.items()})
    assert np.isfinite(pooled["share"]).all()
    assert (data["wrong"][0][is_trained[0]] != data["wrong"][1][is_trained[1]]).any()


def test_literals_need_bits():
    with pytest.raises(ValueError, match="three literals"):
        small(function="three_literals", bits=2)


def planted(shares, arms=tuple(ARMS)):
    """Arrays of a panel in which each arm solves a share of the tasks."""
    place = (np.arange(N) + 0.5) / N
    wrong = np.array([[np.where(place < shares.get(m, 0.6), 0.1, 1.0)] for m in arms])
    tuning = np.tile(np.array([0.5])[:, None], (len(arms), 1, 4))
    data = {"methods": np.array(arms), "rates": np.array([0.1])}
    data = {k: v[None] for k, v in (data | {"wrong": wrong, "tuning": tuning}).items()}
    return data | ResponseLosses().pooled(data)


def verdicts(low, high=None, logic=None):
    panels = {LOW: planted(low), HIGH: planted(high or low), LOGIC: planted(logic or low)}
    return verdicts_of(CLAIMS, "fig10", ResponseLosses.conclusions(panels))


STATED = {
    "exact_of_expected": 0.4,
    "exact_of_response": 0.6,
    "exact_of_cross_entropy": 0.6,
    "matched_usual": 0.6,
    "broad_of_expected": 0.5,
    "broad_of_response": 0.8,
    "broad_usual": 0.8,
}


TURNED = {name: 1.2 - share for name, share in STATED.items()}


def test_verdicts_follow_the_shares():
    high = STATED | {"exact_of_response": 0.8}
    assert set(verdicts(STATED, high).values()) == {"holds"}
    verdict_by_claim = verdicts(TURNED, TURNED | {"broad_usual": 0.2, "exact_of_response": 0.9})
    assert verdict_by_claim.pop("E119") == "fails"
    assert set(verdict_by_claim.values()) == {"fails"}
    assert set(verdicts({}).values()) == {"undecided", "holds"}


def test_one_panel_is_enough_to_leave_a_claim_undecided():
    verdict_by_claim = verdicts(STATED, logic=STATED | {"broad_usual": 0.6})
    assert verdict_by_claim["E112"] == "undecided" and verdict_by_claim["E113"] == "holds"


FIRST = ("exact_of_expected", "exact_of_response", "broad_of_response", "broad_usual")
LATER = (
    "exact_of_cross_entropy",
    "matched_usual",
    "broad_of_expected",
)
IDS = ("E156", "E159", "E160")


@pytest.mark.parametrize(("levels", "verdict"), [(STATED, "holds"), (TURNED, "fails")])
def test_directions_that_were_trained_later_are_compared_on_the_same_tasks(levels, verdict):
    panels = {LOGIC: planted(levels, FIRST), MORE: planted(levels, LATER)}
    quantities = ResponseLosses.conclusions(panels)
    assert verdicts_of(CLAIMS, "fig10", quantities) == dict.fromkeys(IDS, verdict)
    assert "Holm, of 5" in quantities[f"{LOGIC}.loss_of_broad_p"].why
    assert ResponseLosses.conclusions({LOGIC: panels[LOGIC]}) == {}


def test_p_values_are_those_of_the_whole_family():
    data = planted(STATED)
    quantities = loss_statements.predictions(dict.fromkeys((LOW, HIGH, LOGIC), data))
    assert "Holm, of 15" in quantities["breadth_p"].why
    assert loss_statements.predictions(dict.fromkeys((LOW, HIGH), data)) == {}
