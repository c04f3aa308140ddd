"""The conformance kit: correct spike functions pass, each seeded defect is caught by its check."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.shapes import SHAPES
from snn_tools.conformance import (
    Claim,
    Form,
    JaxFunction,
    NotOffered,
    NumpyFunction,
    Subject,
    forms,
)
from snn_tools.conformance.black_box import Typed
from snn_tools.conformance.checks import CHECKS, run
from snn_tools.conformance.measured import measure
from snn_tools.conformance.results import check, table
from tools.tests.spikes import step, with_derivative

BETA = 10.0
FORMS = [Form(name, BETA, 2.0) for name in forms.FORMS]
CLAIM = Claim(Form("superspike", BETA), at_threshold=0.0)
NAMED = {check.__name__: check for check in CHECKS}


def superspike(v, g):
    return (g / (1 + BETA * np.abs(v)) ** 2).astype(v.dtype)


def numpy_function(forward=step, backward=superspike, claim=CLAIM):
    return Subject("seeded", NumpyFunction(forward, backward), claim)


def failed(function):
    return {outcome.check: outcome.message for outcome in check(function).failures}


def by_formula(form):
    """A pair of functions that computes a form in the precision that it is given."""

    def backward(v, g):
        return (g * form(v)).astype(v.dtype)

    return numpy_function(backward=backward, claim=Claim(form, at_threshold=0.0))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.shape)
def test_correct_functions_pass(form):
    assert failed(by_formula(form)) == {}


@pytest.mark.parametrize(
    "form, width, integral",
    [
        (Form("superspike", BETA, 3.0), 2 * (2**0.5 - 1) / BETA, 2 * 3 / BETA),
        (Form("inverse", BETA), 2 / BETA, np.inf),
        (Form("sigmoid", BETA, BETA / 4), 4 * np.log(1 + 2**0.5) / BETA, 1),
        (Form("arctan", BETA, 1.0), 2 / BETA, np.pi / BETA),
        (Form("triangle", BETA, 1.0), 1 / BETA, 1 / BETA),
        (Form("box", BETA, 1.0), 2 / BETA, 2 / BETA),
        (Form("gaussian", BETA), np.sqrt(8 * np.log(2)) / BETA, np.sqrt(2 * np.pi) / BETA),
        (Form("exponential", BETA), 2 * np.log(2) / BETA, 2 / BETA),
        (Form("constant"), np.inf, np.inf),
    ],
    ids=lambda value: getattr(value, "shape", None),
)  # fmt: skip
@pytest.mark.parametrize("stretch", [0.01, 100.0])
def test_measures_are_those_of_the_closed_form(form, width, integral, stretch):
    measured = measure(Form(form.shape, form.beta / stretch, form.peak))
    assert measured.peak == pytest.approx(form.peak, rel=1e-6)
    if form.shape == "constant":
        stretch = 1.0
    assert measured.width == pytest.approx(width * stretch, rel=1e-5)
    assert measured.integral == pytest.approx(integral * stretch, rel=1e-3)
    assert measured.peak_at == 0.0


def test_one_sided_derivatives_are_measured_as_such():
    measured = measure(lambda v: np.where(v > 0.5, np.exp(-np.abs(v - 0.5)), 0.0))
    assert measured.peak == pytest.approx(1, rel=1e-4)
    assert measured.peak_at == pytest.approx(0.5, rel=1e-4)
    assert measured.width == pytest.approx(np.log(2), rel=1e-3)
    assert measured.integral == pytest.approx(1, rel=1e-3)


def overflowing(v, g):
    with np.errstate(all="ignore"):
        e = np.exp(-BETA * v)
        return (g * BETA * e / (1 + e) ** 2).astype(v.dtype)


# Those at the tolerance of a check are in test_conformance_tolerances.py.
DEFECTS = {
    # name: (forward, backward, claim, the check that must fail)
    "graded spike": (lambda v: np.maximum(v, 0) + (v == 0) / 2, superspike, CLAIM, "threshold"),
    "spike at threshold": (lambda v: (v >= 0).astype(v.dtype), superspike, CLAIM, "threshold"),
    "asymmetric": (
        step,
        lambda v, g: superspike(np.where(v > 0, v, v / 2), g),
        CLAIM,
        "claimed_derivative",
    ),
    "overflow": (step, overflowing, Claim(Form("sigmoid", BETA, BETA / 4)), "finite"),
    "normalised over the batch": (
        step,
        lambda v, g: superspike(v, g) / v.dtype.type(max(v.size, 1)),
        Claim(),
        "batch",
    ),
    "shape lost": (step, lambda v, g: superspike(v, g).ravel(), Claim(), "batch"),
    "does not run": (step, lambda v, g: v.no_such_method(), CLAIM, "runs"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_every_seeded_defect_is_caught(name):
    forward, backward, claim, check = DEFECTS[name]
    assert check in failed(numpy_function(forward, backward, claim))


def slope(v):
    return 1 / (1 + BETA * jnp.abs(v)) ** 2


def test_correct_jax_functions_pass():
    """In what asks a framework; the other checks see only its numbers, which one checks here."""
    eager = Subject("eager", JaxFunction(with_derivative(slope)), CLAIM)
    compiled = Subject("compiled", JaxFunction(jax.jit(with_derivative(slope))), CLAIM)
    assert run(NAMED["vmap"], eager).status == "passed"
    for name in "threshold claimed_derivative batch vmap second_order".split():
        assert run(NAMED[name], compiled).status == "passed", name


class Twisted(JaxFunction):
    """Another derivative under vmap."""

    def mapped(self, v, dtype):
        spikes, gradient = super().mapped(v, dtype)
        return spikes, Typed(-gradient.values, dtype)


def test_defects_that_need_a_framework_are_caught():
    frozen = with_derivative(lambda v: slope(jax.lax.stop_gradient(v)))
    outcome = run(NAMED["second_order"], Subject("frozen", JaxFunction(frozen)))
    assert outcome.status == "failed" and "0 everywhere, without a refusal" in outcome.message
    twisted = Subject("twisted", Twisted(jax.jit(with_derivative(slope))))
    assert run(NAMED["vmap"], twisted).status == "failed"


def test_the_table_has_a_line_for_each_function_and_the_failures():
    wrong = numpy_function(claim=Claim(integral=1.0))
    shown = table([check(numpy_function()), check(wrong)]).splitlines()
    assert shown[2].split()[:5] == ["seeded", "0", "1", "0.08284", "0.2"]
    assert shown[2].endswith("6 passed")
    assert shown[3].endswith("FAILED: integral")
    assert shown[5] == "seeded: integral: got 0.2, claimed 1 (integral)"


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


def test_a_claim_is_a_function():
    with pytest.raises(ValueError, match=r"Claim.derivative: got 'superspike', expected a func"):
        Claim.__post_init__(SimpleNamespace(derivative="superspike"))  # past beartype


def test_numpy_has_no_bfloat16():
    assert "bfloat16" not in numpy_function().offered
    with pytest.raises(NotOffered):
        NumpyFunction(step, superspike).spikes(np.zeros(1), "bfloat16")


def test_a_form_that_is_not_known_is_refused_before_anything_runs():
    with pytest.raises(ValueError, match="got 'lorentzian', expected one of .*forms.py"):
        Form("lorentzian", BETA)


def test_every_shape_of_the_core_has_a_form():
    """The kit's subjects and the translations of `snn_tools.rosetta` are made of the lines."""
    absent = {shape.form for shape in SHAPES.values()} - set(forms.FORMS)
    assert not absent, f"give {sorted(absent)} a line in tools/snn_tools/conformance/forms.py"
