"""Direction and length of a network's gradient against enumeration, and what is not measured."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import snn
from snn_tools import doctor
from snn_tools.jax import direction, truth
from snn_tools.jax.direction import Steeper, candidates_of, mean_of
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.shared.budget import Clock
from snn_tools.shared.report import YOURS
from tests.snn.problems import recurrent_lif

KEY = jax.random.key(0)
STEEP = snn.Surrogate(snn.surrogate.Sigmoid(12.0))


def small(escape=None):
    """Two hidden neurons and an output: 3 spike sites."""
    params = [
        {"w": jnp.array([[0.9, -0.6], [0.4, 0.7]]), "b": jnp.array([0.1, 0.2])},
        {"w": jnp.array([[0.9], [0.8]]), "b": jnp.array([-0.7])},
    ]
    loss = snn.losses.Squared(jnp.array([0.3]))
    program = snn.Program(
        snn.MLP((2, 2, 1), escape or snn.escape.Sigmoid(3.0)), jnp.array([0.6, -0.4]), loss
    )
    return Problem(program, params)


def enumerated(problem):
    """Cosine and norm ratio by group, from two enumerations."""
    exact = np.asarray(ravel_pytree(snn.ExactEnumeration()(*problem).grad)[0])
    mean = np.asarray(ravel_pytree(snn.Expected(STEEP)(*problem).grad)[0])
    pairs = {g.name: (mean[g.index], exact[g.index]) for g in groups_of(problem.params)}
    length = np.linalg.norm
    return {
        k: (a @ b / length(a) / length(b), length(a) / length(b)) for k, (a, b) in pairs.items()
    }


def test_a_small_network_has_the_exact_cosine_and_ratio():
    problem = small()
    report = doctor.examine(*problem, KEY, budget=300, surrogate=STEEP, time_axis=None)
    assert "ExactEnumeration, without noise, 8 forward passes" in str(report)
    for group, (cosine, ratio) in enumerated(problem).items():
        row = report.comparison.row(YOURS, group)
        assert (row.cosine, row.ratio) == pytest.approx((cosine, ratio), rel=1e-5)
    assert {"all", "0", "0/w", "1"} <= {r.group for r in report.comparison.rows}


def test_a_sampled_gradient_agrees_within_its_errors(monkeypatch):
    monkeypatch.setattr(truth, "ENUMERABLE", 0)
    monkeypatch.setattr(direction, "ENUMERABLE", 0)
    found = direction.measure(small(), STEEP, None, KEY, Clock(40), 0.0)
    assert "StochasticAD" in found.comparison.estimator and found.bad == 0
    for group, (cosine, ratio) in enumerated(small()).items():
        row = found.comparison.row(YOURS, group)
        assert row.interval[0] - 0.02 < cosine < row.interval[1] + 0.02
        assert abs(row.ratio - ratio) < 5 * row.ratio_se
        # Twice the gradient is another one.
        assert abs(row.ratio - 2 * ratio) > 5 * row.ratio_se


@pytest.mark.parametrize(
    ("sites", "forward", "exact"),
    [(12, snn.sample, True), (13, snn.sample, False), (13, snn.threshold, True)],
)
def test_a_mean_is_exact_without_noise_or_where_the_patterns_are_few(sites, forward, exact):
    network = snn.MLP((1, sites), snn.escape.Sigmoid(1.0))
    program = snn.Program(network, jnp.ones(1), snn.losses.Linear())
    case = Problem(program, network.init(KEY))
    estimator, is_exact = mean_of(case, snn.Surrogate(forward=forward))
    assert is_exact == exact
    assert isinstance(estimator, snn.Expected) == (exact and forward is snn.sample)


def test_a_steeper_derivative_is_narrower_and_has_the_same_integral():
    v, sigmoid = jnp.linspace(-20, 20, 4001), snn.surrogate.Sigmoid(1.0)
    original, steeper = (
        d(v, jnp.where(v > 0, 1.0, 0.0), None) for d in (sigmoid, Steeper(sigmoid, 4.0))
    )
    np.testing.assert_allclose(steeper[1500:2501], 4 * original[::4], rtol=1e-6)
    integrals = [float(jnp.trapezoid(x, v)) for x in (original, steeper)]
    assert integrals[0] == pytest.approx(integrals[1], 1e-4)


def test_candidates_are_yours_a_quarter_of_the_slope_and_the_other_reset():
    assert list(candidates_of(small(), STEEP)) == [YOURS, "slope x 0.25"]
    case = recurrent_lif()
    *_, other = candidates_of(Problem(case.program, case.params), STEEP)
    assert other == "reset through"


def test_a_network_without_noise_needs_a_choice():
    how = {"budget": 0.01, "time_axis": None}
    quiet = snn.Surrogate(forward=snn.threshold)
    with pytest.raises(ValueError, match=r'forward=snn.threshold.+truth="sampled"'):
        doctor.examine(*small(), KEY, surrogate=quiet, **how)
    with pytest.raises(ValueError, match="every layer is Step"):
        doctor.examine(*small(snn.escape.Step()), KEY, truth="sampled", **how)


def minus_log_rate(output):
    return -jnp.log(output.mean())


def test_a_rare_infinity_is_a_fault_and_nothing_is_concluded():
    """All 16 neurons are silent in 0.07 % of trials: 64 do not show it, thousands do."""
    network = snn.MLP((1, 16), snn.escape.Sigmoid(1.0))
    params = [{"b": jnp.full(16, -0.55), "w": jnp.full((1, 16), 0.0)}]
    program = snn.Program(network, jnp.ones(1), minus_log_rate)
    report = doctor.examine(program, params, KEY, budget=300, time_axis=None)
    assert {f.kind for f in report.faults} == {"not finite"}
    assert "nan" not in str(report).lower() and "lost in" not in str(report)
