"""A picture has the headline of its caption where its own numbers decide it, and no other."""

import re
from dataclasses import replace
from functools import cache

import pytest

from experiments.engine.compute.record import Panel, Record
from experiments.replication.verdicts import titles
from figures.captions import caption
from figures.drawing import pictures
from tests.experiments.planned import PROJECT, committed_run, numbers_of, planned


@cache
def drawn(figure):
    """The committed panels, and what they come to."""
    run = committed_run(figure)
    panels, summary = {}, {}
    for name, arrays in numbers_of(figure).items():
        experiment = run.root.panels[name]
        panels[name] = Panel(type(experiment).__module__, arrays)
        quantities = experiment.summary(arrays)
        summary |= {f"{name}.{of}": quantity for of, quantity in quantities.items()}
    return panels, summary


def committed(figure, *overrides, preset=None):
    """The committed numbers, as if a run of a preset or of other parameters had given them."""
    panels, summary = drawn(figure)
    choice = f"figure={figure}/{preset or PROJECT.committed_preset(figure)}"
    asked = planned(choice, *overrides)
    return Record(asked, panels, dict(summary))


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_committed_numbers_have_the_headline_and_every_picture_a_title(figure):
    others = titles(PROJECT, committed(figure))
    assert not others, f"by its committed numbers, {figure} may not have its headline: {others}"
    room = PROJECT.room(figure)
    for picture in pictures(figure, room.figures):
        fix = f'figures/captions/{picture}.md, between lines of +++ on top: title = "... ."'
        assert caption(picture, room.captions).title.endswith("."), fix


@pytest.mark.parametrize(
    ("figure", "preset", "override", "said"),
    [
        # Claims decide it, whatever the parameters.
        ("fig5", "smoke", "panels.published.radius=1.0", None),
        ("fig1", "quick", "panels.neuron.beta=8", None),
        # It is stated for the presets.
        ("fig4", "quick", "runtime=cpu", None),
        ("fig4", "quick", "panels.along_w.beta_surrogate=[15,60]", ""),
        # It has numbers of one preset, or is decided by no smaller one.
        ("fig2", "paper", "seeds=[3]", None),
        ("fig7", "quick", "runtime=cpu", "2 claims are undecided at this size"),
        ("fig6", "smoke", "runtime=cpu", "4 claims are undecided at this size"),
        ("fig2", "paper", "panels.perceptron.target=0.75", "2 claims are not evaluated"),
    ],
)
def test_a_headline_stands_for_what_decides_it(figure, preset, override, said):
    assert_headline_stands(figure, preset, override, said)


def assert_headline_stands(figure, preset, override, said):
    settings = titles(PROJECT, committed(figure, override, preset=preset))
    title = caption(figure, PROJECT.room(figure).captions).title
    expected = said and f" In this run {said}."
    assert settings.get(figure) == (None if said is None else title + expected)


def test_a_claim_that_comes_out_otherwise_is_named():
    record, name = committed("fig5"), "published.sg_loop_5"
    record.summary[name] = replace(record.summary[name], value=1e-15)
    assert titles(PROJECT, record)["fig5"].endswith(
        ". In this run one claim fails: Around two closed loops an SG's integral "
        "does not vanish, so it is not a gradient."
    )
    del record.summary[name]
    assert titles(PROJECT, record)["fig5"].endswith(". In this run one claim is undecided.")


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_no_title_has_a_code_or_wrong_grammar(figure):
    """Even if every claim fails, or none is measured."""
    record = committed(figure)
    nothing = replace(record, summary={}, panels={})
    wrong = {n: replace(q, value=float("nan")) for n, q in record.summary.items()}
    for each in (nothing, replace(record, summary=wrong)):
        for title in titles(PROJECT, each).values():
            assert not re.search(r"\b[CE]\d", title), title
            assert re.search(r"one claim (fails|is)|\d claims (fail|are)\b", title), title
            assert title.endswith(".") and ".." not in title
