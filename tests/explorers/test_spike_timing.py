"""Spike timing: medians, ratios and rasters are figure 6's."""

import itertools

import numpy as np
import pytest
import scipy.stats

from tests.explorers.opened import ROOT


def test_spike_timing(explorer):
    page = explorer("spike_timing")
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        figure = {name: array for name, array in arrays.items() if array.dtype.kind == "f"}

    def values(condition, name, epoch):
        if epoch in (0, 1500):
            actual = figure[f"{condition}/{'last' if epoch else 'first'}_{name}"]
        else:
            actual = figure[f"{condition}/{name}"][:, epoch // 5]
        return actual.astype(float)

    compared = {
        "deterministic": ("deterministic", "deterministic_frozen"),
        "stochastic": ("stochastic", "stochastic_frozen"),
        "slower": ("deterministic", "deterministic_frozen_slow"),
    }
    for measure, epoch in itertools.product(("l2", "van_rossum"), (0, 600, 1500)):
        page.set(measure=measure, epoch=epoch)
        for name, conditions in compared.items():
            both = [values(condition, measure, epoch) for condition in conditions]
            rate = np.median(values(conditions[0], "rate_hidden", epoch))
            logs = np.log(both[0] / both[1])
            half = scipy.stats.t.ppf(0.975, 4) * logs.std(ddof=1) / np.sqrt(5)
            ratio = np.exp(logs.mean() + np.array([0, -half, half]))
            ids = ("trained", "frozen", "rate", "ratio", "low", "high")
            shown = page.numbers(*(f"{name}_{id}" for id in ids))
            assert shown == pytest.approx([*map(np.median, both), rate, *ratio], rel=1e-3)
        fano = np.median(values("stochastic", "fano_output", epoch))
        assert page.number("fano") == pytest.approx(fano, rel=1e-3)
    # The raster is the last one recorded before the epoch: as many pixels as spikes.
    page.set(epoch=600)
    assert page.page.locator("#stochastic_epoch").text_content() == "epoch 425"
    ink = page.page.evaluate(
        """() => document.getElementById("stochastic").getContext("2d")
            .getImageData(0, 0, 189, 200).data.filter((v, i) => i % 4 == 2 && v < 255).length"""
    )
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        assert ink == arrays["stochastic/frames"][0, 3].sum()
