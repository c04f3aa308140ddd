"""Closed loop: its integrals are figure 5's."""

import numpy as np
import pytest

import snn
from experiments.sigmoid_network import five_weights
from tests.explorers.opened import EXACT, ROOT, golden


def test_closed_loop(explorer):
    page, committed = explorer("closed_loop"), golden("fig5")
    with np.load(ROOT / "figures/reference/fig5.npz") as reference:
        figure = dict(reference)
    for loop in ("second", "published"):
        page.set(loop=loop)
        for i, beta in enumerate((1, 5, 20)):
            page.set(surrogate_beta=beta, angle=200)
            left = committed[f"{loop}.sg_loop[{beta}]"]
            assert page.number("left") == pytest.approx(left, rel=1e-6)
            assert abs(page.number("own")) < 1e-9
            running = [figure[f"{loop}/{of}_running"][i, 200] for of in ("sg", "smoothed")]
            assert page.numbers("left_so_far", "own_so_far") == pytest.approx(running, **EXACT)
            assert page.number("output") == pytest.approx(figure[f"{loop}/output"][200], abs=1e-9)
    page.set(network="stochastic", surrogate_beta=5)
    assert page.number("left") == pytest.approx(committed["stochastic.expected_sg_loop"], rel=1e-6)
    assert abs(page.number("own")) < 1e-9
    page.set(network="steps", radius=0.9, center1=0.4, center2=-0.7)
    base, (d1, d2) = figure["published/base"], figure["published/directions"]
    estimator = snn.Surrogate(snn.surrogate.Sigmoid(5.0), forward=snn.mean)
    integral = snn.fields.line_integral(
        five_weights.field_of(estimator, 1e4),
        snn.fields.circle(base + 0.4 * d1 - 0.7 * d2, d1, d2, 0.9),
        stop=2 * np.pi,
        at=np.linspace(0, 2 * np.pi, 61)[1:-1],
        tol=1e-8,
    )
    assert page.number("left") == pytest.approx(float(integral.value), abs=1e-6)


def test_reduced_motion_jumps(browser, site):
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{site}/closed_loop.html")
    page.wait_for_function("document.documentElement.dataset.drawn")
    page.evaluate("document.getElementById('angle').value = 0")
    page.click("#around")
    assert page.locator("#angle").input_value() == "360"
    page.close()
