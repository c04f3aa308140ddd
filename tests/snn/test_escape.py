"""Escape noises: the slope is the derivative of the probability, and nothing overflows."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from snn import escape

NOISES = {
    "sigmoid": lambda beta: escape.Sigmoid(beta),
    "superspike": lambda beta: escape.SuperSpike(beta),
    "exponential": lambda beta: escape.Exponential(delta_u=1 / beta),
    "gaussian": lambda beta: escape.Gaussian(sigma=1 / beta),
    "step": lambda beta: escape.Step(),
}
DTYPES = (jnp.float32, jnp.float64)

every_noise = pytest.mark.parametrize("name", NOISES)
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
examples = settings(max_examples=40, deadline=None, derandomize=True, database=None)

betas = st.floats(-2, 4).map(lambda exponent: 10.0**exponent)
potentials = st.floats(-1e3, 1e3)
drives = st.floats(-40, 40)  # beta v, where most happens


@st.composite
def points(draw, n=1):
    """A slope, and n potentials: far from threshold, or within reach of it.

    All are numbers of float32, so that both precisions see the same ones.
    """
    beta = float(np.float32(draw(betas)))
    vs = [draw(st.one_of(potentials, drives.map(lambda x: x / beta))) for _ in range(n)]
    vs = [float(np.float32(np.clip(v, -1e3, 1e3))) for v in vs]
    return beta, [v if abs(v) > 1e-30 else 0.0 for v in vs]


@functools.cache
def compiled(name):
    """All that an escape noise says at one point, and its derivatives by autodiff."""

    def everything(beta, v):
        noise = NOISES[name](beta)
        one, zero = jnp.ones_like(v), jnp.zeros_like(v)
        return {
            "prob": noise.prob(v),
            "slope": noise.slope(v),
            "prob'": jax.grad(noise.prob)(v),
            "log p": noise.log_prob(v, one),
            "log 1-p": noise.log_prob(v, zero),
            "log p'": jax.grad(noise.log_prob)(v, one),
            "log 1-p'": jax.grad(noise.log_prob)(v, zero),
            "slope/p": noise.slope_over_prob(v),
            "slope/1-p": noise.slope_over_silence(v),
        }

    return jax.jit(everything)


@functools.cache
def compiled_slope(name):
    return jax.jit(lambda beta, v: NOISES[name](beta).slope(v))


def evaluate(name, dtype, beta, v):
    out = compiled(name)(jnp.asarray(beta, dtype), jnp.asarray(v, dtype))
    assert all(value.dtype == dtype for value in out.values())
    return {key: float(value) for key, value in out.items()}


def margin(name, beta, v):
    """Distance of beta v to the nearest point where p is not differentiable."""
    if name == "step":
        return abs(v)
    return abs(beta * v + np.log(2 / 3)) if name == "exponential" else np.inf


def can_occur(name, beta, v):
    """Has a spike, and has silence, a probability above 0?"""
    if name == "step":
        return v > 0, v <= 0
    return True, name != "exponential" or beta * v + np.log(2 / 3) < 0


@every_dtype
@every_noise
@examples
@given(point=points())
def test_slopes_are_derivatives_and_log_prob_is_the_logarithm(name, dtype, point):
    beta, (v,) = point
    if margin(name, beta, v) < 1e-3:
        return
    out, eps = evaluate(name, dtype, beta, v), float(jnp.finfo(dtype).eps)
    p, spike, silence = out["prob"], *can_occur(name, beta, v)
    # Relative errors of size eps beta v are in the rounding of the argument.
    rounding, atol = 8 * eps * (1 + abs(beta * v)), 8 * eps * beta
    rtol = rounding + (1e-4 if dtype == jnp.float32 else 1e-10)
    np.testing.assert_allclose(out["slope"], out["prob'"], rtol=rtol, atol=atol)
    if spike:
        np.testing.assert_allclose(out["slope/p"], out["log p'"], rtol=rtol, atol=atol)
    if silence:
        rtol += rounding / margin(name, beta, v)
        np.testing.assert_allclose(out["slope/1-p"], -out["log 1-p'"], rtol=rtol, atol=atol)
    if spike and p > 1e-30:
        np.testing.assert_allclose(out["log p"], np.log(p), rtol=1e-5, atol=rounding + 2 * eps)
    if silence and 1 - p > 1e-2:  # beyond, 1 - p is itself rounded
        error = rounding * (1 + out["slope/1-p"] / beta) + 2 * eps / (1 - p)
        np.testing.assert_allclose(out["log 1-p"], np.log1p(-p), rtol=1e-5, atol=error)
    if silence and 1 - p <= 1e-2:  # log p = -(1 - p) - (1 - p)^2 / 2 - ...
        tail = np.exp(out["log 1-p"])
        np.testing.assert_allclose(out["log p"], np.log1p(-tail), rtol=1e-4, atol=rounding)


@every_dtype
@every_noise
@examples
@given(point=points())
def test_nothing_overflows(name, dtype, point):
    beta, (v,) = point
    # Float32 may place a potential on the other side of the clip.
    if name == "exponential" and margin(name, beta, v) < 1e-5 * (1 + abs(beta * v)):
        return
    out = evaluate(name, dtype, beta, v)
    spike, silence = can_occur(name, beta, v)
    for key, value in out.items():
        if ("log p" in key and not spike) or ("log 1-p" in key and not silence):
            continue
        assert np.isfinite(value), (key, value)
    if not spike:
        assert out["log p"] == -np.inf
    if not silence:
        assert out["log 1-p"] == -np.inf


NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def rise_by_slope(name, dtype, beta, low, high, factor=1.0):
    """Integral of the slope in the stretched coordinate x = beta v = sinh t, piece by piece."""
    kinks = np.array([0.0, -np.log(2 / 3)])
    ends = np.concatenate([[beta * low], np.clip(kinks, beta * low, beta * high), [beta * high]])
    t = np.arcsinh(ends)
    centre, half = (t[1:] + t[:-1]) / 2, (t[1:] - t[:-1]) / 2
    nodes = centre[:, None] + half[:, None] * NODES
    v = jnp.asarray(np.sinh(nodes) / beta, dtype)
    slope = np.asarray(compiled_slope(name)(jnp.asarray(beta, dtype), v))
    return factor * np.sum(half[:, None] * WEIGHTS * slope * np.cosh(nodes)) / beta


@every_dtype
@pytest.mark.parametrize("name", [name for name in NOISES if name != "step"])
@examples
@given(point=points(2))
def test_slope_integrates_to_the_rise(name, dtype, point):
    beta, (low, high) = point[0], sorted(point[1])
    rise = evaluate(name, dtype, beta, high)["prob"] - evaluate(name, dtype, beta, low)["prob"]
    atol = 2e-5 if dtype == jnp.float32 else 1e-9
    np.testing.assert_allclose(rise_by_slope(name, dtype, beta, low, high), rise, atol=atol)


def test_a_slope_off_by_5_percent_does_not_integrate_to_the_rise():
    rise = evaluate("sigmoid", jnp.float64, 3.0, 2.0)["prob"] - 0.5
    np.testing.assert_allclose(rise_by_slope("sigmoid", jnp.float64, 3.0, 0.0, 2.0), rise)
    with pytest.raises(AssertionError):
        wrong = rise_by_slope("sigmoid", jnp.float64, 3.0, 0.0, 2.0, factor=1.05)
        np.testing.assert_allclose(wrong, rise, atol=1e-9)


def test_the_textbook_superspike_cancels_in_float32():
    beta, v = jnp.float32(1e4), jnp.float32(-1e3)
    textbook = (1 + beta * v / (1 + beta * abs(v))) / 2
    exact = 0.5 / (1 + 1e7)
    assert abs(textbook / exact - 1) > 0.05
    assert abs(escape.SuperSpike(beta).prob(v) / exact - 1) < 1e-6


def test_certain_spikes_of_superspike_keep_their_digits_in_float32():
    """log p at 1 - p = 1/(2 (1 + beta v)), where p has lost its digits."""
    beta, v = jnp.float32(1e4), jnp.float32(1e3)
    exact = np.log1p(-0.5 / (1 + 1e7))
    noise = escape.SuperSpike(beta)
    assert abs(np.log(noise.prob(v)) / exact - 1) > 0.01
    assert abs(noise.log_prob(v, jnp.ones_like(v)) / exact - 1) < 1e-6


def test_silence_near_the_clip_of_the_exponential_does_not_cancel_in_float32():
    """log(1 - p) at p = exp(-1e-4), where 1 - p has lost its digits."""
    v = jnp.float32(-1e-4)
    exact = np.log(-np.expm1(np.float64(v)))
    noise = escape.Exponential(delta_u=1.0, rho0=1.0)
    assert abs(np.log1p(-np.exp(v)) - exact) > 1e-5
    assert abs(noise.log_prob(v, jnp.zeros_like(v)) - exact) < 1e-6 * abs(exact)


def test_the_tail_of_the_gaussian_ratio_is_exact():
    """Density over integral by scipy's scaled error function, on both sides of x = -12.

    Derivatives of log p go through the same series, so that autodiff does not see a short one.
    """
    x = np.array([-1e3, -100.0, -37.0, -20.0, -13.0, -12.001, -11.999, -5.0])
    exact = np.sqrt(2 / np.pi) / scipy.special.erfcx(-x / np.sqrt(2))
    noise = escape.Gaussian(sigma=1.0)

    @jax.jit
    def ratios(x):
        actual = {
            "slope/p": noise.slope_over_prob(x),
            "slope/1-p": noise.slope_over_silence(-x),
            "log p'": jax.vmap(jax.grad(lambda v: noise.log_prob(v, jnp.ones(()))))(x),
        }
        return actual, jax.vmap(jax.grad(noise.slope_over_prob))(x)

    actual, derivative = ratios(jnp.asarray(x))
    for name, ratio in actual.items():
        np.testing.assert_allclose(ratio, exact, rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(derivative, -exact * (x + exact), rtol=1e-8)
