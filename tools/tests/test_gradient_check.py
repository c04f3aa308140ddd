"""Verdicts of derivatives that are right, wrong, cut or hidden, for functions of one array."""

import numpy as np
import pytest

from snn_tools.shared.gradient_check import check_code

W = np.array([0.5, 0.0, -2.0, 3.0])


class Function:
    """Code without layers, whose loss is a function of an array and of a bias."""

    arrays, layers, shapes, eps = ["w", "bias"], [], [], float(np.finfo(float).eps)

    def __init__(self, loss, slope):
        self.loss, self.slope, self.at = loss, slope, {("array", 0): W, ("array", 1): np.full(1, 9)}

    def source(self, source):
        return self.at[source]

    def _moved(self, moves):
        return (self.at[k] + moves.get(k, 0.0) for k in self.at)

    def values(self, moves, weights):
        return np.array([self.loss(*self._moved(moves))])

    def derivative(self, source, moves, weights, on):
        w, bias = self._moved(moves)
        return self.slope(w, bias) if source == ("array", 0) else np.zeros(1)


def zero(w, bias):
    return 0 * w


def relu(w, bias):
    return np.maximum(w, 0.0).sum()


def many_steps(w, bias):
    """A sum of 10 000 comparisons, of which few change at once."""
    return (np.outer(np.linspace(-9, 9, 10_000), w[:2]).sum(axis=1) > 0.5).mean()


CASES = {
    "smooth": (lambda w, b: (w**2).sum(), lambda w, b: 2 * w, "agrees"),
    "factor": (lambda w, b: (w**2).sum(), lambda w, b: 6 * w, "differs"),
    "kink, derivative of one side": (relu, lambda w, b: 1.0 * (w > 0), "agrees"),
    "kink, derivative of the other side": (relu, lambda w, b: 1.0 * (w >= 0), "agrees"),
    "kink, factor": (relu, lambda w, b: 3.0 * (w > 0), "differs"),
    "detached": (lambda w, b: (w**2).sum(), zero, "cut"),
    "comparison": (lambda w, b: float(w[0] > w[1]), zero, "cut"),
    "many comparisons": (many_steps, zero, "cut"),
    "saturated by the bias": (lambda w, b: np.tanh(w.sum() + 9 * b[0]), zero, "saturated"),
    "clipped": (lambda w, b: np.clip(w.sum() + b[0], 0.0, 1.0), zero, "saturated"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_derivative_has_its_verdict(name):
    loss, slope, verdict = CASES[name]
    check = check_code(Function(loss, slope))[0]
    assert (check.verdict, check.zero) == (verdict, False)


def test_an_array_without_effect_is_unused_and_not_saturated():
    assert check_code(Function(lambda w, b: 0 * w.sum() + 1.0, zero))[0].zero


@pytest.mark.parametrize("curvature", [0.0, 1.0, -1e3, 1e5, -1e5])
def test_a_curved_loss_has_the_slope_of_both_sides(curvature):
    """Differences to one side see the curvature: at 1e5 they are wrong at every distance."""

    def loss(w, bias):
        return np.sum(w - W + curvature * (w - W) ** 2 / 2)

    for factor, verdict in ((1.0, "agrees"), (1.1, "differs")):
        slope = lambda w, bias, factor=factor: factor * (1 + curvature * (w - W))  # noqa: E731
        check = check_code(Function(loss, slope))[0]
        assert (check.verdict, check.ratio) == (verdict, pytest.approx(factor, rel=1e-3))
