"""Surrogate derivatives: peak, width and integral as their page states."""

import itertools
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from snn import escape, surrogate
from snn.shapes import SHAPES, SIGMOID_WIDTH

PAGE = Path(__file__).parents[2] / "docs" / "surrogate_derivatives.md"

each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))


class ProbInPlaceOfSlope:
    """The mistake that these tests are there to catch."""

    def __call__(self, v, s, escape):
        return escape.prob(v)


def at(derivative, v, noise=None):
    """A derivative that does not depend on the spike, at one potential."""
    return float(derivative(jnp.asarray(v), jnp.zeros(()), noise))


def peak_and_width(f):
    """Peak, and full width at half maximum, computed numerically."""
    peak = max(f(x) for x in np.linspace(-3, 3, 61))
    right = brentq(lambda x: f(x) - peak / 2, 0, 50)
    left = brentq(lambda x: f(x) - peak / 2, -50, 0)
    return peak, right - left


def shape_of(derivative, beta, noise=None):
    """Peak, full width at half maximum, and integral, computed numerically."""
    compiled = jax.jit(lambda v: derivative(v, jnp.zeros(()), noise))
    f = lambda x: float(compiled(x / beta))  # noqa: E731
    peak, width = peak_and_width(f)
    # The stretched coordinate x = sinh t reaches far out along tails like 1/x^2. Where it is half
    # as high, a derivative may jump.
    points = [-np.arcsinh(width / 2), 0.0, np.arcsinh(width / 2)]
    integral, _ = quad(
        lambda t: f(np.sinh(t)) * np.cosh(t), -25, 25, points=points, limit=200, epsabs=1e-9
    )
    return peak, width / beta, integral / beta


def stated(name):
    """Peak, width and integral as docs/surrogate_derivatives.md has them."""
    cells = re.compile(rf"^\| `{name}\(\w+\)` \|.*" + r"\| \$([^$]+)\$ " * 3 + r"\|$", re.MULTILINE)
    row = cells.search(PAGE.read_text())
    expected = f"| `{name}(parameter)` | $equation$ | $peak$ | $width$ | $integral$ |"
    assert row, f"docs/{PAGE.name}: expected a row {expected}, formulas as in the other rows"
    return row.groups()


def value(formula, parameter):
    r"""The number that a formula of \sqrt{}, \ln(), \pi and one parameter stands for."""
    words = re.findall(r"[A-Za-z]+|[\d.]+|\S", formula.replace("\\", " "))
    names = {"sqrt": np.sqrt, "ln": np.log, "pi": np.pi}
    code = ""
    for before, word in itertools.pairwise(["", *words]):
        times = (before.isalnum() and before not in ("sqrt", "ln")) or (before and before in ")}")
        code += "*" * bool(times and (word.isalnum() or word in "({"))
        code += word.translate(str.maketrans("{}", "()"))
        names.setdefault(word, parameter)
    return eval(code, names)


@pytest.mark.parametrize("p", [0.5, 10.0])
@pytest.mark.parametrize("name", SHAPES)
def test_peak_width_and_integral_are_those_of_the_page_and_of_the_table(name, p):
    shape = SHAPES[name]
    (factor, exponent), (height, power) = shape.steepness, shape.peak
    found = shape_of(shape.make(p), p ** np.sign(exponent))
    assert found == pytest.approx([value(formula, p) for formula in stated(name)], rel=1e-6)
    table = height * p**power, shape.width / (factor * p**exponent)
    assert found[:2] == pytest.approx(table, rel=1e-6)


@pytest.mark.parametrize(
    "noise, peak",
    [
        (escape.Sigmoid(4.0), 1.0),
        (escape.SuperSpike(4.0), 2.0),
        (escape.Gaussian(0.25), 0.3989422804 * 4),
    ],
)
def test_matched_is_a_density(noise, peak):
    found_peak, _, integral = shape_of(surrogate.Matched(), 4.0, noise)
    assert (found_peak, integral) == pytest.approx((peak, 1.0), rel=1e-6)


@pytest.mark.parametrize(
    "noise",
    [
        escape.Sigmoid(4.0),
        escape.SuperSpike(4.0),
        escape.Exponential(0.3),
        escape.Gaussian(0.25),
        escape.Step(),
    ],
    ids=lambda noise: type(noise).__name__,
)
def test_matched_is_the_derivative_of_the_firing_probability(noise):
    v = jnp.linspace(-1.01, 0.99, 41)
    s = jnp.zeros_like(v)
    expected = jax.vmap(jax.grad(noise.prob))(v)
    np.testing.assert_allclose(surrogate.Matched()(v, s, noise), expected, rtol=1e-9, atol=1e-14)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(ProbInPlaceOfSlope()(v, s, noise), expected, rtol=1e-2)


def test_sigmoid_matches_the_sigmoid_escape_noise_and_superspike_does_not_match_its_own():
    for v in (-0.3, 0.0, 0.7):
        matched = at(surrogate.Matched(), v, escape.Sigmoid(10.0))
        assert at(surrogate.Sigmoid(10.0), v) == pytest.approx(matched, rel=1e-12)
        assert at(surrogate.ScaledSigmoid(10.0), v) * 10 == pytest.approx(matched, rel=1e-12)
        matched = at(surrogate.Matched(), v, escape.SuperSpike(10.0))
        assert at(surrogate.SuperSpike(10.0), v) * 5 == pytest.approx(matched, rel=1e-12)


def test_multilayer_spiker_has_the_slope_as_its_mean_below_the_clip():
    delta_u = 0.133
    derivative, noise = surrogate.MultilayerSpiker(delta_u), escape.Exponential(delta_u)
    clip = -delta_u * np.log(2 / 3)

    def mean(v):
        v = jnp.asarray(v)
        p, (spike, silence) = (
            noise.prob(v),
            (derivative(v, jnp.asarray(s), noise) for s in (1.0, 0.0)),
        )
        return p * spike + (1 - p) * silence

    for v in np.linspace(-1, clip - 1e-6, 20):
        np.testing.assert_allclose(mean(v), at(surrogate.Matched(), v, noise), rtol=1e-12)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    v = (clip - 6) / 2 + nodes * (clip + 6) / 2
    integral = (clip + 6) / 2 * weights @ np.asarray(mean(v))
    assert integral == pytest.approx(1, rel=1e-8)
    assert mean(clip + 0.01) == pytest.approx(1 / delta_u)
    assert at(surrogate.Matched(), clip + 0.01, noise) == 0


def test_zero_is_zero():
    assert at(surrogate.Zero(), 0.0) == 0


def test_box_is_a_density_of_its_width():
    """Exactly on a grid that its edges do not hit."""
    v = jnp.linspace(-1.0, 1.0, 2000)
    for width in (0.5, 1.0):
        box = surrogate.Box(width)(v, jnp.zeros_like(v), None)
        inside = np.abs(v) < width / 2
        np.testing.assert_array_equal(box, np.where(inside, 1 / width, 0.0))
        assert float(box.sum() * (v[1] - v[0])) == pytest.approx(1, abs=2e-3)


@each_shape
@pytest.mark.parametrize("beta", [0.5, 3.0])
def test_as_wide_as_the_sigmoid(shape, beta):
    derivative = shape.as_wide_as_sigmoid(beta)
    _, width = peak_and_width(jax.jit(lambda v: derivative(v, jnp.zeros(()), None)))
    assert width == pytest.approx(SIGMOID_WIDTH / beta, rel=1e-6)


@each_shape
def test_steeper_is_narrower(shape):
    wide, narrow = (
        peak_and_width(jax.jit(lambda v, b=b: shape.of_slope(b)(v, jnp.zeros(()), None)))[1]
        for b in (1.0, 4.0)
    )
    assert wide == pytest.approx(4 * narrow, rel=1e-6)


@each_shape
def test_nothing_overflows_in_float32(shape):
    v = jnp.asarray([-1e3, -1.0, -1e-4, 0.0, 1e-4, 1.0, 1e3], jnp.float32)
    values = shape.make(jnp.float32(1e4))(v, jnp.zeros_like(v), None)
    assert values.dtype == jnp.float32
    assert np.isfinite(values).all() and (values >= 0).all()


def test_matched_needs_an_escape_noise():
    with pytest.raises(ValueError, match=r"got None, expected an EscapeNoise. Pass escape="):
        surrogate.Matched()(jnp.zeros(()), jnp.zeros(()), None)


@pytest.mark.parametrize(
    "make, field",
    [
        (surrogate.SuperSpike, "SuperSpike.beta"),
        (surrogate.Sigmoid, "Sigmoid.beta"),
        (surrogate.ScaledSigmoid, "ScaledSigmoid.beta"),
        (surrogate.Arctan, "Arctan.alpha"),
        (surrogate.Triangle, "Triangle.beta"),
        (surrogate.Box, "Box.width"),
        (surrogate.MultilayerSpiker, "MultilayerSpiker.delta_u"),
    ],
)
def test_parameters_must_be_positive(make, field):
    with pytest.raises(ValueError, match=f"{field}: got 0, expected a number > 0"):
        make(0)
