"""Every neuron of the catalogue: its resets, its energy and its page."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.engine.config import Project
from experiments.neurons import NEURONS
from snn.stats import relative_error

DT = 1e-3
FIX = "mend it, or take its line out of experiments/neurons.py"


@pytest.mark.parametrize("name", NEURONS)
def test_the_score_function_is_exact_and_a_surrogate_gradient_is_not(name):
    """Expectations over all 2^10 spike patterns, against the enumerated gradient."""
    network = snn.LIFNetwork((3, 2), snn.escape.Sigmoid(2.5), NEURONS[name](DT))
    keys = jax.random.split(jax.random.key(0), 3)
    x, target = (
        jax.random.bernoulli(key, 0.3, (5, n)).astype(float)
        for key, n in zip(keys[:2], (3, 2), strict=True)
    )
    program = snn.Program(network, x, snn.losses.VanRossum(target, dt=DT))
    params = network.init(keys[2], 50.0)
    exact = snn.ExactEnumeration()(program, params).grad
    errors = [
        float(relative_error(snn.Expected(each)(program, params).grad, exact))
        for each in (snn.ScoreFunction(), snn.Surrogate())
    ]
    assert errors[0] < 1e-10, f"{name}: an unbiased estimator is off; {FIX}"
    assert errors[1] > 1e-3, f"{name}: the test has no power; {FIX}"


@pytest.mark.parametrize("name", NEURONS)
def test_the_energy_is_that_of_the_postsynaptic_potential(name):
    neuron = NEURONS[name](DT)
    network = snn.LIFNetwork((1, 1), neuron=neuron)
    pulse = snn.Program(network, jnp.zeros((300, 1)).at[0].set(1.0), snn.losses.Linear())
    silent = snn.noise.Constant(snn.noise.SILENT)
    v = np.asarray(pulse([{"w": jnp.full((1, 1), 0.1)}], silent, snn.Spike()).trace[0].v[:, 0])
    energy = DT * np.sum(((v - v[0]) / 0.1) ** 2)
    wrong = f"{name}.psp_energy(discrete=True); {FIX}"
    assert energy == pytest.approx(float(neuron.psp_energy(discrete=True)), rel=1e-6), wrong
    if name in {"LIF", "AdaptiveLIF"}:  # Without a synapse, both are nearly the same.
        assert energy != pytest.approx(float(neuron.psp_energy()), rel=1e-3)


def test_every_neuron_has_its_equations_on_the_page():
    page = (Project().root / "docs" / "neurons.md").read_text()
    absent = [neuron for neuron in NEURONS if not re.search(rf"\b{neuron}\b", page)]
    assert not absent, f"give {', '.join(absent)} a section in docs/neurons.md"
