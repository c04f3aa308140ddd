"""Sigmoid networks of several depths: at equal slopes the surrogate gradient is the gradient."""

import numpy as np

from beyond.experiments.exact_flows.sigmoid_depth import SigmoidDepth

SMALL = {"n_points": 40, "width": 8, "n_updates": 20, "seeds": [3]}


def cosines(**changed):
    return SigmoidDepth(**SMALL | {"depths": [1, 3]} | changed).compute(3)


def test_at_equal_slopes_the_cosine_is_one():
    same, other = cosines(beta_surrogate=50.0), cosines()
    for name in ("cosine", "input_cosine"):
        np.testing.assert_allclose(same[name], 1, atol=1e-5)
        assert other[name].min() < 0.9


def test_the_output_neuron_keeps_its_own_derivative():
    """Slope 5 is shallower than that of hidden neurons alone: that of the output is 1."""
    both = [cosines(beta=1.0, beta_surrogate=slope) for slope in (1.0, 50.0)]
    np.testing.assert_array_equal(both[0]["cosine"], both[1]["cosine"])


def test_depths_have_as_many_weights_or_as_many_neurons_a_layer():
    assert list(cosines(same="width")["widths"]) == [8, 8]
    # 3 * 8 + 2 * 8 * 9 + 9 = 177 = 4 * 44 + 1.
    assert list(cosines(same="count")["widths"]) == [44, 8]


def test_moons_are_learned():
    data = SigmoidDepth(
        **SMALL | {"depths": [1], "width": 32, "n_updates": 300, "rate": 0.01}
    ).compute(3)
    assert data["wrong"][0] < 0.05 and data["loss"][0] < 0.3 * np.log(2)
