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
        rasters = {mode: arrays[f"{mode}/frames"][0] for mode in ("deterministic", "stochastic")}
        measured, recorded = (arrays[f"stochastic/{name}"][0] for name in ("epoch", "frame_epoch"))

    def values(condition, name, epoch):
        if epoch in (0, 1500):
            actual = figure[f"{condition}/{'last' if epoch else 'first'}_{name}"]
        else:
            # After 425 epochs: as the 426th measured it, before its update.
            actual = figure[f"{condition}/{name}"][:, measured == epoch + 1][:, 0]
        return actual.astype(float)

    compared = {
        "deterministic": ("deterministic", "deterministic_frozen"),
        "stochastic": ("stochastic", "stochastic_frozen"),
        "slower": ("deterministic", "deterministic_frozen_slow"),
    }
    epochs = page.page.locator("#epoch input").evaluate_all("all => all.map(x => Number(x.value))")
    assert epochs == recorded.tolist()
    for measure, epoch in itertools.product(("l2", "van_rossum"), epochs):
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
        # Rasters are of the same epoch as the numbers: as many pixels as spikes.
        for mode, frames in rasters.items():
            ink = page.page.locator(f"#{mode}").evaluate(
                """canvas => canvas.getContext("2d").getImageData(0, 0, 189, 200)
                    .data.filter((v, i) => i % 4 == 0 && v < 255).length"""
            )
            assert ink == frames[epochs.index(epoch)].sum()
    # A press on the curves chooses the nearest of these epochs.
    x, y = page.page.evaluate(
        """() => {
            const host = document.getElementById("distance");
            const { left, top } = host.getBoundingClientRect();
            return [left + host.scales.left + host.scales.x(600), top + 40];
        }"""
    )
    page.page.mouse.click(x, y)
    assert page.page.locator("#epoch :checked").input_value() == "425"
