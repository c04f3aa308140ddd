"""Nothing is concluded from NaN and infinity, and 0 divides nothing; the first two are faults."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.jax.single_trials import shape_of
from snn_tools.jax.truth import resolve
from snn_tools.shared import rules
from snn_tools.shared.batches import Batches
from snn_tools.shared.gradient_check import STEPS, VALUES, Check, judged
from snn_tools.shared.observed import Leaf
from snn_tools.shared.report import YOURS
from snn_tools.shared.rows import compared
from tools.tests.test_rules import HEALTHY, NOISY, shape

ODD = [np.nan, np.inf, -np.inf, 0.0]
KEY = jax.random.key(0)


@pytest.mark.parametrize("odd", ODD)
def test_rules_of_single_trials(odd):
    layer = dataclasses.replace(
        HEALTHY, rate=odd, within=odd, passes=odd, spread=odd, error=(odd,), size=odd, growth=odd
    )
    expected = {"unreached"} if odd <= 0 else set()
    found = rules.of_layers((layer, layer), [(shape(), shape())] * 2, 64, NOISY)
    assert {f.kind for f in found} - expected == set()
    (fault,) = rules.of_numbers((Leaf("w", 3, odd, odd, 2),), 64, 0)
    assert fault.kind == "not finite" and "2 of 3 in w" in fault.evidence


@pytest.mark.parametrize("odd", ODD)
def test_rules_of_the_derivative(odd):
    """A derivative that is such a number everywhere is neither steep nor aside."""

    def constant(v, s, escape):
        return jnp.full_like(v, odd)

    own = shape_of(constant, snn.escape.Sigmoid(2.0))
    findings = rules.of_shapes(["0"], [(own, shape())], NOISY)
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
    comparison = compared(groups_of({"w": np.zeros(4)}), {YOURS: yours}, true, ("", ""))
    assert rules.of_direction(comparison, NOISY, False) == []
    row = comparison.row(YOURS, "w")
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
    check = Check("w", VALUES, odd, "undecided")
    assert rules.of_code((check,), NOISY) == []


def test_counts_are_faults():
    assert rules.of_drawn(100, 0) == []
    (direction,) = rules.of_drawn(100, 2)
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
    assert "nan" not in text.lower()
    assert "gradient of no loss" not in text and "lost in" not in text
