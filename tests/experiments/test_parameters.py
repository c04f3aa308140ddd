"""Parameters as users meet them: listed by panel, and set in all panels at once."""

import re

import pytest

from experiments import params
from experiments.engine.cache import read_numbers
from experiments.engine.config import plan
from experiments.engine.errors import UserError, as_typed
from experiments.engine.refusals import described
from experiments.loading import written
from figures.captions import caption
from tests.experiments.planned import PROJECT, planned


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_letters_are_those_of_the_caption(figure):
    room = PROJECT.place(figure)
    said = caption(figure, room.captions).panels
    panels = sorted(read_numbers(PROJECT.reference(figure))[0])
    fix = f"{figure}.md: [panels] is to say where each of these is drawn, once: {panels}"
    assert sorted(panel for drawn in said.values() for panel in drawn) == panels, fix
    for drawn in said:
        places = re.split("(supplement|details)", drawn)
        parts = {figure: places[0]} | {
            f"{figure}_{kind}": text for kind, text in zip(places[1::2], places[2::2], strict=True)
        }
        for file, text in parts.items():
            actual = set(re.findall(r"\b[a-z]\b", text))
            path = room.captions / f"{file}.md"
            heads = re.findall(r"^\*\*(.+?)\*\*", path.read_text() if actual else "", re.MULTILINE)
            missing = actual - set(re.findall(r"\b[a-z]\b", " ".join(heads)))
            assert not missing, f"{path}: a paragraph of {sorted(missing)}, where {drawn} are drawn"


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_all_parameters_are_listed_by_panel_within_a_hundred_columns(figure, capsys):
    params.main([f"figure={figure}/smoke"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 100
    assert ("data.n_train" in shown) == (figure == "fig7"), "figure 7 alone has a data set"
    # Parameters that differ between panels alone are repeated.
    if figure == "fig6":
        assert shown.count("panels.stochastic   drawn in a to g") == 1
        assert shown.count("as panels.deterministic, but for") == 4
        assert len(re.findall("^sigma_w ", shown, re.MULTILINE)) == 1
        assert len(re.findall("^learning_rates ", shown, re.MULTILINE)) == 5
    # Names are whole.
    words = set(re.findall(r"[^\s,\[\]]+", shown))
    for experiment in planned(f"figure={figure}/smoke").panels.values():
        for name, schema in type(experiment).model_json_schema()["properties"].items():
            value, (_, allowed) = getattr(experiment, name), described(schema)
            assert {name, *re.findall(r"[^\s,]+", allowed)} <= words
            if isinstance(value, list) and len(str(value)) < 100:
                assert set(map(str, value)) <= words


def values_by_panel(run, name):
    return {panel: getattr(e, name) for panel, e in run.panels.items() if hasattr(e, name)}


def test_a_dictionary_changes_the_parameters_in_it_and_leaves_the_others():
    run = plan(PROJECT, ["figure=fig1/smoke", "panels.neuron={beta: 3, n_points: 7}"])
    assert (run.panels["neuron"].beta, run.panels["neuron"].n_points) == (3.0, 7)
    assert run.modified == ("panels.neuron.beta=3.0", "panels.neuron.n_points=7")
    named = plan(PROJECT, ["figure=fig1/smoke", "all.beta=4", "panels.neuron={beta: 3}"])
    assert named.panels["neuron"].beta == 3.0, "the panel's own, as with panels.neuron.beta=3"


def test_a_picture_of_ones_own_is_in_every_panel():
    image = PROJECT.root / "figures" / "gallery" / "fig1_teaser.png"
    run = plan(PROJECT, ["figure=fig6/smoke", f"all.image={written(str(image))}"])
    assert set(values_by_panel(run, "image").values()) == {str(image)}


@pytest.mark.parametrize(
    ("fix", "target", "shown"),
    [
        ("figure=fig4/smoke", "", "figure=fig4/smoke"),
        ("figure=fig4/smoke", "figure", "make figure-4 PRESET=smoke"),
        ("figure=fig4/smoke", "params", "make params-4 PRESET=smoke"),
        ("panels.a.x=[1,2] panels.a.y=3", "figure", "ARGS='panels.a.x=[1,2] panels.a.y=3'"),
        ("give an integer: seeds=...", "figure", "give an integer: seeds=..."),
        ("leave it out", "figure", "leave it out"),
    ],
)
def test_fixes_are_in_the_language_that_was_spoken(monkeypatch, fix, target, shown):
    monkeypatch.setenv("ASKED_BY_MAKE", target)
    assert as_typed(fix) == shown
    assert str(UserError("what", "got", "", fix)).endswith(f"fix:      {shown}")
