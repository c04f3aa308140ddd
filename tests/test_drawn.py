"""What is drawn is true: values in the unit of their axis, arms and counts by name.

That nothing else changes, tests/drawn says; see tests/test_figures.py.
"""

import importlib
import re
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from experiments.engine.compose import plan
from figures import style
from figures.drawing import pictures
from figures.panels import accuracies, variability
from figures.style import MODES
from scripts.drawn import record, settled, values_of
from scripts.redraw import PROJECT, numbers
from scripts.sources import EQUAL, LARGEST, SHORTEST, Sources

RENDERERS = {
    picture: room.figures
    for room in PROJECT.rooms
    for figure in room.figures_in()
    for picture in pictures(figure, room.figures)
}
UNITS = {
    "s": ("time", 1),
    "ms": ("time", 1e3),
    "rad": ("angle", 1),
    "°": ("angle", 180 / np.pi),
    "Hz": ("rate", 1),
    "1/potential": ("1/potential", 1),
}
"""Dimension, and size of its first unit in this one."""
NO_UNITS = (
    r"symlog|stochastic|.* time steps|units of .*|.* exact|.* percentile|wrong sign.*|%|0: .*"
)
"""What else stands in parentheses at the end of an axis' label."""
ELSEWHERE = {
    ("fig6_supplement", "x", "interspike interval (ms)"),
    ("fig6_supplement", "x", "rate (Hz)"),
    ("fig9_supplement", "x", "duration (ms)"),
}
"""Tests below draw these axes with made-up numbers."""


@cache
def numbers_of(picture):
    figure = picture.partition("_")[0]
    return numbers(figure, PROJECT.reference(figure))[0]


@cache
def quantities(figure):
    """Numbers of a figure's arrays that have a unit, by dimension and in its first unit."""
    data = numbers_of(figure)
    run = plan(PROJECT, [f"figure={figure}/{PROJECT.committed_preset(figure)}"]).root.panels
    found = {}
    for panel, named in data.items():
        for name, array in named.items():
            said = run[panel].ARRAYS.get(name)  # none of what is computed no more
            if said is None or said.unit not in UNITS or array.size > LARGEST:
                continue
            dimension, size = UNITS[said.unit]
            several = [array, np.median(array, axis=0)] if array.ndim > 1 else [array]
            if name == "dt":
                # A clock that runs as long as the panel's network does.
                several = [array[0] * np.arange(n + 1) for n in steps(run[panel], named)]
            found.setdefault(dimension, []).extend(np.unique(each) / size for each in several)
    return found


def steps(experiment, named):
    """Sizes of all axes of steps."""
    declared = experiment.ARRAYS
    axes = [(declared[name].axes, named[name].shape) for name in named if name in declared]
    return {shape[names.index("step")] for names, shape in axes if "step" in names}


def rendered(picture, data=None):
    data = data or numbers_of(picture)
    with style.applied():
        drawn = importlib.import_module(f"{RENDERERS[picture]}.{picture}").render(data)
    plt.close(drawn)
    return drawn


def curves(axes, which):
    """Values of lines, error bars and images along an axis, but of guides and single marks."""
    for image in axes.images:
        yield np.array(image.get_extent()[slice(2) if which == "x" else slice(2, 4)])
    for artist in [*axes.lines, *axes.collections]:
        in_data = artist.get_transform().contains_branch_seperately(axes.transData)
        values = dict(values_of(artist)).get(which, np.empty(0))
        values = np.unique(values[np.isfinite(values)])
        if in_data["xy".index(which)] and values.size >= SHORTEST:
            yield values


def made_of(values, quantity):
    """Are all values but the least, which may be cut, among others?"""
    above = values[1:]
    place = np.searchsorted(quantity, above * (1 - EQUAL)).clip(max=quantity.size - 1)
    return np.allclose(quantity[place], above, EQUAL, 0)


@pytest.fixture(scope="module", params=RENDERERS)
def drawn(request):
    """A picture's name, and all of its axes."""
    return request.param, rendered(request.param).findobj(Axes)


def test_values_are_in_the_unit_of_their_axis(drawn):
    picture, all_axes = drawn
    for axes in all_axes:
        for which, label in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())):
            unit = (re.findall(r"\(([^()]*)\)$", label) or [""])[0]
            assert unit in ("", *UNITS) or re.fullmatch(NO_UNITS, unit), f"no unit {unit}: {label}"
            if unit not in UNITS or (picture, which, label) in ELSEWHERE:
                continue
            dimension, size = UNITS[unit]
            known = quantities(picture.partition("_")[0]).get(dimension, [])
            shared = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
            found = [values / size for other in shared for values in curves(other, which)]
            for values in found:
                fits = [quantity for quantity in known if made_of(values, quantity)]
                assert fits, f"{label}: no array declared in a unit of {dimension} has {values}"
            assert found, f"{label}: nothing to compare"


def test_what_is_of_a_spike_mode_has_its_colour(drawn):
    picture, all_axes = drawn
    sources, modes = Sources(numbers_of(picture)), {color: mode for mode, color in MODES.items()}
    for axes in all_axes:
        for line in axes.lines:
            names = [
                name.split()[-1] for _, name in sources.all_of(np.asarray(line.get_ydata(), float))
            ]
            panels = {name.partition("/")[0].partition("_")[0] for name in names}
            if panels and panels <= MODES.keys() and line.get_color() in modes:
                assert modes[line.get_color()] in panels, names


@pytest.mark.parametrize(("name", "value", "unit"), [("isi", 7, "(ms)"), ("rates", 130, "(Hz)")])
def test_histograms_have_values_in_their_bins(name, value, unit):
    data = {
        panel: {n: np.full_like(a, value) if n.startswith(f"{name}_") else a for n, a in of.items()}
        for panel, of in numbers_of("fig6").items()
    }
    drawn = rendered("fig6_supplement", data).findobj(Axes)
    (axes,) = (axes for axes in drawn if axes.get_xlabel().endswith(unit))
    assert len(axes.patches) == 4
    for patch in axes.patches:
        x, y = patch.get_xy().T
        filled = x[y > 99]
        assert filled.min() < value < filled.max() and y.max() < 100 + EQUAL


def test_the_window_of_a_fano_factor_is_said_in_ms():
    data = numbers_of("fig7")
    panel = data["stochastic"] | {"fano_window": np.array(0.035)}
    axes = plt.figure().subplots()
    variability.fano(axes, data | {"stochastic": panel})
    assert axes.get_ylabel() == "Fano factor, 35 ms windows"


def test_training_is_drawn_as_the_key_says():
    value = {"train": 0.9, "valid": 0.5}
    data = {}
    for panel, less in (("", 0.0), ("_frozen", 0.3)):
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
    of = {line.get_label(): line for line in axes.lines}
    for mode, shift in (("deterministic", 0.0), ("stochastic", 0.05)):
        for words, expected in (("training", 0.9), ("validation", 0.5), ("hidden frozen", 0.2)):
            (line,) = (
                line
                for line in axes.lines
                if len(line.get_xdata()) == 4
                and line.get_color() == of[mode].get_color()
                and line._unscaled_dash_pattern == of[words]._unscaled_dash_pattern
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


@pytest.mark.parametrize(
    "change",
    [
        lambda axes, line: line.set_ydata([0, 1, 2.01, 3, 4]),
        lambda axes, line: line.set_ydata([0, 2, 1, 3, 4][::-1]),
        lambda axes, line: line.set_color("#333399"),
        lambda axes, line: line.set_linestyle("--"),
        lambda axes, line: line.set_marker("s"),
        lambda axes, line: line.set_label("two"),
        lambda axes, line: axes.set_yscale("symlog"),
        lambda axes, line: axes.set_xlim(0, 5),
        lambda axes, line: axes.set_xticks([1, 3]),
        lambda axes, line: axes.set_xlabel("rate (Hz)"),
        lambda axes, line: axes.set_title("another"),
        lambda axes, line: axes.errorbar([1], [1], 0.2, color="#333333"),
        lambda axes, line: axes.text(1, 1, "words"),
        lambda axes, line: axes.legend(),
        lambda axes, line: axes.imshow(np.eye(3)),
    ],
)
def test_a_record_changes_with_what_is_drawn(change):
    def made(change):
        figure, axes = plt.subplots()
        (line,) = axes.plot(np.arange(5), np.arange(5.0), color="#333333", label="one")
        change(axes, line)
        figure.draw_without_rendering()
        plt.close(figure)
        return record(figure, {"panel": {"y": np.arange(5)}})

    old = made(lambda axes, line: None)
    assert "= panel/y[:]" in old
    assert settled(made(change), old) != old
    near = "near 1.001\nnear 1\n"
    assert settled(near, near) == near
    last_bits = made(lambda axes, line: line.set_ydata(np.arange(5) * (1 + 1e-12)))
    assert settled(last_bits, old) == old
