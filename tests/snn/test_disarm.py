"""DisARM: unbiased for layers of independent neurons, and refused where there are none."""

import jax
import jax.numpy as jnp
import numpy as np

import snn
from snn.estimators import disarm
from snn.estimators.disarm import DisARM
from tests.snn.problems import (
    BATCH,
    assert_unbiased,
    exact,
    largest_z,
    mlp,
    moments,
    tied_autoencoder,
)

TRIALS = 50 * BATCH


def test_unbiased():
    assert_unbiased(moments(DisARM(), mlp(), TRIALS), exact(mlp()))


def test_exponential_escape_noise():
    """Firing probabilities far from one half, and a slope that is not p (1 - p)."""
    network = snn.MLP((2, 3, 1), snn.escape.Exponential(0.8, 0.3))
    program = snn.Program(network, jnp.array([0.5, -0.3]), snn.losses.Linear())
    problem = program, network.init(jax.random.key(0), 0.5)
    assert largest_z(moments(DisARM(), problem, TRIALS), exact(problem)) < 5


def test_the_direct_term_belongs_to_it():
    actual = {
        direct: largest_z(
            moments(DisARM(), tied_autoencoder(direct), TRIALS), exact(tied_autoencoder())
        )
        for direct in (True, False)
    }
    assert actual[True] < 5 and actual[False] > 20


def test_the_weight_is_that_of_the_rarer_outcome(monkeypatch):
    """The score function's weight, p'/p (1-p) halved, is another and wrong here."""
    wrong = lambda layer: layer.escape.slope(layer.v) / (4 * layer.p * (1 - layer.p))  # noqa: E731
    monkeypatch.setattr(disarm, "half_slope_over_rarer", wrong)
    # With a batch size of its own: what is compiled here serves no other test.
    assert largest_z(moments(DisARM(batch_size=1000), mlp(), 20_000), exact(mlp())) > 20


def test_one_layer_alone_is_mirrored():
    noise = snn.draw_noise(*mlp(), jax.random.key(0), 1)
    for layer, xi in enumerate(noise.values):
        mirrored = disarm.Mirrored(noise, 1).draw(layer, None, xi.shape)
        np.testing.assert_array_equal(mirrored, 1 - xi if layer == 1 else xi)


def test_less_variance_than_the_score_function_and_more_than_stochastic_ad():
    variances = [
        np.sum(moments(estimator, mlp(), TRIALS).se ** 2)
        for estimator in (snn.StochasticAD(), DisARM(), snn.ScoreFunction())
    ]
    assert 1.5 * variances[0] < variances[1] < variances[2] / 1.5
