"""Figure 9 has the headline of its caption where its own numbers decide it, and no other."""

import pytest

from experiments.engine.compose import plan
from tests.experiments.replication.test_titles import PROJECT, assert_headline_stands


@pytest.mark.parametrize(
    ("preset", "override", "said"),
    [
        ("smoke", "runtime=cpu", "one claim is undecided at this size"),
        ("paper", "seeds=[3]", ""),
    ],
)
def test_a_headline_stands_for_what_decides_it(preset, override, said):
    assert_headline_stands("fig9", preset, override, said)


def test_a_figure_names_the_panels_that_keep_their_seeds():
    own = {
        "seeds=[3]": "modified: seeds=[3]   easy, alignment_easy: the preset's seeds",
        "all.seeds=[3,4]": "modified: all.seeds=[3,4]",
    }
    for given, said in own.items():
        assert plan(PROJECT, ["figure=fig9/smoke", given]).stamp == f"preset: smoke   {said}"
