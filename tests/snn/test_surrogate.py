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


# Operations one by one would be compiled one by one.
at = jax.jit(lambda derivative, v, noise=None: derivative(v, jnp.zeros_like(v), noise))


def shape_of(derivative, beta):
    """Peak, full width at half maximum, and integral, computed numerically."""
    f = lambda x: float(at(derivative, x / beta))  # noqa: E731
    peak = max(f(x) for x in np.linspace(-3, 3, 61))
    right = brentq(lambda x: f(x) - peak / 2, 0, 50)
    left = brentq(lambda x: f(x) - peak / 2, -50, 0)
    width = right - left
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
    height, power = shape.peak
    actual = shape_of(shape.make(p), p ** np.sign(shape.slope[1]))
    assert actual == pytest.approx([value(formula, p) for formula in stated(name)], rel=1e-6)
    table = height * p**power, width_by_the_table(shape, shape.make(p))
    assert actual[:2] == pytest.approx(table, rel=1e-6)


def width_by_the_table(shape, derivative):
    factor, exponent = shape.slope
    (p,) = jax.tree.leaves(derivative)
    return shape.width / (factor * p**exponent)


@each_shape
def test_as_wide_as_the_sigmoid_and_narrower_where_steeper(shape):
    for beta in (0.5, 3.0):
        width = width_by_the_table(shape, shape.as_wide_as_sigmoid(beta))
        assert width == pytest.approx(SIGMOID_WIDTH / beta, rel=1e-12)
    wide, narrow = (width_by_the_table(shape, shape.of_slope(beta)) for beta in (1.0, 4.0))
    assert wide == pytest.approx(4 * narrow, rel=1e-12)


def test_sigmoid_matches_the_sigmoid_escape_noise_and_superspike_does_not_match_its_own():
    v = jnp.array([-0.3, 0.0, 0.7])
    matched = at(surrogate.Matched(), v, escape.Sigmoid(10.0))
    np.testing.assert_allclose(at(surrogate.Sigmoid(10.0), v), matched, rtol=1e-12)
    np.testing.assert_allclose(at(surrogate.ScaledSigmoid(10.0), v) * 10, matched, rtol=1e-12)
    matched = at(surrogate.Matched(), v, escape.SuperSpike(10.0))
    np.testing.assert_allclose(at(surrogate.SuperSpike(10.0), v) * 5, matched, rtol=1e-12)


@each_shape
def test_nothing_overflows_in_float32(shape):
    v = jnp.asarray([-1e3, -1.0, -1e-4, 0.0, 1e-4, 1.0, 1e3], jnp.float32)
    values = at(shape.make(jnp.float32(1e4)), v)
    assert values.dtype == jnp.float32
    assert np.isfinite(values).all() and (values >= 0).all()
