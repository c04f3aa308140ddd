"""What is said of figure 9 follows from pooled arrays: numbers, ends, tasks, corrected p-values."""

import numpy as np

from beyond.experiments import families
from beyond.experiments.lif.unbiased_training import UnbiasedTraining

trainings = UnbiasedTraining.conclusions


def decided(panel, panels):
    methods = ("super_spike", "stochastic_ad_systematic")
    return families.decided(
        trainings(panels), (f"{panel}.{name}_over_{methods[1]}" for name in methods)
    )


def trained(p):
    paired = np.ones((2, 2, 3))
    paired[0, 1] = [0.5, 0.3, 0.8]
    return {
        "methods": np.array([["super_spike", "stochastic_ad_systematic"]]),
        "paired": paired,
        "paired_p": np.array([[np.nan, p], [p, np.nan]]),
        "silent": np.array([False, True, False]),
        "frozen": np.array([[False, True], [True, True], [False, False]]),
        "n_compared": np.array(2),
    }


def test_final_losses_are_said_over_that_of_stochastic_ad():
    quantities = trainings({"easy": trained(0.02), "steep": trained(0.03)})
    quantity = quantities["easy.super_spike_over_stochastic_ad_systematic"]
    assert (quantity.value, quantity.ci_low, quantity.ci_high) == (0.5, 0.3, 0.8)
    assert quantity.why == "2 of 3 tasks"
    # Two comparisons: the smaller p counts twice, and the larger is no smaller than that.
    assert quantities["easy.super_spike_over_stochastic_ad_systematic_p"].value == 0.04
    assert quantities["steep.super_spike_over_stochastic_ad_systematic_p"].value == 0.04
    # The silent task does not count.
    assert quantities["easy.super_spike_frozen"].value == 0
    assert quantities["easy.stochastic_ad_systematic_frozen"].value == 1


def test_holm_decides_over_all_panels():
    """Alone 0.03 decides, and beside 0.02; beside 0.9 it does not."""
    both = {"easy": trained(0.02), "steep": trained(0.03)}
    assert decided("easy", both).tolist() == decided("steep", both).tolist() == [True, False]
    one = {"easy": trained(0.03), "steep": trained(0.9)}
    assert decided("easy", one).tolist() == [False, False]
    assert decided("easy", {"easy": trained(0.03)}).tolist() == [True, False]


def test_a_panel_without_stochastic_ad_says_nothing():
    other = trained(0.02) | {"methods": np.array([["super_spike", "surrogate"]])}
    assert trainings({"easy": other}) == {}
    assert trainings({"easy": other, "steep": trained(0.03)}) == trainings({"steep": trained(0.03)})
