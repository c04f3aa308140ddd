"""One neuron: what the page shows is what `snn` computes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from tests.explorers.opened import EXACT


def test_one_neuron(explorer):
    page = explorer("one_neuron")
    page.click("draw")  # seed 1
    page.set(u=0.93, beta=7.5, ratio=-0.25, curvature=0.7, target=0.4)
    u, beta, surrogate_beta, c, z = 0.93, 7.5, 7.5 * 10**-0.25, 0.7, 0.4
    xi = page.page.evaluate(
        """async () => {
            const { uniform } = await import("./js/maths.js");
            return Array.from({ length: 4000 }, (_, trial) => uniform(1, 41, trial));
        }"""
    )
    network = snn.MLP((1, 1), snn.escape.Sigmoid(beta), 1.0)
    surrogate = snn.Surrogate(snn.surrogate.Sigmoid(surrogate_beta))
    noise = snn.noise.Uniforms((jnp.array(xi)[:, None],))

    @jax.jit
    def reference(u):
        def of(estimator, loss):
            params = [{"w": jnp.zeros((1, 1)), "b": u[None]}]
            estimate = estimator(snn.Program(network, jnp.zeros(1), loss), params)
            return estimate.loss, estimate.grad[0]["b"][0]

        bent = Partial(lambda output: jnp.sum((1 - c) * output + c * (output - z) ** 2))
        spike, enumerated = snn.losses.Linear(), snn.ExactEnumeration()
        p, slope = of(enumerated, spike)
        return (
            p,
            slope,
            of(snn.Expected(surrogate), spike)[1],
            *(of(estimator, bent)[1] for estimator in (enumerated, snn.Expected(surrogate))),
        )

    @jax.jit
    def fired(u):
        def trial(xi):
            params = [{"w": jnp.zeros((1, 1)), "b": u[None]}]
            program = snn.Program(network, jnp.zeros(1), snn.losses.Linear())
            return program(params, xi, snn.Spike(snn.sample)).loss

        return jax.vmap(trial)(noise).mean()

    u = jnp.array(u)
    assert page.numbers("p", "slope", "surrogate", "exact", "expected") == pytest.approx(
        np.array(reference(u)), **EXACT
    )
    quotient = (fired(u + 0.02) - fired(u - 0.02)) / 0.04
    assert page.numbers("mean", "quotient") == pytest.approx(
        np.array([fired(u), quotient]), **EXACT
    )
    # The page's noise is uniform: the mean of trials lies within 5 standard errors of p.
    p = page.number("p")
    assert abs(page.number("mean") - p) < 5 * np.sqrt(p * (1 - p) / 4000)
    along = np.array(jax.vmap(reference)(jnp.linspace(0, 2, 401)))
    wrong = np.sign(along[3]) != np.sign(along[4])
    assert page.number("share") == pytest.approx(100 * wrong.mean())
    # Dragging on a plot moves the slider: u = 1 is at the middle of the axis.
    box = page.page.locator("#loss").bounding_box()
    middle = box["x"] + 60 + (box["width"] - 72) / 2
    page.page.mouse.move(middle - 60, box["y"] + 50)
    page.page.mouse.down()
    page.page.mouse.move(middle, box["y"] + 80)
    page.page.mouse.up()
    assert float(page.page.locator("#u").input_value()) == pytest.approx(1, abs=0.011)
    # Matched, and a linear loss: no difference is left.
    page.set(ratio=0, curvature=0)
    assert page.number("expected") == pytest.approx(page.number("exact"), rel=1e-12)
    assert page.number("share") == 0
