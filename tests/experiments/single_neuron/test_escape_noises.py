"""The identity of a perceptron needs the surrogate of its own noise."""

import jax
import pytest

import snn
from experiments.single_neuron import perceptron_derivatives
from experiments.single_neuron.perceptron_derivatives import PerceptronDerivatives


@pytest.mark.parametrize("noise", ["superspike", "gaussian"])
def test_a_surrogate_of_another_shape_is_not_the_derivative(noise, monkeypatch, compiled_anew):
    with jax.enable_x64(True):
        own = PerceptronDerivatives(noise=noise, n_points=5, n_trials=4)
        assert own.compute(0)["surrogate_error"] < 1e-12
        other = snn.Surrogate(snn.surrogate.Sigmoid(own.beta))
        monkeypatch.setattr(perceptron_derivatives, "SURROGATE", other)
        jax.clear_caches()
        assert own.compute(0)["surrogate_error"] > 0.01
