"""Escape noises and surrogates of trained networks: published constants, and what a user types."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError
from experiments.noises import NOISES, SURROGATES, escape_noise, surrogate
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup

V = jnp.linspace(-0.3, 0.04, 30)


@pytest.mark.parametrize("name", NOISES)
def test_figure_6_has_the_noise_of_its_parameter(name):
    config = SpikeMatching(noise=name, n_steps=8, n_outputs=8)
    hidden, output = Setup(config, jnp.zeros((8, 8))).network.escapes
    if name == "Exponential":
        for noise, width in ((hidden, 0.133), (output, 0.013)):
            expected = np.minimum(1, 2 / 3 * np.exp(np.asarray(V) / width))
            np.testing.assert_allclose(noise.prob(V), expected, rtol=1e-5)
    else:
        # Symmetric, and the output has the slope of the hidden neurons on a tenth of the scale.
        assert float(hidden.prob(jnp.zeros(()))) == pytest.approx(0.5)
        np.testing.assert_allclose(hidden.prob(V), output.prob(V / 10), rtol=1e-5)
    slope = jax.vmap(jax.grad(lambda v: hidden.prob(v)))(V)
    np.testing.assert_allclose(hidden.slope(V), slope, rtol=1e-3, atol=1e-6)


def test_noises_of_one_name_only():
    at_threshold = [float(escape_noise(name, 10.0, 0.133).slope(jnp.zeros(()))) for name in NOISES]
    expected = [10 / 4, 2 / 3 / 0.133, 10 / 2, 10 / np.sqrt(2 * np.pi)]
    np.testing.assert_allclose(at_threshold, expected, rtol=1e-5)


def test_multilayer_spiker_is_the_spike():
    spikes = jnp.array([0.0, 1.0])
    actual = surrogate("MultilayerSpiker", 10.0)(jnp.array([-1.0, 1.0]), spikes, None)
    np.testing.assert_array_equal(actual, spikes)


@pytest.mark.parametrize("figure", ["fig6/smoke", "fig7/smoke"])
def test_settings_reach_both_figures(figure):
    run = plan(
        Project(), [f"figure={figure}", "all.noise=Gaussian", "all.surrogate=multilayer_spiker"]
    )
    trained = [panel for panel in run.panels.values() if hasattr(panel, "surrogate")]
    assert len(trained) >= 4
    assert {panel.surrogate for panel in trained} == {"MultilayerSpiker"}
    assert {panel.noise for panel in run.panels.values()} == {"Gaussian"}


@pytest.mark.parametrize("wrong", ["all.noise=Cauchy", "all.surrogate=Spiker", "all.delta_u=0"])
def test_an_unknown_setting_is_refused(wrong):
    with pytest.raises(UserError) as caught:
        plan(Project(), ["figure=fig7/smoke", wrong])
    message = str(caught.value)
    names = NOISES if "noise" in wrong else SURROGATES if "surrogate" in wrong else ("> 0",)
    assert all(name in message for name in names)
