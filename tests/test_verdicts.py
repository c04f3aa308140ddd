"""Filled and hollow markers: one rule for all figures, in the same words."""

import matplotlib.pyplot as plt
import numpy as np

from experiments.speech import resets
from experiments.speech.resets import ResetsTrained
from figures import fig7_supplement
from figures.verdicts import RULE, decided
from scripts.redraw import PROJECT, committed


def test_an_interval_beside_the_line_or_between_the_margins_decides():
    low = [0.1, -0.2, -0.1, -0.5, np.nan, -np.inf]
    high = [0.3, -0.1, 0.2, 0.5, np.nan, -1]
    assert decided([low, high], 0).tolist() == [True, True, False, False, False, False]
    between = decided([low, high], 0, (-0.3, 0.3)).tolist()
    assert between == [True, True, True, False, False, False]
    # An interval that ends on the line does not lie beside it.
    assert not decided([0.0, 1.0], 0)


def test_pages_of_figures_state_the_rule():
    for room in PROJECT.places:
        assert RULE in (room.folder / "docs/figures.md").read_text()


def test_figure_7_decides_on_resets_as_its_claims_do():
    assert fig7_supplement.MARGIN == resets.MARGIN
    data, _ = committed("fig7")
    panels = {name: data[name] for name in fig7_supplement.DATA_SETS}
    for name, panel in panels.items():
        quantities = ResetsTrained.conclusions({name: panel})
        _, drawn = fig7_supplement.relative_differences(panel)
        for i, mode in enumerate(("deterministic", "stochastic")):
            for j, surrogate in enumerate(panel["surrogates"][0]):
                end = f"relative_through_minus_detached[{mode}][{surrogate}]"
                claimed = quantities[f"{name}.{end}"]
                expected = claimed.value, claimed.ci_low, claimed.ci_high
                np.testing.assert_allclose(drawn[i, j], expected, rtol=1e-9)


def test_figure_7_draws_the_accuracies_of_networks_trained_with_the_reset_detached():
    data, _ = committed("fig7")
    panels = {name: data[name] for name in fig7_supplement.DATA_SETS}
    axes = plt.figure().subplots()
    fig7_supplement._accuracies(axes, panels)
    means = [line.get_xdata() for line in axes.lines if line.get_marker() == "o"]
    detached = [panel["accuracy_interval"][:, 1, :, 0].T for panel in panels.values()]
    np.testing.assert_allclose(np.ravel(means), 100 * np.ravel(detached))
