"""Line integrals and curl: zero for gradients, the published numbers for surrogate gradients."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate

import snn
from snn.fields import circle, curl, gradient_field, line_integral, segment
from snn.stats import flatten
from tests.snn.problems import five_weights

TURN = 2 * np.pi
BETAS = jnp.array([1.0, 5.0, 20.0])

# Base point, and two orthonormal directions, in the order (w, v1, v2, u1, u2).
PUBLISHED = (
    np.array([0.05, 0.025, -0.1, 0.05, 0.05]),
    np.array([0.0930599102, 0.5905991469, -0.3091423196, 0.4299940979, -0.6017213664]),
    np.array([-0.1493434747, 0.2501149153, 0.2617973612, -0.7879228373, -0.4751618670]),
)
NOTEBOOK = (
    np.zeros(5),
    np.array([0.1168133866, -0.2180221214, -0.8262964982, 0.5019747473, 0.0638469851]),
    np.array([-0.3031082765, -0.8068900418, 0.3674928860, 0.3028788799, 0.1739746941]),
)
LOOPS = {
    "published": (PUBLISHED, [0.0258687769, -0.2429746325, -1.5633656276]),
    "notebook": (NOTEBOOK, [-0.0424809663, 0.3691099357, 1.8176020396]),
}
each_loop = pytest.mark.parametrize("case, expected", LOOPS.values(), ids=LOOPS)


def around(case):
    base, d1, d2 = case
    return circle(base, d1, d2, 1.8)


@pytest.fixture(scope="module")
def surrogate_fields():
    """Surrogate gradients of the step network, for three slopes at once: (slope, parameter)."""
    problem = five_weights(1e4, jnp.zeros(5))
    noise = snn.noise.ThreefryNoise.sample(jax.random.key(0), 1)  # has no effect

    def field(beta, theta):
        estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), snn.mean)
        return flatten(estimator(problem.program, five_weights(1e4, theta).params, noise).grad)

    return jax.jit(lambda theta: jax.vmap(field, (0, None))(BETAS, theta))


@each_loop
def test_published_loop_integrals_of_surrogate_gradients(surrogate_fields, case, expected):
    loop = line_integral(surrogate_fields, around(case), 0.0, TURN, tol=1e-9)
    np.testing.assert_allclose(loop.value, expected, rtol=5e-8)
    assert loop.error <= 1e-9
    finer = line_integral(
        surrogate_fields, around(case), 0.0, TURN, tol=1e-10, at=np.linspace(0, TURN, 201)[1:-1]
    )
    np.testing.assert_allclose(finer.value, loop.value, atol=2e-9)
    assert finer.n_evaluations > loop.n_evaluations


def field_of(estimator, beta):
    """A field in the five weights, and its loss."""
    problem = five_weights(beta, jnp.zeros(5))
    estimate = jax.jit(lambda t: estimator(problem.program, five_weights(beta, t).params))
    return lambda t: flatten(estimate(t).grad), lambda t: float(estimate(t).loss)


TRUE_GRADIENTS = {
    "smoothed network": field_of(snn.MeanField(), 5.0),
    "stochastic network": field_of(snn.ExactEnumeration(), 5.0),
}
each_gradient = pytest.mark.parametrize(
    "field, loss", TRUE_GRADIENTS.values(), ids=TRUE_GRADIENTS.keys()
)
MATCHED = field_of(snn.Expected(snn.Surrogate()), 5.0)[0]


@each_gradient
def test_a_gradient_integrates_to_zero_around_a_loop(field, loss):
    loop = line_integral(field, around(PUBLISHED), 0.0, TURN)
    assert abs(loop.value) < 1e-12
    assert np.abs(loop.running).max() > 0.01


@each_gradient
def test_a_gradient_integrates_to_the_rise_of_its_loss(field, loss):
    a, b = PUBLISHED[0], PUBLISHED[0] + 2 * PUBLISHED[1] - PUBLISHED[2]
    rise = loss(b) - loss(a)
    assert line_integral(field, segment(a, b)).value == pytest.approx(rise, abs=1e-10)
    assert line_integral(field, segment(b, a)).value == pytest.approx(-rise, abs=1e-10)
    assert abs(rise) > 0.01
    assert abs(line_integral(MATCHED, segment(a, b)).value - rise) > 0.01


def test_the_matched_surrogate_gradient_of_the_stochastic_network_does_not():
    _, d1, d2 = PUBLISHED
    loop = line_integral(MATCHED, circle(np.zeros(5), d1, d2, 1.8), 0.0, TURN)
    assert loop.value == pytest.approx(-0.25556, abs=5e-6)


def test_running_integral():
    a, b = PUBLISHED[0], PUBLISHED[0] + 2 * PUBLISHED[1]
    field, loss = TRUE_GRADIENTS["smoothed network"]
    integral = line_integral(field, segment(a, b), at=np.array([0.25, 0.5]))
    assert integral.t[0] == 0 and integral.t[-1] == 1 and (np.diff(integral.t) > 0).all()
    assert {0.25, 0.5} <= set(integral.t)
    expected = [loss(a + t * (b - a)) - loss(a) for t in integral.t]
    np.testing.assert_allclose(integral.running, expected, atol=1e-10)
    assert integral.running[-1] == pytest.approx(float(integral.value), abs=1e-14)


def test_the_error_bounds_the_error_and_giving_up_is_reported():
    """A step at t = 1/3, integral 2/3, which no rule integrates exactly."""

    def step(theta):
        return np.array([float(theta[0] > 1 / 3), 0.0])

    line = segment(np.zeros(2), np.array([1.0, 0.0]))
    for tol in (1e-3, 1e-6, 1e-9):
        integral = line_integral(step, line, tol=tol)
        assert abs(integral.value - 2 / 3) <= integral.error <= tol
    with pytest.raises(RuntimeError, match="after .* intervals"):
        line_integral(step, line, tol=1e-9, max_intervals=10)


@each_gradient
def test_gradients_have_no_curl(field, loss):
    base, d1, d2 = PUBLISHED
    actual = curl(field, base + 0.7 * d1, d1, d2)
    assert abs(actual.value) < actual.error + 1e-9
    assert actual.error < 1e-6


def test_curl_of_a_known_field():
    """g = (-y, x) has curl 2, and exchanging the directions turns its sign."""
    x, y = np.eye(3)[:2]

    def rotation(theta):
        return np.array([-theta[1], theta[0], 5.0])

    assert curl(rotation, np.ones(3), x, y).value == pytest.approx(2)
    assert curl(rotation, np.ones(3), y, x).value == pytest.approx(-2)

    def cubic(theta):
        return np.array([np.sin(3 * theta[1]), 0.0, 0.0])

    actual = curl(cubic, np.array([0.0, 0.4, 0.0]), x, y, step=0.1)
    exact = -3 * np.cos(1.2)
    assert abs(actual.value - exact) < actual.error < 0.1


def test_curl_is_exact_for_a_quartic_and_its_error_is_the_correction():
    """Central differences of y^4 are off by 4 y h^2, which one extrapolation takes away."""
    x, y = np.eye(2)
    height, step = 0.4, 0.1
    actual = curl(
        lambda theta: np.array([-(theta[1] ** 4), 0.0]), np.array([0, height]), x, y, step
    )
    assert actual.value == pytest.approx(4 * height**3, rel=1e-12)
    assert actual.error == pytest.approx(height * step**2, rel=1e-12)


def test_gradient_field_of_any_parameters():
    problem = five_weights(5.0, jnp.asarray(PUBLISHED[1]))
    start, field = gradient_field(snn.ExactEnumeration(), *problem)
    np.testing.assert_array_equal(start, PUBLISHED[1])
    expected = flatten(snn.ExactEnumeration()(*problem).grad)
    np.testing.assert_allclose(field(start), expected, atol=1e-14)


def test_a_field_of_parameters_of_two_short_types():
    """Flat, they are of a type that holds both."""
    program, params = five_weights(5.0, jnp.asarray(PUBLISHED[1]))
    params[0], params[1] = (
        jax.tree.map(lambda w, dtype=dtype: w.astype(dtype), layer)
        for layer, dtype in zip(params, (jnp.float16, jnp.bfloat16), strict=False)
    )
    start, field = gradient_field(snn.ExactEnumeration(), program, params)
    np.testing.assert_allclose(start, PUBLISHED[1], rtol=2**-8)
    assert field(start).shape == start.shape


@pytest.mark.parametrize("f", [np.exp, np.abs, lambda x: np.exp(-200 * x**2)])
def test_one_interval_is_that_of_quadpack(f):
    """Value and error estimate: of a smooth integrand, one with a kink, one with a peak."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one interval is not enough
        value, error = scipy.integrate.quad(f, -1, 1.5, limit=1)[:2]
    line = segment(np.array([-1.0]), np.array([1.5]))
    integral = line_integral(lambda x: f(x), line, tol=np.inf)
    assert integral.value == pytest.approx(value, rel=1e-13)
    assert integral.error == pytest.approx(error, rel=1e-6)
    assert integral.n_evaluations == 21
