"""Paths: every trial's estimates are those of `snn`, by bias and by coupling."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.deep_networks.path_by_path import PathByPath, build
from snn.coupling import Left, Right, TwoSided
from tests.explorers.opened import EXACT


def test_paths(explorer):
    page = explorer("paths")
    weights, noise = page.page.evaluate(
        """async () => {
            const { WEIGHTS, noise } = await import("./js/path_network.js");
            return [WEIGHTS, Array.from({ length: 1000 }, (_, i) => [...noise(i + 1)])];
        }"""
    )
    program, params = build(PathByPath())
    for shown, layer in zip(weights, params, strict=True):
        assert np.array(shown) == pytest.approx(np.array(layer["w"]), rel=1e-12)
        assert not layer["b"].any()
    noise = jnp.array(noise)
    uniforms = snn.noise.Uniforms((noise[:, :3], noise[:, 3:5], noise[:, 5:]))
    couplings = {"right": Right(), "left": Left(), "two_sided": TwoSided()}

    def by_bias(estimate):
        return jnp.concatenate([layer["b"] for layer in estimate.grad], axis=-1)

    @jax.jit
    def per_trial(estimator):
        return by_bias(estimator.per_trial(program, params, uniforms, jax.random.key(0)))

    mean = jax.jit(lambda of, program: by_bias(of(program, params)))

    page.set(trial=1, trials=3)
    surrogate = per_trial(snn.Surrogate())
    oracles = [mean(of, program) for of in (snn.Expected(snn.Surrogate()), snn.ExactEnumeration())]
    for site in range(6):
        page.set(site=site)
        shown = page.numbers("surrogate", "surrogate_mean", "surrogate_all", "exact")
        trials = surrogate[:, site]
        wanted = np.array([trials[0], trials.mean(), *(oracle[site] for oracle in oracles)])
        assert shown == pytest.approx(wanted, **EXACT)
        # With the straight-through coupling, smoothed stochastic AD is the surrogate gradient.
        same = page.numbers("smoothed", "smoothed_mean", "smoothed_all")
        assert same == pytest.approx(shown[:3], rel=1e-12)
    page.set(site=1)
    for name, coupling in couplings.items():
        page.set(coupling=name)
        smoothed = snn.SmoothedStochasticAD(coupling)
        for of, each in (
            ("smoothed", smoothed),
            ("stochastic_ad", snn.StochasticAD(coupling)),
        ):
            trials = per_trial(each)[:, 1]
            shown = page.numbers(of, f"{of}_mean")
            assert shown == pytest.approx(np.array([trials[0], trials.mean()]), **EXACT)
        wanted = float(mean(snn.Expected(smoothed), program)[1])
        assert page.number("smoothed_all") == pytest.approx(wanted, **EXACT)
        # One trial's term is the product of its parts.
        c, slope, difference = page.numbers("weight", "slope", "difference")
        assert page.number("stochastic_ad") == pytest.approx(c * slope * difference, **EXACT)
    assert page.number("slope") == pytest.approx(4 * page.number("p") * (1 - page.number("p")))
    assert page.number("chain") * page.number("slope") == pytest.approx(page.number("surrogate"))
    page.set(beta=9)
    steeper, _ = build(PathByPath(beta=9.0))
    wanted = float(mean(snn.ExactEnumeration(), steeper)[1])
    assert page.number("exact") == pytest.approx(wanted, **EXACT)


OUTSIDE = """() => {
    const { width, height } = document.getElementById("means").scales;
    const lines = [...document.querySelectorAll("#means .line")];
    // Boxes hold the middle of a line: its width may touch an edge. Clipping does not change them.
    const within = ({ x, y, width: w, height: h }) =>
        x >= -0.1 && x + w <= width + 0.1 && y >= 0 && y + h <= height;
    const beyond = lines.filter(line => !within(line.getBBox()));
    return [lines.length, beyond.map(line => line.getAttribute("class"))];
}"""
"""Number of lines among the means, and the classes of those that reach beyond their axes."""


def test_every_line_of_the_means_is_whole_inside_its_axes(explorer):
    page = explorer("paths")
    choices = {
        "trials": (1, 4),
        "beta": (0.5, 16),
        "site": range(6),
        "coupling": ("straight_through", "right", "left", "two_sided"),
    }
    for values in itertools.product(*choices.values()):
        setting = dict(zip(choices, values, strict=True))
        page.set(**setting)
        assert page.page.evaluate(OUTSIDE) == [6, []], setting
