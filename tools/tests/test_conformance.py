"""The conformance kit: right spike functions pass, each seeded defect is caught by its check."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.shapes import SHAPES
from snn_tools.conformance import Claim, JaxFunction, Subject, run
from snn_tools.shared.shape import Shape
from tools.tests.spikes import with_derivative

FORMS = {
    "superspike": lambda x: (1 + np.abs(x)) ** -2.0,
    "sigmoid": lambda x: 4 * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,  # 4 p (1 - p)
    "arctan": lambda x: 1 / (1 + x**2),
    "triangle": lambda x: np.maximum(0.0, 1 - np.abs(x)),
    "box": lambda x: (np.abs(x) < 1) * 1.0,
    "gaussian": lambda x: np.exp(-(x**2) / 2),
    "exponential": lambda x: np.exp(-np.abs(x)),
    "constant": lambda x: np.ones_like(x),
}
"""Shapes of peak 1; a shape with an edge has the edge at 1."""


def form(name, beta=1.0, peak=1.0):
    """A derivative in closed form."""
    return lambda v: peak * FORMS[name](beta * v)


BETA = 10.0
CLAIM = Claim(form("superspike", BETA), at_threshold=0.0)


def slope(v):
    return 1 / (1 + BETA * jnp.abs(v)) ** 2


def subject(derivative=slope, claim=CLAIM, function=None):
    return Subject("seeded", JaxFunction(jax.jit(function or with_derivative(derivative))), claim)


def failed(function):
    return {o.check: o.message for o in run(function) if o.status == "failed"}


def test_a_right_function_passes_all_checks():
    assert [outcome.status for outcome in run(subject())] == ["passed"] * 8


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.form)
def test_the_derivatives_of_the_core_are_their_forms(shape):
    derivative, p = shape.make(BETA), BETA
    (beta, e), (peak, f) = shape.slope, shape.peak
    right = form(shape.form, beta * p**e, peak * p**f)
    v = np.linspace(-1, 1, 77)
    got = np.asarray(derivative(jnp.asarray(v), jnp.asarray(1.0 * (v > 0)), None))
    np.testing.assert_allclose(got, right(v), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "beta", "peak", "width", "integral"),
    [
        ("superspike", BETA, 3.0, 2 * (2**0.5 - 1) / BETA, 2 * 3 / BETA),
        ("sigmoid", BETA, BETA / 4, 4 * np.log(1 + 2**0.5) / BETA, 1),
        ("arctan", BETA, 1.0, 2 / BETA, np.pi / BETA),
        ("triangle", BETA, 1.0, 1 / BETA, 1 / BETA),
        ("box", BETA, 1.0, 2 / BETA, 2 / BETA),
        ("gaussian", BETA, 1.0, np.sqrt(8 * np.log(2)) / BETA, np.sqrt(2 * np.pi) / BETA),
        ("constant", 1.0, 1.0, np.inf, np.inf),
    ],
)
def test_measures_are_those_of_the_closed_form(name, beta, peak, width, integral):
    shape = Shape.of_function(form(name, beta, peak))
    assert (shape.peak, shape.peak_at) == (pytest.approx(peak, rel=1e-6), 0.0)
    assert shape.width == pytest.approx(width, rel=1e-5)
    assert shape.integral == pytest.approx(integral, rel=1e-3)


def test_one_sided_derivatives_are_measured_as_such():
    shape = Shape.of_function(lambda v: np.where(v > 0.5, np.exp(-np.abs(v - 0.5)), 0.0))
    assert (shape.peak, shape.peak_at) == pytest.approx((1, 0.5), rel=1e-4)
    assert (shape.width, shape.integral) == pytest.approx((np.log(2), 1), rel=1e-3)


def overflowing(v):
    e = jnp.exp(-BETA * v)
    return BETA * e / (1 + e) ** 2


@jax.custom_jvp
def late(v):
    return (v >= 0).astype(v.dtype)


late.defjvp(lambda p, t: (late(*p), slope(p[0]) * t[0]))

DEFECTS = {
    # name: (spike function, the check that must fail)
    "graded spike": (lambda: subject(function=jax.nn.sigmoid), "threshold"),
    "spike at threshold": (lambda: subject(function=late), "threshold"),
    "asymmetric": (
        lambda: subject(lambda v: slope(jnp.where(v > 0, v, v / 2))),
        "claimed_derivative",
    ),
    "a factor of 1.00002": (lambda: subject(lambda v: 1.00002 * slope(v)), "claimed_derivative"),
    "overflow": (lambda: subject(overflowing, Claim(form("sigmoid", BETA, BETA / 4))), "finite"),
    "wrong width": (lambda: subject(claim=Claim(width=0.083)), "width"),
    "wrong integral": (lambda: subject(claim=Claim(integral=0.2025)), "integral"),
    "normalised over the batch": (lambda: subject(lambda v: slope(v) / max(v.size, 1)), "batch"),
    "not differentiable": (
        lambda: subject(lambda v: slope(jax.lax.stop_gradient(v))),
        "second_order",
    ),
    "under vmap": (lambda: subject(lambda v: slope(v) if v.ndim else 2 * slope(v)), "vmap"),
    "does not run": (lambda: subject(lambda v: v.no_such_method()), "runs"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_every_seeded_defect_is_caught(name):
    make, check = DEFECTS[name]
    assert check in failed(make())


def test_functions_of_torch_are_adapted():
    torch = pytest.importorskip("torch")
    from snn_tools.conformance import TorchFunction

    class Super(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return (v > 0).to(v.dtype)

        @staticmethod
        def backward(ctx, g):
            return g / (1 + BETA * ctx.saved_tensors[0].abs()) ** 2

    assert failed(Subject("torch", TorchFunction(Super.apply), CLAIM)) == {}


def test_every_shape_of_the_core_has_a_form():
    absent = {shape.form for shape in SHAPES.values()} - set(FORMS)
    assert not absent, f"give {sorted(absent)} a line in FORMS of tools/tests/test_conformance.py"
