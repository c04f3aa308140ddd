"""Mistakes in parameters of figures 8 and 9 end in one short message, too."""

import pytest

from tests.experiments.test_refusals import assert_refused

NINE = "figure=fig9/smoke"
REFUSED = {
    "depth": ("figure=fig8/smoke panels.depth.depths=[1,100000]", "out of range", "<= 100"),
    "true gradient": (f"{NINE} panels.noise.n_trials=100000000", "out of range", "=1000000"),
    "neurons": (f"{NINE} panels.easy.n_hidden=1000000", "out of range", "n_hidden=10000"),
    "uneven": ("figure=fig9/quick panels.variance.steps=62", "not shared evenly", "steps"),
    "uint32": (f"{NINE} panels.easy.seeds=[4294967296]", "out of range", "<= 4294967295"),
}


@pytest.mark.parametrize(("command", "what", "hint"), REFUSED.values(), ids=REFUSED)
def test_one_message_and_nothing_written(command, what, hint, tmp_path, capfd):
    assert_refused(command, what, hint, tmp_path, capfd)
