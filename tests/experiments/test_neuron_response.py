"""Figure 1's neuron under escape noise of every shape: the surrogate is its slope."""

import math
import warnings
from functools import cache

import numpy as np
import pytest

from experiments.single_neuron.escape_noises import SHAPES
from experiments.single_neuron.neuron_response import NeuronResponse

BETA = 5.0
PEAKS = {
    "sigmoid": BETA / 4,
    "gaussian": BETA / math.sqrt(2 * math.pi),
    "superspike": BETA / 2,
    "exponential": BETA,
}
each_shape = pytest.mark.parametrize("noise", SHAPES)


@cache
def result(**changes):
    """Few points about the threshold, one of them on it, and what follows from them."""
    small = {"n_raster_trials": 2, "n_raster_points": 3, "n_points": 9, "n_trials": 20_000}
    settings = small | {"u_low": 0.6, "u_high": 1.4, "half_step": 0.01, "seeds": [0]}
    config = NeuronResponse(beta=BETA, **settings | changes)
    data = {name: array[None] for name, array in config.compute(0).items()}
    return data, config.summary(data)


def p(noise, v):
    """The probabilities again, with the meaning of beta that the help gives."""
    x = BETA * v
    return {
        "sigmoid": 1 / (1 + math.exp(-x)),
        "gaussian": (1 + math.erf(x / math.sqrt(2))) / 2,
        "superspike": (1 + x / (1 + abs(x))) / 2,
        "exponential": min(1.0, 2 / 3 * math.exp(x)),
    }[noise]


@each_shape
def test_the_surrogate_is_the_slope_of_the_noise(noise):
    data, summary = result(noise=noise)
    expected = [p(noise, u - 1) for u in data["u"][0]]
    np.testing.assert_allclose(data["probability"][0], expected, rtol=1e-12)
    assert summary["surrogate_minus_slope_max"].value < 1e-12
    # The clip of the exponential lies between two of the points.
    assert summary["surrogate_peak"].value == pytest.approx(PEAKS[noise], rel=0.01)
    assert summary["measured_slope_rms_z"].value < 2
    others = [result(noise=other)[0]["slope_measured"] for other in SHAPES if other != noise]
    for slope in others:
        z = (data["difference"] - slope) / data["difference_se"].clip(1e-3)
        assert np.abs(z).max() > 5


@pytest.mark.parametrize(("noise", "at"), [("superspike", 1.0), ("exponential", 1.08)])
def test_a_quotient_across_a_kink_or_jump_is_not_counted(noise, at):
    ends = {"u_low": at - 0.4, "u_high": at + 0.4, "half_step": 0.02}
    data, summary = result(noise=noise, n_trials=200_000, **ends)
    z = ((data["difference"] - data["slope_measured"]) / data["difference_se"].clip(1e-9))[0]
    assert abs(z[4]) > 5 and data["u_measured"][0, 4] == pytest.approx(at)
    assert summary["measured_slope_rms_z"].value < 2


def test_too_few_trials_for_a_standard_error_leave_its_measure_out():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, summary = result(n_trials=100)
    assert "measured_slope_rms_z" not in summary
    assert all(np.isfinite(quantity.value) for quantity in summary.values())
    assert "measured_slope_rms_z" in result(n_trials=2000)[1]


def test_a_threshold_that_is_not_shown_is_refused():
    with pytest.raises(ValueError, match="the threshold is outside of the range"):
        NeuronResponse(theta=3.0)
    NeuronResponse(theta=3.0, u_low=2.0, u_high=4.0)
