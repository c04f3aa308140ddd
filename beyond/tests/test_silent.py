"""A neuron that never spikes: figure 9 is drawn, and says that no task could be trained."""

import numpy as np
import pytest

from figures.drawing import draw
from tests.experiments.planned import numbers_of, planned

ALWAYS = ("cosine", "ratio", "cosine_se", "ratio_se", "update_cosine", "update_cosine_se")
"""Arrays that are unknown without spikes."""


@pytest.fixture(scope="module")
def silent():
    """The numbers of figure 9 as a neuron without spikes leaves them."""
    panels, arrays = planned("figure=fig9/paper").panels, {}
    for name, panel in numbers_of("fig9").items():
        raw = {k: np.full_like(v, np.nan) if k in ALWAYS else v for k, v in panel.items()}
        if {"first_spikes", "loss"} <= panel.keys():
            raw["first_spikes"] = np.zeros_like(panel["first_spikes"])
            first = panel["loss"][..., :1]
            raw["loss"] = np.broadcast_to(first, panel["loss"].shape).copy()
        with np.errstate(all="ignore"):
            arrays[name] = raw | (
                panels[name].pooled(raw) if raw.keys() & {*ALWAYS, "loss"} else {}
            )
    return arrays


def words_in(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:All-NaN", "ignore:Degrees")
@pytest.mark.parametrize(("picture", "n"), [("fig9", 4), ("fig9_supplement", 0)])
def test_figure_9_of_a_silent_neuron_says_that_nothing_was_trained(silent, picture, n, tmp_path):
    figure = draw(picture, silent, "", [tmp_path / "figure.png"], "beyond.figures")
    message = "no task could be trained:\nno output spikes"
    assert words_in(figure).count(message) == n
