"""Unbiased estimators against the exact gradient, and the biased one seen to be biased.

Fixed keys, z-scores of every parameter, and beside each a power check: trials are so many that the
estimate scaled by 1.05 would fail, as the score function's needs twice as many.
"""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from experiments.one_program import one_program
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.score_function import LeaveOneOut, NoBaseline
from snn.stats import flatten, z_score
from tests.snn.problems import (
    BATCH,
    assert_unbiased,
    five_weights,
    largest_z,
    mlp,
    moments,
    perceptron,
    recurrent_lif,
    tied_autoencoder,
)

TRIALS = 120 * BATCH
CONSTANT = Partial(jnp.full_like, fill_value=0.4)

PROBLEMS = {
    "perceptron": perceptron(),
    "mlp": mlp(),
    "lif": recurrent_lif(reset_input=False),
    "lif, input reset": recurrent_lif(reset_input=True),
}
COUPLINGS = [Right(), Left(), TwoSided(), StraightThrough()]
# Compiled once for all of them.
ALL_FLIPS = one_program([snn.StochasticAD(coupling) for coupling in COUPLINGS], "coupling")
STOCHASTIC_AD = dict(zip(COUPLINGS, ALL_FLIPS, strict=True))
N_FLIPS = {"perceptron": 1, "mlp": 5, "lif": 6, "lif, input reset": 6}


def exact(problem):
    return np.asarray(flatten(snn.ExactEnumeration()(*problem).grad))


def is_unbiased(estimator, problem, truth, seed=0):
    n = TRIALS * (2 if isinstance(estimator, snn.ScoreFunction) else 1)
    with np.errstate(divide="ignore"):
        assert_unbiased(moments(estimator, problem, n, seed), truth)


@pytest.mark.parametrize(
    ("name", "coupling"),
    [
        *itertools.product(("perceptron", "mlp"), COUPLINGS),
        *itertools.product(("lif",), (Right(), StraightThrough())),
        *itertools.product(("lif, input reset",), (Left(), TwoSided())),
    ],
    ids=repr,
)
def test_stochastic_ad(name, coupling):
    is_unbiased(STOCHASTIC_AD[coupling], PROBLEMS[name], exact(PROBLEMS[name]))


@pytest.mark.parametrize(("name", "coupling"), [*zip(PROBLEMS, COUPLINGS, strict=True)], ids=repr)
def test_stochastic_ad_of_some_flips(name, coupling):
    """Every problem and every coupling once: sites are drawn by any weights."""
    estimator = snn.StochasticAD(coupling, n_flips=N_FLIPS[name])
    is_unbiased(estimator, PROBLEMS[name], exact(PROBLEMS[name]))


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        *itertools.product(("perceptron", "mlp"), (NoBaseline(), CONSTANT)),
        *itertools.product(PROBLEMS, (LeaveOneOut(),)),
    ],
    ids=repr,
)
def test_score_function(name, baseline):
    """In time, other baselines are exact by enumeration: test_estimators_identities.py."""
    is_unbiased(snn.ScoreFunction(baseline), PROBLEMS[name], exact(PROBLEMS[name]))


@pytest.mark.parametrize("estimator", [snn.StochasticAD(), snn.ScoreFunction()], ids=["sad", "sf"])
def test_against_the_second_oracle(estimator):
    truth = np.asarray(flatten(snn.TransferMatrix()(*mlp()).grad))
    is_unbiased(estimator, mlp(), truth, seed=1)


@pytest.mark.parametrize(
    "estimator",
    [
        snn.StochasticAD(),
        snn.StochasticAD(n_flips=2),
        snn.ScoreFunction(),
        snn.ScoreFunction(LeaveOneOut()),
    ],
    ids=["stochastic AD", "stochastic AD, some flips", "score function", "leave one out"],
)
def test_the_direct_term_belongs_to_it(estimator):
    """Where the loss depends on parameters at fixed spikes, leaving that term out is biased."""
    truth = exact(tied_autoencoder())
    is_unbiased(estimator, tied_autoencoder(), truth)
    without = moments(estimator, tied_autoencoder(direct=False), TRIALS)
    assert largest_z(without, truth) > 20


@pytest.mark.parametrize("name", PROBLEMS)
def test_surrogate_gradients_are_biased(name):
    """In depth, in time, and in one neuron whose loss is not linear."""
    problem = PROBLEMS[name]
    estimate = moments(snn.Surrogate(), problem, 20 * BATCH)
    assert largest_z(estimate, exact(problem)) > 20


SIGN_FLIP = np.array([-0.3521, 3.3182, 0.8336, 0.8940, -1.5340])


def test_a_matched_surrogate_gradient_has_the_wrong_sign():
    """For the first weight: exact -0.03803, expected surrogate gradient +0.05729."""
    problem = five_weights(2.0, SIGN_FLIP)
    w = 0
    assert exact(problem)[w] == pytest.approx(-0.03803, abs=5e-6)
    biased = flatten(snn.Expected(snn.Surrogate())(*problem).grad)
    assert biased[w] == pytest.approx(0.05729, abs=5e-6)
    sampled = moments(snn.Surrogate(), problem, 20 * BATCH)
    assert largest_z(sampled, biased) < 5
    assert z_score(sampled, 0.0)[w] > 20
    assert z_score(moments(snn.StochasticAD(), problem, 20 * BATCH), 0.0)[w] < -20
