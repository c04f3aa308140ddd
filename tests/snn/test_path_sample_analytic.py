"""The path sample-analytic estimator, and exact means in layered networks, against enumeration."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.coupling import Left, Right
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.stats import flatten, relative_error
from tests.snn.problems import BATCH, Problem, moments

SIGMOID = snn.escape.Sigmoid(3.0)


def network(*hidden, n_outputs=1, loss=None, bias=True, escape=SIGMOID):
    """Strong weights, so that approximations show."""
    mlp = snn.MLP((3, *hidden, n_outputs), escape, theta=0.1, bias=bias)
    program = snn.Program(mlp, jnp.array([1.0, -0.5, 0.7]), loss or snn.losses.Linear())
    return Problem(program, jax.jit(mlp.init)(jax.random.key(4), 2.0))


def interacting(output):
    return jnp.prod(output) + output[0]


def bias(estimator, problem):
    exact = snn.ExactEnumeration()(*problem).grad
    return float(relative_error(snn.Expected(estimator)(*problem).grad, exact))


EXACT = {
    "one layer, any loss": ((), {"loss": jax.tree_util.Partial(interacting), "n_outputs": 3}),
    "one output": ((4,), {"loss": snn.losses.Squared(jnp.array([0.3]))}),
    "outputs that add up": ((4,), {"n_outputs": 3}),
}


@pytest.mark.parametrize(("hidden", "settings"), EXACT.values(), ids=EXACT)
def test_exact_where_nothing_is_linearised(hidden, settings):
    assert bias(PathSampleAnalytic(), network(*hidden, **settings)) < 1e-13


def test_biased_in_depth_but_less_than_the_surrogate_gradient():
    """Both means are by layers, which enumeration confirms below."""
    problem = network(3, 3)
    exact = snn.TransferMatrix()(*problem).grad
    biased, surrogate = (
        relative_error(LayeredMean(estimator)(*problem).grad, exact)
        for estimator in (PathSampleAnalytic(), snn.Surrogate())
    )
    assert 1e-4 < biased < surrogate / 2


def test_biased_where_outputs_interact():
    problem = network(4, n_outputs=3, loss=jax.tree_util.Partial(interacting))
    assert bias(PathSampleAnalytic(), problem) > 1e-4


def test_samples_average_to_the_mean_and_vary_less_than_stochastic_ad():
    problem = network(3, 3)
    estimate = moments(PathSampleAnalytic(), problem, 100 * BATCH)
    expected = flatten(LayeredMean(PathSampleAnalytic())(*problem).grad)
    assert np.abs(snn.stats.z_score(estimate, expected)).max() < 5
    assert np.abs(snn.stats.z_score(estimate, 1.05 * expected)).max() > 10
    replays = moments(snn.StochasticAD(), problem, 100 * BATCH)
    assert np.sum(estimate.se**2) < np.sum(replays.se**2)


CHEAP = [
    snn.Surrogate(snn.surrogate.MultilayerSpiker(0.3)),
    snn.SmoothedStochasticAD(Right()),
    snn.SmoothedStochasticAD(Left()),
    PathSampleAnalytic(),
]


ESCAPES = (snn.escape.Sigmoid(3.0), snn.escape.SuperSpike(1.5), snn.escape.Gaussian(0.5))


@pytest.fixture(scope="module")
def mixed():
    """With several outputs, without biases, and with another noise in each layer."""
    return network(3, 2, n_outputs=2, bias=False, escape=ESCAPES)


@pytest.mark.parametrize("estimator", CHEAP, ids=lambda e: repr(e)[:60])
def test_means_by_layers_are_those_by_enumeration(mixed, estimator):
    ours = LayeredMean(estimator)(*mixed)
    enumerated = snn.Expected(estimator)(*mixed)
    assert relative_error(ours.grad, enumerated.grad) < 1e-13
    assert ours.loss == pytest.approx(float(enumerated.loss), rel=1e-13)
    assert ours.n_evaluations == 2**3 + 2**5 + 2**4


def test_means_of_different_estimators_differ(mixed):
    means = [flatten(LayeredMean(estimator)(*mixed).grad) for estimator in CHEAP]
    for one, other in itertools.combinations(means, 2):
        assert relative_error(one, other) > 1e-3
