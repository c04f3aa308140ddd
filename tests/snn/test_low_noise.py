"""Exact gradients where p or 1 - p has no digits of its own, against sums in 160 digits."""

import itertools
from decimal import Decimal, localcontext
from typing import final

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.adaptive_lif import AdaptiveLIF
from snn.coupling import Right
from snn.escape import EscapeNoise
from snn.value_object import value_object

DIGITS = 160
PI = "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986"
SHAPES = [(1, 2), (2,), (2, 1), (1,)]
"""Weights and biases of one input, two hidden neurons and one output."""


def sigmoid(x):
    """Probabilities of a spike and of silence, each from its own side."""
    return 1 / (1 + (-x).exp()), 1 / (1 + x.exp())


def superspike(x):
    tail = 1 / (2 + 2 * abs(x))
    return (1 - tail, tail) if x > 0 else (tail, 1 - tail)


def exponential(x):
    p = min(Decimal(1), Decimal(2) / 3 * x.exp())
    return p, 1 - p


def gaussian(x):
    """The series of positive terms, which loses 87 digits in the tail at 20."""
    total, term, k = Decimal(0), abs(x), 1
    while term > Decimal(10) ** -DIGITS * (1 + total):
        total, k = total + term, k + 2
        term *= x * x / k
    half = (-x * x / 2).exp() / (2 * Decimal(PI)).sqrt() * total
    upper, lower = Decimal("0.5") + half, Decimal("0.5") - half
    return (upper, lower) if x > 0 else (lower, upper)


@final
@value_object
class Product(EscapeNoise):
    """The wrong variant: silence has the probability 1 - p of the rounded p."""

    noise: EscapeNoise

    def prob(self, v):
        return self.noise.prob(v)

    def slope(self, v):
        return self.noise.slope(v)

    def log_prob(self, v, s):
        p = self.prob(v)
        return jnp.log(jnp.where(s > 0.5, p, 1 - p))

    def slope_over_prob(self, v):
        return self.slope(v) / self.prob(v)

    def slope_over_silence(self, v):
        return self.slope(v) / (1 - self.prob(v))


# Beyond the reach (times the slope), p rounds to 1 in single and in double precision.
CASES = {
    "sigmoid": (snn.escape.Sigmoid, sigmoid, (20, 45)),
    "superspike": (snn.escape.SuperSpike, superspike, (2**26, 2**55)),
    "exponential": (lambda b: snn.escape.Exponential(1 / b), exponential, (2, 2)),
    "gaussian": (lambda b: snn.escape.Gaussian(1 / b), gaussian, (6, 9)),
}
PRECISIONS = {"single": (False, 1e-4), "double": (True, 1e-11)}
ORACLES = {
    "enumeration": snn.ExactEnumeration(),
    "transfer matrix": snn.TransferMatrix(),
    "mean of the score function": snn.Expected(snn.ScoreFunction()),
}
each_case = pytest.mark.parametrize("name", CASES)
each_slope = pytest.mark.parametrize("beta", [1, 4, 40, 200])
each_precision = pytest.mark.parametrize("precision", PRECISIONS)


def silence(output):
    return jnp.sum(1 - output)


def weights_at(name, beta, precision):
    """A hidden neuron and the output that nearly always fire; numbers of single precision."""
    far = CASES[name][2][precision == "double"]
    scaled = [far, 0.3, 0.0, 0.0, far, 0.5, -0.25]
    return [float(np.float32(round(1024 * x / beta) / 1024)) for x in scaled]


def chance_of_silence(weights, beta, probabilities):
    """Probability that the output is silent, over all states of two hidden neurons."""
    v, b, w, c = weights[:2], weights[2:4], weights[4:6], weights[6]
    hidden = [probabilities(beta * (v[i] + b[i])) for i in (0, 1)]
    total = Decimal(0)
    for s in itertools.product((0, 1), repeat=2):
        u = sum((w[i] for i in (0, 1) if s[i]), c)
        chance = hidden[0][1 - s[0]] * hidden[1][1 - s[1]]
        total += chance * probabilities(beta * u)[1]
    return total


def exactly(name, beta, precision):
    """Value and gradient, by central differences whose error is below 60 digits."""
    with localcontext() as context:
        context.prec = DIGITS
        numbers = [Decimal(x) for x in weights_at(name, beta, precision)]
        function, h = CASES[name][1], Decimal(10) ** -40
        of = lambda x: chance_of_silence(x, Decimal(beta), function)  # noqa: E731
        grad = []
        for k, x in enumerate(numbers):
            up, down = (of([*numbers[:k], x + d, *numbers[k + 1 :]]) for d in (h, -h))
            grad.append((up - down) / (2 * h))
        return np.array([float(x) for x in (of(numbers), *grad)])


def computed(oracle, noise, name, beta, precision):
    jax.config.update("jax_enable_x64", precision == "double")
    numbers = weights_at(name, beta, precision)
    at = np.cumsum([0, *(np.prod(shape) for shape in SHAPES)])
    arrays = [jnp.asarray(numbers[a:b]).reshape(c) for a, b, c in zip(at, at[1:], SHAPES)]  # noqa: B905
    params = [{"w": arrays[0], "b": arrays[1]}, {"w": arrays[2], "b": arrays[3]}]
    program = snn.Program(snn.MLP((1, 2, 1), noise), jnp.ones(1), silence)
    estimate = oracle(program, params)
    leaves = [estimate.grad[k][name] for k in (0, 1) for name in ("w", "b")]
    assert all(leaf.dtype == jnp.result_type(float) for leaf in leaves)
    return np.array([float(estimate.loss), *np.concatenate([np.ravel(leaf) for leaf in leaves])])


def errors(actual, exact):
    return np.abs(actual - exact) / np.where(exact == 0, 1.0, np.abs(exact))


@pytest.mark.parametrize("oracle", ORACLES)
@each_precision
@each_slope
@each_case
def test_value_and_gradient_have_all_digits(name, beta, precision, oracle):
    exact = exactly(name, beta, precision)
    actual = computed(ORACLES[oracle], CASES[name][0](float(beta)), name, beta, precision)
    assert (errors(actual, exact) < PRECISIONS[precision][1]).all()
    assert (exact[:2] != 0).all() or name == "exponential", "the far tail counts"


@each_precision
@pytest.mark.parametrize("name", ["sigmoid", "superspike", "gaussian"])
def test_a_product_of_rounded_probabilities_is_wrong(name, precision):
    exact = exactly(name, 40, precision)
    noise = Product(CASES[name][0](40.0))
    actual = computed(ORACLES["transfer matrix"], noise, name, 40, precision)
    assert not (errors(actual, exact) < 0.01).all()


@pytest.mark.parametrize("kind", [snn.Expected, snn.LayeredMean])
@each_precision
def test_flips_of_rare_silence_keep_their_digits(kind, precision):
    """In one neuron, the mean of right coupling is the slope, also where silence is rare."""
    jax.config.update("jax_enable_x64", precision == "double")
    x = CASES["sigmoid"][2][precision == "double"] / 40
    program = snn.Program(snn.MLP((1, 1), snn.escape.Sigmoid(40.0)), jnp.ones(1), silence)
    oracle = kind(snn.SmoothedStochasticAD(Right()))
    actual = oracle(program, [{"w": jnp.full((1, 1), x), "b": jnp.zeros(1)}]).grad[0]["b"][0]
    assert actual == pytest.approx(-40 * np.exp(-40 * x), rel=PRECISIONS[precision][1], abs=0)


@pytest.mark.parametrize("oracle", ["enumeration", "mean of the score function"])
@pytest.mark.parametrize("name", ["sigmoid", "superspike", "gaussian"])
def test_slopes_can_be_learnt_beside_refractory_periods(name, oracle):
    """A neuron at v = -inf is no function of its slope."""
    neuron = AdaptiveLIF(snn.LIF(10e-3, 2e-3), tau_adapt=6e-3, rise=0.4, refractory=1)

    def network(params, x, noise, spike):
        inner = snn.LIFNetwork((1, 1), CASES[name][0](params["beta"]), neuron)
        return inner([{"w": params["w"]}], x, noise, spike)

    program = snn.Program(network, jnp.ones((6, 1)), snn.losses.Linear())
    at = lambda beta: {"w": jnp.full((1, 1), 4.0), "beta": jnp.asarray(beta)}  # noqa: E731
    loss = lambda beta: ORACLES["enumeration"](program, at(beta)).loss  # noqa: E731
    slope = (loss(3.0 + 1e-5) - loss(3.0 - 1e-5)) / 2e-5
    actual = ORACLES[oracle](program, at(3.0)).grad["beta"]
    assert abs(slope) > 0.01
    assert actual == pytest.approx(float(slope), rel=1e-7)
