"""Figure 9, whose panels share parameters: all are set at once."""

import pytest

from experiments.engine.config import plan
from experiments.engine.errors import UserError
from tests.experiments.test_parameters import PROJECT, values_by_panel


def test_one_override_changes_all_panels_and_hides_none():
    own = "panels.trained_high_noise.n_hidden=8"
    run = plan(PROJECT, ["figure=fig9/smoke", own, "all.n_hidden=12"])
    assert values_by_panel(run, "n_hidden") == {"noise": 12, "trained_high_noise": 8}
    assert own in run.modified
    run = plan(PROJECT, ["figure=fig9/smoke", "all.n_hidden=12"])
    assert set(values_by_panel(run, "n_hidden").values()) == {12}
    assert run.modified == ("all.n_hidden=12",)
    assert plan(PROJECT, ["figure=fig9/smoke", "all.n_inputs=10"]).modified == ("all.n_inputs=10",)


@pytest.mark.parametrize(
    ("override", "fix"),
    [
        ("all.n_hidden=0", "all.n_hidden=1"),
        ("all.n_hiden=3", "all.n_hidden=..."),
        ("all.n_hidden=x", "all.n_hidden=..."),
    ],
)
def test_the_fix_of_a_wrong_value_for_all_is_for_all(override, fix):
    with pytest.raises(UserError) as error:
        plan(PROJECT, ["figure=fig9/smoke", override])
    assert error.value.fix == fix


def test_a_figure_names_the_panels_that_keep_their_seeds():
    own = {
        "seeds=[3]": "modified: seeds=[3]   trained_high_noise: the preset's seeds",
        "all.seeds=[3,4]": "modified: all.seeds=[3,4]",
    }
    for override, stamp in own.items():
        assert plan(PROJECT, ["figure=fig9/smoke", override]).stamp == f"preset: smoke   {stamp}"
