"""What is drawn of made-up numbers is true: values, arms and counts by name.

Pictures of the committed numbers are looked at in tests/test_pictures.py.
"""

import importlib
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from figures import style
from figures.captions import caption
from figures.panels import accuracies, variability
from tests.experiments.planned import PROJECT, numbers_of

BODY = caption("fig4").body.replace("\n", " ")


def rendered(picture, data=None):
    figure = picture.partition("_")[0]
    package = PROJECT.place(figure).figures
    with style.applied():
        module = importlib.import_module(f"{package}.{picture}")
        drawn = module.render(data or numbers_of(figure))
    plt.close(drawn)
    return drawn


@pytest.mark.parametrize(("name", "value", "unit"), [("isi", 7, "(ms)"), ("rates", 130, "(Hz)")])
def test_histograms_have_values_in_their_bins(name, value, unit):
    data = {
        panel: {n: np.full_like(a, value) if n.startswith(f"{name}_") else a for n, a in of.items()}
        for panel, of in numbers_of("fig6").items()
    }
    drawn = rendered("fig6_supplement", data).findobj(Axes)
    (after,) = (axes for axes in drawn if axes.get_xlabel().endswith(unit))
    (before,) = set(after.get_shared_x_axes().get_siblings(after)) - {after}
    assert [axes.get_title("left") for axes in (before, after)] == [
        "before training",
        "after training",
    ]
    assert len(before.patches) == len(after.patches) == 4
    for patch in (*before.patches, *after.patches):
        assert isinstance(patch, StepPatch)
        share, edges, _ = patch.get_data()
        (full,) = np.flatnonzero(share > 99)
        assert edges[full] < value < edges[full + 1] and share.max() < 100 + 1e-6


def test_histograms_before_training_are_of_the_values_before_training():
    data = numbers_of("fig6")
    for panel in ("deterministic", "stochastic"):
        changed = {f"rates_{layer}_before": 130.0 for layer in ("hidden", "output")}
        data[panel] |= {x: np.full_like(data[panel][x], value) for x, value in changed.items()}
    drawn = rendered("fig6_supplement", data).findobj(Axes)
    (after,) = (axes for axes in drawn if axes.get_xlabel() == "rate (Hz)")
    (before,) = set(after.get_shared_x_axes().get_siblings(after)) - {after}
    shares = [[patch.get_data()[0].max() for patch in axes.patches] for axes in (before, after)]
    assert min(shares[0]) > 99 > max(shares[1])


def test_curves_as_published_start_and_end_on_the_rescaled_output():
    first, second = (
        axes for axes in rendered("fig4_supplement").findobj(Axes) if "w" in axes.get_xlabel()
    )
    for axes in (first, second):
        output, *others = (line.get_ydata() for line in axes.lines)
        assert (output.min(), output.max()) == (0, 1) and len(others) == 2
        for curve in others:
            np.testing.assert_allclose(curve[[0, -1]], output[[0, -1]])
    np.testing.assert_allclose(output[-1], 0.679, atol=1e-3)
    # The SG of slope 30 has its minimum far above that of the output.
    np.testing.assert_allclose(others[1].min(), 0.55, atol=0.02)


def test_the_window_of_a_fano_factor_is_said_in_ms():
    data = numbers_of("fig7")
    panel = data["stochastic"] | {"fano_window": np.array(0.035)}
    axes = plt.figure().subplots()
    variability.fano(axes, data | {"stochastic": panel})
    assert axes.get_ylabel() == "Fano factor\n(35 ms windows)"


def test_training_is_drawn_as_the_key_says():
    value = {"train": 0.9, "valid": 0.8}
    data = {}
    for panel, less in (("", 0.0), ("_frozen", 0.6)):
        for mode, shift in (("deterministic", 0.0), ("stochastic", 0.05)):
            curves = {name: np.full(4, y - less - shift) for name, y in value.items()}
            data[mode + panel] = {
                "epoch": np.arange(4)[None],
                "classes": np.array([["a", "b"]]),
                "title": np.array(["words"]),
                **{f"{name}_mean": curve for name, curve in curves.items()},
                **{f"{name}_accuracy": curve[None] for name, curve in curves.items()},
            }
    axes = plt.figure().subplots()
    accuracies.training(axes, data)
    key = {"dashed: training", "solid: validation", "dotted: hidden layers frozen"}
    colors = {text.get_text(): text.get_color() for text in axes.texts}
    assert key <= colors.keys()
    for mode, shift in (("deterministic", 0.0), ("stochastic", 0.05)):
        assert colors[mode] == style.ink(style.MODES[mode])
        for dashes, expected in ((style.DASHES[1], 0.9), ("-", 0.8), (style.DASHES[2], 0.2)):
            (like,) = plt.figure().subplots().plot([0], ls=dashes)
            (line,) = (
                line
                for line in axes.lines
                if len(line.get_xdata()) == 4
                and line.get_color() == style.MODES[mode]
                and line._unscaled_dash_pattern == like._unscaled_dash_pattern
            )
            np.testing.assert_allclose(line.get_ydata(), expected - shift)


def test_tested_networks_are_drawn_as_their_rows_say():
    data = {}
    for i, panel in enumerate(("deterministic", "stochastic")):
        for j, name in enumerate((panel, f"{panel}_frozen")):
            mean = 0.1 + 0.4 * i + 0.2 * j + np.array([0.0, 0.1])
            data[name] = {
                "test_mean": mean,
                "test_interval": np.stack([mean - 0.01, mean + 0.02], axis=-1),
                "test_accuracy": mean[None],
                "classes": np.array([["a", "b"]]),
            }
    axes = plt.figure().subplots()
    accuracies.tests(axes, data)
    rows = dict(zip(axes.get_yticks(), (t.get_text() for t in axes.get_yticklabels()), strict=True))
    means = [
        (rows[y], x)
        for line in axes.lines
        for x, y in line.get_xydata()
        if line.get_marker() in ("o", "s", "D")
    ]
    assert means == [
        ("tested deterministic", pytest.approx(0.1)),
        ("tested stochastic", pytest.approx(0.2)),
        ("hidden layers frozen", pytest.approx(0.3)),
        ("tested stochastic", pytest.approx(0.6)),
        ("tested deterministic", pytest.approx(0.5)),
        ("hidden layers frozen", pytest.approx(0.8)),
    ]


def test_the_caption_of_figure_4_counts_wrong_signs_where_the_gradient_is_large():
    data = numbers_of("fig4")["along_w"]
    size = np.abs(data["true"])
    (words,) = re.findall(r"In (\d+) % and (\d+) % of the range.*?in (\d+) % and (\d+) %", BODY)
    wrong = [data["wrong_sign"] & (size > share * size.max()) for share in (0.1, 0.01)]
    assert [round(100 * part.mean()) for each in wrong for part in each] == [*map(int, words)]
    drawn = {axes.get_title("left") for axes in rendered("fig4").findobj(Axes)}
    assert {
        "wrong sign: 53 % of $w$ (8 % large)",
        "wrong sign: 5 % of $w$ (2 % large)",
    } <= drawn
