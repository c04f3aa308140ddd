"""A claim that names parameters is evaluated where a run has those, and nowhere else."""

import re
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import chain

import pytest

from experiments.engine.run import Record
from experiments.replication.claim import claims_of
from experiments.replication.goldens import read
from experiments.replication.verdicts import _parameters, verdicts
from tests.experiments.planned import PROJECT, planned

CLAIMS = claims_of(PROJECT.rooms)
NUMBER = re.compile(r"(?<![\w.^-])\d+(?: \d{3})*(?:\.\d+)?(?!\w|\.\d)")
WORDS = {"two": 2.0, "half": 0.5}
IN_ITS_NAME = re.compile(r"(?<=[_b[])\d+(?:\.\d+)?(?=[_\]]|$)")
"""A number in the name of a quantity, which a run with other slopes does not have."""
FLOWS = " ".join(f"E{n}" for n in range(24, 34))
MARGINS = " ".join(f"E{n}" for n in range(41, 51))
COINCIDENCES = {
    "weight": "C1c",
    "sizes": "C4b",
    "least": "C4d",
    "extent": "C4g",
    "beta_surrogate n_steps": "C8a",
    "beta": f"E5b {MARGINS}",
    "gain": "E6 E9a E9b",
    "n_inputs n_hidden n_outputs recurrence": f"E13 E14 E15 E20 {MARGINS}",
    "observe_every ones width": FLOWS,
    "depth": "E40 E57 E58 E59",
    "gain rates ratios": "E58 E59 E60",
    # Other arms have other names, so that a run with others has no such quantity.
    "lams": "E57 E58 E59 E60 E61 E65 E66 E67 E68 E69 E85 E86 E87",
    "gammas": "E88 E89",
    "recurrence": "E65 E66 E67 E68 E69 E85 E86",
    "rates": "E64 E69 E85 E87 E89",
    "betas": "E91a E92 E93a E93b E96",
    "effects n_hidden": "E97 E98a E98b",
}
"""Parameters that have the value of a number in these claims, which stands for something else."""


@cache
def parameters(figure, preset):
    return _parameters(Record(planned(f"figure={figure}/{preset}")))


@cache
def golden(figure):
    return read(PROJECT.golden(figure)).quantities


def named(claim):
    """The numbers in the sentences of a claim."""
    text = f"{claim.statement} {claim.quantity}"
    actual = {float(number.replace(" ", "")) for number in NUMBER.findall(text)}
    return actual | {WORDS[word] for word in re.findall(r"\w+(?![\w-])", text) if word in WORDS}


def of_value(claim, numbers):
    """The parameters of a claim's panels, and of their lists, that have one of these values."""
    in_names = {float(x) for name in claim.value_of for x in IN_ITS_NAME.findall(name)}
    for name in claim.value_of:
        figure, panel, *_ = name.split(".")
        for parameter, value in parameters(figure, claim.preset).items():
            if parameter.split(".")[0] != panel or parameter.endswith(("seeds", "]")):
                continue
            each = value if isinstance(value, list) else [value]
            same = {x for x in each if isinstance(x, int | float) and not isinstance(x, bool)}
            if same & numbers - (in_names if isinstance(value, list) else set()):
                yield parameter


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_parameter_in_a_sentence_is_given(claim):
    settings = {name.partition("[")[0] for name in claim.given}
    actual = set(of_value(claim, named(claim))) - settings
    other = [names.split() for names, ids in COINCIDENCES.items() if claim.id in ids.split()]
    unexplained = {name for name in actual if name.split(".")[1] not in chain(*other)}
    fix = "if it speaks of them, the claim needs given={...}; if not, a line in COINCIDENCES"
    assert not unexplained, f"{claim.id} names the value of {sorted(unexplained)}: {fix}"


def verdict(claim, **changed):
    """What a claim comes to with its figure's committed numbers, in a run of other parameters."""
    figure = claim.value_of[0].partition(".")[0]
    asked = planned(f"figure={figure}/{claim.preset}")
    config = deepcopy(asked.config)
    for name, value in changed.items():
        panel, _, parameter = name.partition(".")
        parameter, _, end = parameter.rstrip("]").partition("[")
        of = config["panels"].get(panel) or config["checks"][panel]
        of[parameter] = [value] if end else value
    record = Record(replace(asked, config=config), summary=golden(figure))
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
        record = Record(planned(f"figure=fig3/{preset}", *overrides), summary=summary)
        (outcome,) = [outcome for each, outcome in verdicts(record) if each.id == claim.id]
        return outcome.verdict

    assert verdict_of(claim.preset) == verdict_of(claim.preset, "runtime=cpu") == "fails"
    assert verdict_of(claim.preset, "panels.estimators.n_trials=2048") == "undecided"
    assert verdict_of("quick") == "undecided"
