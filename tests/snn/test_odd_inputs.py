"""NaN, infinity, other types and other keys: no finite number comes of what is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import snn
from snn.escape import Exponential, Gaussian, Sigmoid, Step, SuperSpike
from snn.shapes import SHAPES

KEY = jax.random.key(0)
ESCAPES = [Sigmoid(2.0), SuperSpike(1.5), Exponential(0.5), Gaussian(0.7), Step()]
DERIVATIVES = [*(shape.of_slope(2.0) for shape in SHAPES.values()), snn.surrogate.Matched()]
# Of one size, so that each function compiles once for each type.
POTENTIALS = st.sampled_from([np.float16, np.float32, np.float64]).flatmap(
    lambda dtype: arrays(dtype, 5, elements=st.floats(-1e4, 1e4, width=16) | st.just(np.nan))
)
few = settings(max_examples=12, deadline=None)
# Operations one by one would be compiled one by one.
PROBABILITY_AND_SLOPE = jax.jit(lambda escape, v: (escape.prob(v), escape.slope(v)))
DERIVATIVE = jax.jit(lambda derivative, v, s: derivative(v, s, Sigmoid(2.0)))


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda x: type(x).__name__)
@few
@given(v=POTENTIALS)
def test_a_probability_is_one_and_is_unknown_for_nan_alone(escape, v):
    if isinstance(escape, Gaussian) and v.dtype == np.float16:
        # JAX has no normal distribution of half precision.
        with pytest.raises(TypeError):
            escape.prob(jnp.asarray(v))
        return
    p, slope = map(np.asarray, PROBABILITY_AND_SLOPE(escape, jnp.asarray(v)))
    assert p.dtype == slope.dtype == v.dtype
    finite = ~np.isnan(v)
    assert ((p[finite] >= 0) & (p[finite] <= 1)).all() and (slope[finite] >= 0).all()
    assert np.isfinite(slope[finite]).all()
    assert np.isnan(p[~finite]).all() or isinstance(escape, Step)


@pytest.mark.parametrize("derivative", DERIVATIVES, ids=lambda x: type(x).__name__)
@few
@given(v=POTENTIALS)
def test_a_derivative_is_finite_and_unknown_for_nan_alone(derivative, v):
    actual = np.asarray(DERIVATIVE(derivative, jnp.asarray(v), jnp.asarray(v > 0, v.dtype)))
    assert actual.dtype == v.dtype
    finite = ~np.isnan(v)
    assert np.isfinite(actual[finite]).all()
    # A box is a comparison, which NaN fails.
    assert np.isnan(actual[~finite]).all() or isinstance(derivative, snn.surrogate.Box)


@few
@given(
    sample=arrays(float, (7, 2), elements=st.floats(-1e6, 1e6)),
    place=st.none() | st.tuples(st.integers(0, 6), st.integers(0, 1)),
    value=st.sampled_from([np.nan, np.inf, -np.inf]),
    order=st.permutations(range(7)),
)
def test_a_mean_is_of_numbers_alone(sample, place, value, order):
    if place is not None:
        sample[place] = value
    actual, turned = (snn.stats.mean_and_se(jnp.asarray(x)) for x in (sample, sample[order]))
    bad = ~np.isfinite(sample).all(axis=0)
    np.testing.assert_array_equal(~np.isfinite(actual.se), bad)
    np.testing.assert_allclose(turned.mean, actual.mean, rtol=1e-9, atol=1e-6)
    # What is not known agrees with nothing.
    assert (np.abs(snn.stats.z_score(actual, jnp.zeros(2)))[bad] > 5).all()


NETWORK = snn.MLP((2, 2, 1), Sigmoid(2.0))
PROGRAM = snn.Program(NETWORK, jnp.array([1.0, 0.5]), snn.losses.Linear())
PARAMS = [{"w": jnp.ones((2, 2)), "b": jnp.zeros(2)}, {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}]
ESTIMATORS = [
    snn.Surrogate(),
    snn.SmoothedStochasticAD(),
    snn.StochasticAD(),
    snn.ScoreFunction(),
    snn.DisARM(),
    snn.EvolutionStrategies(),
    snn.FiniteDifferences(),
    snn.ExactEnumeration(),
    snn.TransferMatrix(),
    snn.MeanField(),
]


def gradient(estimator, params, key=KEY):
    sampled = not isinstance(estimator, snn.estimators.base.Oracle)
    given = (snn.draw_noise(PROGRAM, PARAMS, KEY, 4), key) if sampled else ()
    return estimator(PROGRAM, params, *given).grad


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda x: type(x).__name__)
def test_a_weight_that_is_no_number_has_no_gradient(estimator):
    """Spikes hide it from a loss: a potential that is NaN is below every threshold."""
    unknown = PARAMS[0] | {"w": PARAMS[0]["w"].at[0, 0].set(jnp.nan)}
    assert np.isnan(gradient(estimator, [unknown, PARAMS[1]])[0]["w"][0, 0])


NO_KEYS = [0, None, "key", jnp.ones(2), jax.random.split(KEY), jnp.zeros(3, jnp.uint32)]


@pytest.mark.parametrize("key", NO_KEYS, ids=repr)
def test_what_is_no_key_is_refused(key):
    for use in (
        lambda: snn.draw_noise(PROGRAM, PARAMS, key, 4),
        lambda: gradient(snn.EvolutionStrategies(), PARAMS, key),
    ):
        with pytest.raises((TypeError, ValueError)):
            use()


def test_a_key_of_the_older_kind_is_the_same_key():
    older, newer = (
        gradient(snn.EvolutionStrategies(), PARAMS, key)
        for key in (jax.random.PRNGKey(3), jax.random.key(3))
    )
    assert all(map(np.array_equal, jax.tree.leaves(older), jax.tree.leaves(newer)))
