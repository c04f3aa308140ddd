"""`make verify ARGS='figure=...'`: a figure's claims, evaluated under parameters of one's own."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.engine.config import Project, plan
from experiments.engine.errors import guarded
from experiments.engine.experiment import band
from experiments.replication import verify
from experiments.replication.goldens import committed_arrays, read
from experiments.replication.verdicts import conclusions, verdicts
from experiments.spike_timing.spike_matching import SpikeMatching

PROJECT = Project()


@pytest.fixture
def golden(monkeypatch):
    """In place of a computation, the committed numbers, with changes."""

    def use(figure, **changed):
        quantities = read(PROJECT.golden(figure)).quantities
        quantities |= changed
        record = lambda _, run, *__: replace(run, summary=quantities)  # noqa: E731
        monkeypatch.setattr(verify, "collect", record)
        monkeypatch.setattr(verify, "refuse_bad_jaxlib", lambda: None)
        return quantities

    return use


def verified(*arguments):
    return guarded(verify.main, list(arguments))


def test_claims_of_one_figure_under_its_preset(golden, capfd):
    golden("fig5")
    assert verified("figure=fig5/smoke") == 0
    out = capfd.readouterr().out
    assert "claims: 4 hold, 0 undecided, 0 fail" in out and "C4" not in out
    assert "fig5/smoke, changed: nothing" in out


def test_a_failure_counts_unless_parameters_were_changed(golden, capfd):
    quantities = golden("fig5")
    golden("fig5", **{"published.sg_loop[1]": quantities["published.smoothed_loop[1]"]})
    assert verified("figure=fig5/smoke") == 1
    assert verified("figure=fig5/smoke", "panels.published.radius=1.0") == 0
    out = capfd.readouterr().out
    assert out.count("1 fail\nfail: C5a") == 2 and out.count("is a finding") == 1
    assert "fig5/smoke, changed: panels.published.radius=1.0" in out


def test_what_is_not_measured_is_undecided(golden, capfd):
    quantities = golden("fig4")
    for name in [name for name in quantities if name.endswith("[15]")]:
        del quantities[name]
    assert verified("figure=fig4/smoke", "panels.along_w.beta_surrogate=[10]") == 0
    out = capfd.readouterr().out
    assert "not measured" in out and "2 undecided, 0 fail\nundecided: C4c C4d" in out


def test_a_claim_on_other_parameters_is_undecided(golden, capfd):
    golden("fig4")
    assert verified("figure=fig4/smoke", "all.beta_forward=15") == 0
    out = capfd.readouterr().out
    assert "plane.beta_forward is 15.0," in out
    assert "claims: 3 hold, 3 undecided, 0 fail\nundecided: C4c C4f C4g" in out


def test_without_an_interval_a_claim_fails_where_it_is_stated_and_is_undecided_elsewhere(golden):
    nan = (float("nan"), float("nan"))
    golden("fig7", **{"stochastic.held_out_accuracy": band(0.5, 0, 1, "", nan)})
    assert verified("figure=fig7/smoke") == 1
    assert verified("figure=fig7/smoke", "panels.stochastic.n_repeats=3") == 0


def test_claims_on_larger_presets_follow_from_the_runs_own_arrays():
    arrays = committed_arrays(PROJECT, "fig6")
    paper = plan(PROJECT, ["figure=fig6/paper"])
    on_paper = [(c, o) for c, o in verdicts(replace(paper, arrays=arrays)) if c.preset == "paper"]
    assert len(on_paper) >= 4 and all("not measured" not in o.measured for _, o in on_paper)
    without = verdicts(paper)
    assert all(outcome.holds is None for _, outcome in without)


def test_panels_that_a_run_does_not_have_leave_nothing_to_conclude():
    panels = committed_arrays(PROJECT, "fig6")
    assert {"stochastic.fano_hidden_after_over_before", "stochastic_frozen.l2_ratio"} <= {
        name.removeprefix("fig6.") for name in conclusions(PROJECT, "fig6", panels)
    }
    # Without a control what is compared with it; without a trained network everything.
    del panels["stochastic_frozen"]
    fewer = conclusions(PROJECT, "fig6", panels)
    assert fewer and not any("stochastic_frozen" in name for name in fewer)
    del panels["stochastic"]
    assert conclusions(PROJECT, "fig6", panels) == {}


@pytest.mark.parametrize("n_seeds", [2, 3])
def test_networks_are_paired_where_both_modes_have_as_many_seeds(n_seeds):
    def panel(n):
        return {"test_accuracy": np.full((n, 2), 0.8), "n_test": np.array([100])}

    actual = conclusions(PROJECT, "fig7", {"deterministic": panel(3), "stochastic": panel(n_seeds)})
    assert bool(actual) == (n_seeds == 3)


def test_a_mistake_in_conclusions_is_shown_as_one(monkeypatch):
    """And is not taken for a number that was not measured."""
    arrays = committed_arrays(PROJECT, "fig6")
    monkeypatch.setattr(SpikeMatching, "conclusions", lambda panels: panels["mistyped"])
    with pytest.raises(KeyError, match="mistyped"):
        verdicts(replace(plan(PROJECT, ["figure=fig6/paper"]), arrays=arrays))


def test_nothing_given_is_ignored(capfd):
    for wrong in ("anything", "figure=fig5", "panels.published.radius=1.0"):
        assert verified(wrong) == 2
    assert verified("figure=fig5/smoke", "panels.published.radios=1.0") == 2
    assert "panels.published.radius=..." in capfd.readouterr().err
