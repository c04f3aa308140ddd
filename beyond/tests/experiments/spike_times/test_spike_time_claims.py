"""Claims on figure 11 hold for its numbers, and fail where a derivative is broken."""

import numpy as np
import pytest

from beyond.experiments.spike_times import moves_and_births, surrogates, truth
from beyond.experiments.spike_times.birth_effects import BirthEffects
from beyond.experiments.spike_times.claims import CLAIMS
from beyond.experiments.spike_times.moves_and_births import MovesAndBirths
from beyond.experiments.spike_times.time_step import TimeStep
from beyond.experiments.spike_times.two_layers import TwoLayers
from beyond.tests.experiments.verdicts import verdicts


def moves():
    experiment = MovesAndBirths(betas=[5.0, 20.0, 80.0], n_cells=300)
    summary = experiment.summary(experiment.compute(None))
    return verdicts(CLAIMS, "fig11", {f"moves.{name}": value for name, value in summary.items()})


def test_claims_on_one_neuron_hold():
    verdict_by_claim = moves()
    assert set(verdict_by_claim.values()) == {"holds"}
    assert {"E91b", "E92", "E93a", "E93b", "E94", "E95", "E96", "E99a", "E99b"} == set(
        verdict_by_claim
    )


@pytest.mark.parametrize(
    ("module", "name", "broken", "fails"),
    [
        # Fixed resets for births: the true derivative is then the SG's mean.
        (truth, "by_births", surrogates.detached, {"E93a", "E93b"}),
        # EventProp of the wrong sign.
        (surrogates, "event_based", lambda w, *_: -float(w > 1), {"E92", "E94"}),
        # An SG that knows the truth.
        (surrogates, "detached", truth.by_births, {"E93a"}),
    ],
)
def test_a_broken_derivative_fails_its_claim(monkeypatch, module, name, broken, fails):
    monkeypatch.setattr(module, name, broken)
    assert getattr(moves_and_births, module.__name__.rpartition(".")[2]) is module
    verdict_by_claim = moves()
    assert {claim for claim, verdict in verdict_by_claim.items() if verdict == "fails"} == fails


def effects(seed=0):
    experiment = BirthEffects(effects=[-2.0, -1.0, 1.0], n_trials=100_000, seeds=[seed])
    data = {name: values[None] for name, values in experiment.compute(seed).items()}
    summary = experiment.summary(data)
    return verdicts(CLAIMS, "fig11", {f"effects.{name}": value for name, value in summary.items()})


def test_claims_on_two_layers_hold_and_fail_for_a_wrong_closed_form(monkeypatch):
    assert effects() == {"E97": "holds", "E98a": "holds", "E98b": "holds"}
    right = TwoLayers.derivative
    # Without the factor 1/2 of the slope of a doubled weight, say: any factor is found out.
    monkeypatch.setattr(TwoLayers, "derivative", lambda *args: 1.5 * right(*args))
    assert effects()["E97"] == "fails"


def test_claims_on_time_steps_hold_and_fail_for_a_step_that_is_forgotten():
    experiment = TimeStep(n_cells=400)
    data = experiment.compute(None)

    def decided(data):
        summary = experiment.summary(data)
        named = {f"steps_high_noise.{name}": value for name, value in summary.items()}
        return verdicts(CLAIMS, "fig11", named)

    assert decided(data) == {"E100": "holds", "E101": "holds"}
    # If the intensity were not multiplied by the step, it would be a fixed probability.
    names = "true", "detached"
    swapped = data | {f"intensity_{name}": data[f"fixed_{name}"] for name in names}
    assert decided(swapped)["E100"] == "fails"
    still = {f"fixed_{name}": np.ones_like(data[f"fixed_{name}"]) for name in names}
    assert decided(data | still)["E101"] == "fails"
