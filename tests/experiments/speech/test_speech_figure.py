"""What figure 7 says of its numbers: intervals, and the window of its Fano factor."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm

from experiments.engine.registry import Project
from experiments.speech.intervals import confidence_interval
from figures import fig7, style
from figures.drawing import unpack

SEEDS = np.array([0.90, 0.91, 0.92, 0.93, 0.94])


def test_intervals_are_wilsons_for_one_seed_and_students_for_several():
    interval = confidence_interval
    assert interval(np.array([0.9]), 50) == pytest.approx((0.7864, 0.9565), abs=5e-4)
    half = 2.776 * SEEDS.std(ddof=1) / 5**0.5
    assert interval(SEEDS, 50) == pytest.approx((0.92 - half, 0.92 + half), abs=1e-5)
    # The normal quantile would make five seeds look a third surer than they are.
    wrong = norm.ppf(0.975) * SEEDS.std(ddof=1) / 5**0.5
    assert interval(SEEDS, 50)[1] - 0.92 > 1.3 * wrong


def test_the_window_of_the_fano_factor_is_ten_steps():
    with np.load(Project().root / "figures" / "reference" / "fig7.npz") as file:
        data = unpack(file)[0]
    with style.applied():
        figure = fig7.render(data)
        labels = [axes.get_ylabel() for axes in figure.axes]
        plt.close(figure)
    assert "Fano factor, 20 ms" in labels
