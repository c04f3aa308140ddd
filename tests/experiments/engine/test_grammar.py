"""Values as people type them reach Hydra as they were meant."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments.engine.config import plan, quoted, readable
from tests.experiments.planned import PROJECT


def parsed(override):
    return OverridesParser.create().parse_override(override).value()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pictures/Büro.png", "pictures/Büro.png"),
        ("größe", "größe"),
        ("a & b; c#d!", "a & b; c#d!"),
        ("key=value", "key=value"),
        ("a~b", "a~b"),
        ("[ü,b]", ["ü", "b"]),
        (" 7", 7),
        ("[10, 60]", [10, 60]),
        ("1e-3", 0.001),
        ("'7'", "7"),
        ("plain words", "plain words"),
    ],
)
def test_typed_values_are_read(typed, meant):
    assert parsed(readable(f"x={typed}")) == meant


def test_a_tilde_is_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/josé")
    assert parsed(readable("x=~/results")) == "/home/josé/results"


@pytest.mark.parametrize("text", ["it's", "a\\", "a\\'b", "[1]{2}(3)", "a, b=c", 'say "x"', "ü"])
def test_a_quoted_text_is_itself(text):
    assert parsed(f"x={quoted(text)}") == text


def test_the_last_value_counts():
    run = plan(PROJECT, ["figure=fig1/smoke", "seeds=[1]", "seeds=[2]"])
    assert run.settings.seeds == [2] and run.modified == ("seeds=[2]",)


def test_a_panels_own_value_stands_beside_that_of_all_panels():
    run = plan(PROJECT, ["figure=fig3/smoke", "all.beta=3", "panels.paths.beta=5"])
    assert (run.panels["estimators"].beta, run.panels["paths"].beta) == (3, 5)
