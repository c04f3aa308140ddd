"""In the small presets trained hidden layers do better than frozen ones."""

import pytest

from tests.experiments.planned import golden_quantities

SHARES = {
    # Between the measured ratio and 1, where hidden weights do not learn: 0.21, 0.94, 0.40, 0.25.
    ("fig6.deterministic", "van_rossum"): 0.5,
    ("fig6.stochastic", "l2"): 0.99,
    ("fig7.stochastic", "train_accuracy"): 0.75,
    ("fig7.deterministic", "train_accuracy"): 0.75,
}
"""Largest ratio of the worse number to the better one, by panel and number."""


def learns(quantities, panel, number):
    """Return True if the trained network clearly beats the one with frozen hidden layers."""
    trained, frozen = (quantities[f"{x}.{number}"].value for x in (panel, f"{panel}_frozen"))
    # A distance falls, an accuracy rises.
    worse = frozen / trained if number == "train_accuracy" else trained / frozen
    return worse < SHARES[panel, number]


@pytest.mark.parametrize(("panel", "number"), SHARES)
def test_hidden_layers_learn_in_the_small_presets(panel, number):
    """`make verify` compares these numbers with a new computation."""
    golden = golden_quantities(panel.partition(".")[0])
    assert learns(golden, panel, number)
    # The control: a network without a surrogate learns like its frozen copy.
    control = golden[f"{panel}_frozen.{number}"]
    assert not learns(golden | {f"{panel}.{number}": control}, panel, number)
