"""Unbiased estimators against the exact gradient, and the biased one seen to be biased.

Fixed keys, z-scores of every parameter, and beside each a power check: trials are so many that the
estimate scaled by 1.05 would fail, as the score function's needs twice as many. Others than those
here are tested beside the estimators that they belong to: some flips in test_flips.py, the score
function without samples in test_estimators_identities.py.
"""

import itertools

import numpy as np
import pytest

import snn
from experiments.merge_estimators import merge_estimators
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.score_function import LeaveOneOut
from snn.stats import flatten, z_score
from tests.snn.problems import (
    BATCH,
    PROBLEMS,
    assert_unbiased,
    exact,
    five_weights,
    largest_z,
    moments,
    tied_autoencoder,
)

TRIALS = 120 * BATCH

COUPLINGS = [Right(), Left(), TwoSided(), StraightThrough()]
# Compiled once for all of them.
ALL_FLIPS = merge_estimators([snn.StochasticAD(coupling) for coupling in COUPLINGS], "coupling")
STOCHASTIC_AD = dict(zip(COUPLINGS, ALL_FLIPS, strict=True))


def is_unbiased(estimator, problem):
    n = TRIALS * (2 if isinstance(estimator, snn.ScoreFunction) else 1)
    with np.errstate(divide="ignore"):
        assert_unbiased(moments(estimator, problem, n), exact(problem))


@pytest.mark.parametrize(
    ("name", "coupling"),
    [
        *itertools.product(("mlp",), COUPLINGS),
        *itertools.product(("lif",), (Right(), StraightThrough())),
        *itertools.product(("lif, input reset",), (Left(), TwoSided())),
    ],
    ids=repr,
)
def test_stochastic_ad(name, coupling):
    is_unbiased(STOCHASTIC_AD[coupling], PROBLEMS[name])


@pytest.mark.parametrize("name", ["mlp", "lif"])
def test_leave_one_out(name):
    is_unbiased(snn.ScoreFunction(LeaveOneOut()), PROBLEMS[name])


@pytest.mark.parametrize(
    "estimator",
    [snn.StochasticAD(n_flips=2), snn.ScoreFunction(), snn.ScoreFunction(LeaveOneOut())],
    ids=["stochastic AD", "score function", "leave one out"],
)
def test_the_direct_term_belongs_to_it(estimator):
    """Where the loss depends on parameters at fixed spikes, leaving that term out is biased."""
    is_unbiased(estimator, tied_autoencoder())
    without = moments(estimator, tied_autoencoder(direct=False), TRIALS)
    assert largest_z(without, exact(tied_autoencoder())) > 20


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
