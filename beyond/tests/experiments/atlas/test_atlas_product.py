"""The map of the whole product: every cell in its place, with the estimator that is best there."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from beyond.experiments.atlas.choice import pooled
from beyond.figures import fig8_supplement
from beyond.figures.panels.atlas_product import product
from figures import style
from figures.drawing import unpack
from figures.looks import LOOKS

NAMES = ["surrogate", "smoothed_two_sided"]
CELLS = [(d, w, b, c) for d in (1, 2) for w in (2, 4) for b in (1, 8) for c in (0, 0.5, 1)]


def panel(cosines):
    """One seed and two networks; the second estimator has cosine 0.95 and no noise anywhere."""
    shape = (1, 2, len(CELLS), 2)
    cosine = np.full(shape, 0.95)
    cosine[0, 0] = np.array(cosines)[:, None]
    data = {
        "estimators": np.array([NAMES]),
        "cells": np.array([CELLS], float),
        "sites": np.full((1, len(CELLS)), 40),
        "evaluations": np.ones(shape[:3]),
        "budgets": np.array([[1, 10, 100, 1000]]),
        "cosine": cosine,
        "aligned": np.repeat(cosine[..., None], 4, axis=-1),
        "scale": np.ones(shape),
        "bias": np.zeros(shape),
        "variance": np.zeros(shape),
        **dict.fromkeys(("effective", "projection", "projection_se"), np.full(shape, np.nan)),
    }
    return data | pooled(data)


@pytest.fixture
def maps():
    """Panels drawn where the surrogate is better at slope 1 and linear loss in 2 layers of 4."""
    cosines = [0.999 if cell == (2, 4, 1, 0) else 0.5 for cell in CELLS]
    figure = plt.figure(layout="constrained")
    product(figure, panel(cosines), "g")
    yield figure
    plt.close(figure)


def test_cells_lie_by_depth_and_width_over_slope_and_curvature(maps):
    *drawn, names = maps.axes
    patches = names.get_legend().get_patches()
    colors = {p.get_label(): to_hex(p.get_facecolor()) for p in patches}
    assert set(colors) == {LOOKS[name].label for name in NAMES}
    for axes in drawn:
        found = {
            p.get_xy(): LOOKS[NAMES[0]].label
            for p in axes.patches
            if to_hex(p.get_facecolor()) == colors[LOOKS[NAMES[0]].label]
        }
        assert list(found) == [(0, 3)]
    assert [t.get_text() for t in maps.axes[0].get_yticklabels()][3] == "2 × 4"


def test_cosines_are_not_rounded_up(maps):
    said = [t.get_text() for t in maps.axes[0].texts if t.get_text().startswith(".")]
    assert said.count(".99") == 1
    assert said.count(".95") == len(CELLS) - 1


@pytest.mark.parametrize("more", [False, True])
def test_the_supplement_has_the_map_where_it_was_computed(more):
    with np.load("beyond/figures/reference/fig8.npz") as file:
        data = unpack(file)[0]
    data.pop("product", None)
    if more:
        data["product"] = panel([0.5] * len(CELLS))
    with style.applied():
        figure = fig8_supplement.render(data)
    letters = [letter.get_text() for letter in style.write_letters(figure)]
    assert ("g" in letters) == more
    plt.close(figure)
