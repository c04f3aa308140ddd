"""A claim that names parameters is evaluated where a run has those, and nowhere else."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest

from experiments.replication.claim import claims_of
from experiments.replication.goldens import read
from experiments.replication.verdicts import verdicts
from tests.experiments.planned import PROJECT, planned

CLAIMS = claims_of(PROJECT.places)


@cache
def golden(figure):
    return read(PROJECT.golden(figure)).quantities


def verdict(claim, **changed):
    """What a claim comes to with its figure's committed numbers, in a run of other parameters."""
    figure = claim.value_of[0].partition(".")[0]
    asked = planned(f"figure={figure}/{claim.preset}")
    config = deepcopy(asked.config)
    for name, value in changed.items():
        panel, _, parameter = name.partition(".")
        parameter, _, end = parameter.rstrip("]").partition("[")
        of = config["panels"][panel]
        of[parameter] = [value] if end else value
    record = replace(asked, config=config, summary=golden(figure))
    (outcome,) = [outcome for each, outcome in verdicts(record) if each.id == claim.id]
    return outcome


@pytest.mark.parametrize(
    ("claim", "name"),
    [(claim, name) for claim in CLAIMS for name in claim.given],
    ids=lambda of: of if isinstance(of, str) else of.id,
)
def test_a_claim_is_decided_with_its_own_parameters_alone(claim, name):
    assert not verdict(claim).measured.startswith("stated for")
    other = claim.given[name] + 1
    outcome = verdict(claim, **{name: other})
    words = f"stated for other parameters: {name} is {other}, not {claim.given[name]}"
    assert (outcome.verdict, outcome.measured) == ("undecided", words)


def test_the_networks_own_slope_is_that_of_the_run():
    (claim,) = [claim for claim in CLAIMS if claim.id == "C4f"]
    assert verdict(claim).verdict == "holds"
    assert verdict(claim, **{"plane.beta_forward": 15.0}).verdict == "undecided"


def test_a_number_whose_error_is_not_known_decides_nothing_in_a_modified_run():
    """A single seed has no error; the claim's own preset must have one."""
    (claim,) = [claim for claim in CLAIMS if claim.id == "C4a"]
    summary = {name: replace(each, se=float("nan")) for name, each in golden("fig3").items()}

    def verdict_of(preset, *overrides):
        record = replace(planned(f"figure=fig3/{preset}", *overrides), summary=summary)
        (outcome,) = [outcome for each, outcome in verdicts(record) if each.id == claim.id]
        return outcome.verdict

    assert verdict_of(claim.preset) == verdict_of(claim.preset, "runtime=cpu") == "fails"
    assert verdict_of(claim.preset, "panels.estimators.n_trials=2048") == "undecided"
    assert verdict_of("quick") == "undecided"
