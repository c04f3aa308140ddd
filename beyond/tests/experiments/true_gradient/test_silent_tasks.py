"""Panels of figure 10 with silent tasks: the page counts them, and no verdict rests on them."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from beyond.experiments.fragile import without
from beyond.experiments.true_gradient.descent import spikes_before
from beyond.experiments.true_gradient.tuned_training import MIN_SPIKES
from experiments.replication.claim import claims_of
from tests.experiments.planned import PROJECT, numbers_of, planned

PAGE = Path(__file__).parents[3] / "docs" / "hypotheses.md"
ROWS = {
    "L and G, high noise": ("lambda_easy", "hidden_easy"),
    "S, high noise": ("slopes_high_noise",),
    "S, low noise": ("slopes_low_noise",),
    "shares of the runs, high noise": ("sharing_high_noise",),
    "shares of the runs, low noise": ("sharing_low_noise",),
}
"""Panels of a row of the page's table."""
DECIDED = [panel for row in list(ROWS)[:3] for panel in ROWS[row]]
"""Panels that decide claims."""


def experiments():
    return planned("figure=fig10/paper").root.panels


@cache
def silent(panel):
    """Masks of silent tasks: tuning tasks and judged tasks, by kind."""
    if panel.startswith("hidden"):  # It has the tasks of another panel.
        return silent(panel.replace("hidden", "lambda"))
    experiment = experiments()[panel]
    seeds = [*experiment.seeds, *experiment.tuning_seeds]
    mask = spikes_before(experiment, experiment.tasks(seeds))[:, -1] < MIN_SPIKES
    n = len(experiment.seeds)
    return {"judged": mask[:n], "tuning": mask[n:]}


@pytest.mark.parametrize("noise", ["easy", "steep"])
def test_terms_of_hidden_spikes_have_the_tasks_of_losses_between_spikes(noise):
    pair = [experiments()[f"{name}_{noise}"] for name in ("hidden", "lambda")]
    hidden, between = [(x.seeds, x.tuning_seeds, x.beta, x.recurrence) for x in pair]
    assert hidden == between


def verdicts(panels):
    """Verdicts of the claims of some panels' experiments, with these panels in place of others."""
    quantities = {}
    for group in {type(experiments()[name]) for name in panels}:
        data = numbers_of("fig10") | panels
        own = {name: x for name, x in data.items() if type(experiments()[name]) is group}
        quantities |= {f"fig10.{name}": x for name, x in group.conclusions(own).items()}
    about = [claim for claim in claims_of(PROJECT.rooms) if set(claim.value_of) <= set(quantities)]
    return {claim.id: claim.evaluate(quantities).verdict for claim in about}


def reduced(omitted):
    """The panels that decide claims, without the tasks that a function of the panel masks."""
    panels = {}
    for panel in DECIDED:
        data = numbers_of("fig10")[panel]
        for kind, mask in omitted(panel).items():
            data = without(experiments()[panel], data, kind, np.flatnonzero(mask))
        panels[panel] = data
    return panels


@pytest.fixture(scope="module")
def committed():
    return verdicts({panel: numbers_of("fig10")[panel] for panel in DECIDED})


def test_the_page_counts_silent_tasks():
    for row, panels in ROWS.items():
        counts = re.search(
            rf"^\| {row} \| (\d+) of (\d+) \| (\d+) of (\d+) \|$", PAGE.read_text(), re.M
        )
        assert counts, row
        for panel in panels:
            masks = silent(panel)["judged"], silent(panel)["tuning"]
            measured = [n for mask in masks for n in (mask.sum(), len(mask))]
            assert measured == [int(x) for x in counts.groups()], panel


def test_other_panels_over_time_have_no_silent_task():
    others = experiments().keys() & {
        "lambda_steep",
        "hidden_steep",
        "response_high_noise",
        "response_low_noise",
    }
    assert len(others) == 4
    for panel in others:
        assert not any(mask.any() for mask in silent(panel).values()), panel


def test_verdicts_are_the_same_without_silent_tasks(committed):
    assert {"E67", "E88", "E140", "E164"} <= committed.keys()
    assert verdicts(reduced(silent)) == committed


def test_other_tasks_carry_verdicts(committed):
    """The wrong variant: without tasks that are not silent, verdicts change."""
    changed = verdicts(reduced(lambda panel: {"judged": ~silent(panel)["judged"]}))
    assert {claim for claim in committed if changed[claim] != committed[claim]}
