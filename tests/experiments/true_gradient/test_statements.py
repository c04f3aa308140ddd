"""What is said of figure 9 follows from pooled arrays: numbers, interval ends and tasks."""

import numpy as np

from experiments.true_gradient.statements import alignment, trainings


def test_final_losses_are_said_over_that_of_stochastic_ad():
    names = ["super_spike", "stochastic_ad_systematic"]
    paired = np.ones((2, 2, 3))
    paired[0, 1] = [0.5, 0.3, 0.8]
    data = {
        "methods": np.array([names]),
        "paired": paired,
        "silent": np.array([False, True]),
        "n_compared": np.array(1),
    }
    (name,), (quantity,) = zip(*trainings(data).items(), strict=True)
    assert name == "super_spike_over_stochastic_ad_systematic"
    assert (quantity.value, quantity.ci_low, quantity.ci_high) == (0.5, 0.3, 0.8)
    assert quantity.why == "1 of 2 tasks"


def test_correlations_and_changes_are_said_by_name():
    data = {
        "methods": np.array([["super_spike"]]),
        "predictors": np.array(["update_before"]),
        "rank_correlations": np.array([[0.2, 0.1, 0.3]]),
        "cosine_change": np.array([[-0.2, -0.3, -0.1]]),
        "silent": np.zeros(4, bool),
        "n_compared": np.array(4),
    }
    said = alignment(data)
    assert said["update_before_rank_correlation"].ci_high == 0.3
    assert said["super_spike_cosine_change"].value == -0.2
