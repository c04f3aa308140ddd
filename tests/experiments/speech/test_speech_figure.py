"""What figure 7 says of its numbers: intervals, and the window of its Fano factor."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from experiments.engine.cache import read_numbers
from experiments.engine.config import Project
from experiments.speech.classification import Classification
from experiments.speech.gradient_scale import GradientScale
from figures.fig7 import draw_network
from figures.panels.gradient_norms import against_depth, against_slope, shape_key


@pytest.mark.parametrize(("kernel", "n_arrows"), [(5, 3), (0, 0)])
def test_layers_have_arrows_onto_themselves_where_they_are_recurrent(kernel, n_arrows):
    numbers, _ = read_numbers(Project().reference("fig7"))
    panel = numbers["stochastic"] | {"recurrent_kernel": np.array([kernel])}
    figure, axes = plt.subplots()
    draw_network(axes, panel)
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    plt.close(figure)
    assert len(arrows) == n_arrows


def test_what_follows_from_all_seeds_is_by_class_epoch_and_window():
    # Class 1 reaches the largest value, class 0 the largest sum.
    traces = np.zeros((1, 1, 12, 2), np.float16)
    traces[..., 0], traces[0, 0, 3, 1] = 0.4, 1.0
    data = {
        "train_accuracy": np.array([[0.1, 0.3], [0.3, 0.7]]),
        "valid_accuracy": np.array([[0.0, 0.2], [0.2, 0.2]]),
        "test_accuracy": np.array([[0.5, 0.2], [0.7, 0.4]]),
        "n_test": np.array([10, 10]),
        "confusion": np.array([[[1, 1], [0, 0]], [[2, 0], [0, 0]]]),
        "sample_readout": traces,
        "fano": np.zeros((1, 3, 2)),
        "dt": np.array([2e-3]),
    }
    actual = Classification().pooled(data)
    np.testing.assert_allclose(actual["train_mean"], [0.2, 0.5])
    np.testing.assert_allclose(actual["valid_mean"], [0.1, 0.2])
    np.testing.assert_allclose(actual["test_mean"], [0.6, 0.3])
    np.testing.assert_allclose(actual["confusion_share"], [[0.75, 0.25], [0, 0]])
    np.testing.assert_allclose(actual["fano_time"], [0.010, 0.012])
    assert actual["fano_window"] == pytest.approx(0.020)
    assert actual["sample_answer"] == [1]
    assert Classification(loss="sum").pooled(data)["sample_answer"] == [0]


def test_norms_are_drawn_against_slope_and_depth_and_named_in_a_key():
    norms = 10.0 ** np.array([[[-1, -1, -1], [-1, 0, 1]], [[-2, -2, -2], [-2, -3, -4]]])
    norms = norms[..., None] * np.ones(3)
    panel = {
        "slopes": np.array([[3.0, 30.0]]),
        "shapes": np.array([["Sigmoid", "SuperSpike"]]),
        "norm": norms[None],
        "norm_mean": norms,
    }
    figure, (slope, depth, key) = plt.subplots(1, 3)
    against_slope(slope, panel)
    against_depth(depth, panel)
    shape_key(key, panel)
    curves = [[list(line.get_ydata()) for line in axes.lines] for axes in (slope, depth)]
    # The deepest network at all slopes; all depths at the slope that is nearest to 10.
    assert [curve in curves[0] for curve in ([0.1, 10.0], [0.01, 1e-4])] == [True, True]
    assert curves[1] == [[0.1, 1.0, 10.0], [0.01, 0.001, 1e-4]]
    names = [text.get_text() for text in key.get_legend().get_texts()]
    assert names[0].startswith("SG, matched") and names[1].startswith("SuperSpike")
    plt.close(figure)


def test_gradient_norms_have_geometric_means_over_seeds():
    norm = np.array([1.0, 100.0]).reshape(2, 1, 1, 1, 1)
    assert GradientScale().pooled({"norm": norm})["norm_mean"].item() == pytest.approx(10.0)
