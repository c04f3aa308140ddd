"""Wrong sign: numbers of both networks are figure 4's, and those of `snn`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.sigmoid_network import five_weights
from tests.explorers.opened import EXACT, golden


def test_wrong_sign_of_the_differentiable_network(explorer):
    page, committed = explorer("wrong_sign"), golden("fig4")
    page.set(w=-0.05)
    for beta in (15, 30):
        page.set(surrogate_beta=np.log10(beta))
        shown = page.numbers("true", "surrogate", "smoothed", "minimum", "believed")
        names = (
            "dy_dw_true",
            f"dy_dw_sg[{beta}]",
            f"dy_dw_smoothed[{beta}]",
            "minimum_of_output",
            f"minimum_of_integrated_sg[{beta}]",
        )
        assert shown == pytest.approx([committed[f"along_w.{name}"] for name in names], **EXACT)
        share = committed[f"along_w.wrong_sign_fraction[{beta}]"]
        assert page.number("share") == pytest.approx(100 * share)
    theta = jnp.array([0.03, -1.2, 0.7, 2.5, -0.4])
    page.set(beta=1, **dict(zip(("w", "v1", "v2", "u1", "u2"), theta.tolist(), strict=True)))
    estimator = snn.Surrogate(snn.surrogate.Sigmoid(30.0), forward=snn.mean)
    fields = (
        five_weights.field_of(snn.MeanField(), 10.0),
        five_weights.field_of(estimator, 10.0),
        five_weights.field_of(snn.MeanField(), 30.0),
    )
    expected = [float(field(theta)[0]) for field in fields]
    assert page.numbers("true", "surrogate", "smoothed") == pytest.approx(expected, **EXACT)


FROM_ZERO = """() => {
    const { y } = document.getElementById("derivatives").scales;
    const line = document.querySelector("#derivatives .line.surrogate");
    return Math.abs(line.getPointAtLength(line.getTotalLength() / 2).y - y(0));
}"""
"""Distance in pixels of the surrogate gradient's line from the line at zero, halfway along it."""


def test_the_sign_of_the_surrogate_gradient_is_seen_beside_a_far_larger_gradient(
    explorer,
):
    page = explorer("wrong_sign")
    page.set(w=0.0103)
    true, surrogate = page.numbers("true", "surrogate")
    assert true > 15 and -1.5 < surrogate < 0
    assert page.page.evaluate(FROM_ZERO) > 10
    # The place of a pointer on the axis is the inverse of what is drawn.
    inverse = "() => (({ x }) => x.inverse(x(0.07)))(document.getElementById('derivatives').scales)"
    assert page.page.evaluate(inverse) == pytest.approx(0.07)


def test_wrong_sign_of_the_stochastic_network(explorer):
    page, committed = explorer("wrong_sign"), golden("fig4")
    page.set(network="stochastic")
    expected = [committed["stochastic.exact"], committed["stochastic.expected_sg"]]
    assert page.numbers("true", "surrogate") == pytest.approx(expected, **EXACT)
    page.set(w=0.7, v1=-2.0, v2=1.5, u1=3.0, u2=-0.5, beta=0.5, surrogate_beta=0.3)
    theta, beta = np.array([0.7, -2.0, 1.5, 3.0, -0.5]), 10**0.5
    exact = five_weights.field_of(snn.ExactEnumeration(), beta)
    mean = snn.Expected(snn.Surrogate(snn.surrogate.Sigmoid(10**0.3)))
    surrogate = five_weights.field_of(mean, beta)
    expected = [float(field(jnp.array(theta))[0]) for field in (exact, surrogate)]
    assert page.numbers("true", "surrogate") == pytest.approx(expected, **EXACT)
    ws = np.linspace(-2, 2, 1001)
    thetas = jnp.column_stack([ws, jnp.tile(theta[1:], (1001, 1))])
    signs = [np.sign(jax.vmap(field)(thetas)[:, 0]) for field in (exact, surrogate)]
    assert page.number("share") == pytest.approx(100 * np.mean(signs[0] != signs[1]))
