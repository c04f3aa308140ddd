"""Nothing is concluded from NaN and infinity, and 0 divides nothing; the first two are faults."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.comparison.problem import Batches, Problem
from snn_tools.comparison.truth import resolve
from snn_tools.doctor.advice.code import of_code
from snn_tools.doctor.advice.direction import of_direction
from snn_tools.doctor.advice.trials import of_drawn, of_trials
from snn_tools.doctor.gradient_check import STEPS, Check, judged
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.observed import Layer, Leaf
from snn_tools.doctor.single_trials import shape_of
from tools.tests.doctor.test_thresholds import direction_of, found_in

ODD = [np.nan, np.inf, -np.inf, 0.0]
KEY = jax.random.key(0)


@pytest.mark.parametrize("odd", ODD)
def test_rules_of_single_trials(odd):
    layer = Layer(0, 3, odd, 0.0, 0.0, odd, odd, 0, (odd, odd), odd)
    leaf = Leaf("w", 3, odd, odd, 0)
    expected = {"unreached"} if odd <= 0 else set()
    assert {f.kind for f in of_trials((layer,), (leaf,), 64, 0)} - expected == set()
    bad = dataclasses.replace(leaf, bad=2)
    (fault,) = (f for f in of_trials((), (bad,), 64, 0) if f.fault)
    assert fault.kind == "not finite" and "2 of 3 in w" in fault.evidence


@pytest.mark.parametrize("odd", ODD)
def test_rules_of_the_derivative(odd):
    """A derivative that is such a number everywhere is neither steep nor aside."""

    def constant(v, s, escape):
        return jnp.full_like(v, odd)

    findings = found_in(shape_of(constant, snn.escape.Sigmoid(2.0)))
    assert {f.kind for f in findings} == ({"shape"} if odd == 0 else {"overflow"})
    if odd == 0:
        assert "0 at all potentials" in findings[0].evidence


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("side", ["yours", "true"])
def test_rules_of_direction(odd, side):
    """One batch of an otherwise healthy pair: no cosine, no advice, no word of noise."""
    rng = np.random.default_rng(0)
    batches = {s: rng.normal(1.0, 0.01, (16, 4)) for s in ("yours", "true")}
    batches[side][3] = odd
    yours, true = (Batches(batches[s], 8, 1.0) for s in ("yours", "true"))
    direction = direction_of(yours, yours, true)
    assert of_direction(direction, snn.Surrogate(), "") == []
    comparison, row = direction.comparison, direction.comparison.row(YOURS, "w")
    assert np.isfinite(row.cosine) == np.isfinite(odd)
    assert any("not finite" in w for w in comparison.warnings) == (not np.isfinite(odd))
    assert not any("lost" in w or "too few" in w for w in comparison.warnings)


def test_the_pilot_counts_trials_of_both_estimators():
    """A loss that is infinite where the first of 13 sites fires, in half of the trials."""
    network = snn.MLP((1, 13), snn.escape.Sigmoid(2.0))
    program = snn.Program(network, jnp.zeros(1), lambda s: 1 / (1 - s[0]))
    problem = Problem(program, network.init(KEY))
    *_, pilot = resolve("sampled", problem, {}, KEY)
    trials, bad = sum(len(b.means) * b.size for b in pilot), sum(b.bad for b in pilot)
    assert trials > 8 * 256 and 0.4 < bad / trials < 0.6


@pytest.mark.parametrize("odd", ODD)
def test_rules_of_the_code(odd):
    """Difference quotients and derivatives that are no numbers decide nothing."""
    right = np.full(len(STEPS), 2.0)
    quotients = np.full(len(STEPS), odd)
    eps = float(np.finfo(np.float32).eps)
    if odd == 0:
        assert judged(0.0, quotients, 0.0, eps)[1] == "agrees"
        # Saturated in float32: neither a cut nor a factor of infinity.
        assert judged(1e-9, quotients, 0.0, eps)[1] == "undecided"
        assert judged(1.0, quotients, 0.0, eps) == (np.inf, "differs")
        assert judged(0.0, right, 1.0, eps)[1] == "cut"
    else:
        assert judged(1.0, quotients, 1.0, eps)[1] == "undecided"
        assert judged(odd, right, 1.0, eps)[1] == "undecided"
        assert judged(1.0, right, abs(odd), eps)[1] == "undecided"
    check = Check("smoothed", "w", odd, "undecided")
    assert of_code((check,), None) == []


def test_counts_are_faults():
    assert of_drawn(100, 0) == []
    (direction,) = of_drawn(100, 2)
    assert direction.fault and "2 losses or gradients are not finite in 100" in direction.evidence


def minus_log_rate(output):
    return -jnp.log(output.mean())


def test_a_rare_infinity_is_a_fault_and_nothing_is_concluded():
    """All 16 neurons are silent in 0.07 % of trials: 64 do not show it, thousands do."""
    network = snn.MLP((1, 16), snn.escape.Sigmoid(1.0))
    params = [{"b": jnp.full(16, -0.55), "w": jnp.full((1, 16), 0.0)}]
    program = snn.Program(network, jnp.ones(1), minus_log_rate)
    report = doctor.examine(program, params, KEY, budget="5min", time_axis=None)
    text = str(report)
    assert {f.kind for f in report.faults} == {"not finite"}
    assert report.loop is None and "nan" not in text.lower()
    assert "gradient of no loss" not in text and "lost in" not in text
