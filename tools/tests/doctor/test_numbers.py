"""Numbers of a report against closed forms: loops, batches, layers, arrays and how they print."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.types import LayerTrace, Run
from snn_tools.comparison.problem import Batches, Problem, groups_of
from snn_tools.comparison.rows import N_BATCHES, Sums, compared
from snn_tools.doctor.advice.table import without_alarm
from snn_tools.doctor.examined import SPIKES, Finding
from snn_tools.doctor.grid import YOURS, Steeper, mean_of
from snn_tools.doctor.loop import N_POINTS, RADIUS, integrated, plane_of
from snn_tools.doctor.observed import Layer
from snn_tools.doctor.probe import Trials
from snn_tools.doctor.report import DIRECTION, SWEEP
from snn_tools.doctor.single_trials import arrays_of, layers_of, shape_of
from snn_tools.printing import between, columns, cosine

SIGMOID = snn.surrogate.Sigmoid(1.0)


def test_the_integral_of_a_rotation_is_twice_the_area_and_all_that_is_possible():
    """Around a circle of radius 2, with a factor that differs between loops as noise does."""
    angles = 2 * np.pi * np.arange(N_POINTS) / N_POINTS
    tangent = 2 * np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    factors = np.array([0.7, 1.1, 0.9, 1.3])
    fields = factors[:, None, None] * tangent
    value, se, relative = integrated(fields, tangent, [fields[..., :1], fields[..., 1:]], False)
    assert value == pytest.approx(2 * np.pi * 2**2)
    assert se == pytest.approx(2 * np.pi * 2**2 * factors.std(ddof=1) / 4**0.5)
    assert relative == pytest.approx(1.0)


def test_the_plane_of_a_single_array_is_a_circle():
    """Its directions are the gradient and the part of the weights across it, of equal length."""
    gradient, theta = np.array([3.0, 0.0, 0.0, 9.0]), np.array([1.0, 2.0, -2.0, 9.0])
    index = np.arange(3)
    a, b = plane_of(gradient, theta, [index, index])
    np.testing.assert_allclose(a, RADIUS * 3 * np.array([1.0, 0, 0, 0]))
    np.testing.assert_allclose(b, RADIUS * 3 * np.array([0, 2.0, -2.0, 0]) / 8**0.5, atol=1e-12)


def test_batches_that_are_added_up_are_so_many_trials():
    sums = Sums()
    for i in range(2 * N_BATCHES):
        sums.add(Batches(np.full((1, 2), float(i)), 8, 1.0, np.zeros((8, 1))))
    merged = sums.batches()
    assert merged.size == 16 and len(merged.spreads) == 8 * 2 * N_BATCHES
    np.testing.assert_array_equal(merged.means[:, 0], np.arange(N_BATCHES) + N_BATCHES / 2)


@pytest.mark.parametrize(
    ("sites", "forward", "exact"),
    [(12, snn.sample, True), (13, snn.sample, False), (13, snn.threshold, True)],
)
def test_a_mean_is_exact_without_noise_or_where_the_patterns_are_few(sites, forward, exact):
    """Whatever the true gradient is: enumerated by hand, it was enumerated beyond its limit."""
    network = snn.MLP((1, sites), snn.escape.Sigmoid(1.0))
    params = network.init(jax.random.key(0))
    case = Problem(snn.Program(network, jnp.ones(1), snn.losses.Linear()), params)
    surrogate = snn.Surrogate(forward=forward)
    estimator, is_exact = mean_of(case, surrogate)
    assert is_exact == exact
    assert isinstance(estimator, snn.Expected) == (exact and forward is snn.sample)


def test_a_steeper_derivative_is_narrower_and_has_the_same_integral():
    v = jnp.linspace(-20, 20, 4001)
    s = jnp.where(v > 0, 1.0, 0.0)
    original, steeper = (d(v, s, None) for d in (SIGMOID, Steeper(SIGMOID, 4.0)))
    np.testing.assert_allclose(steeper[1500:2501], 4 * original[::4], rtol=1e-6)
    assert float(jnp.trapezoid(steeper, v)) == pytest.approx(
        float(jnp.trapezoid(original, v)), 1e-4
    )


def trials(grad=()):
    """Two trials of two steps: a silent neuron, one that always fires, one that fires once."""
    s = jnp.array([[[0, 1, 1], [0, 1, 0]], [[0, 1, 0], [0, 1, 0]]], float)
    v = jnp.array([[[-3, 3, 0.2], [-3, 3, -3]], [[-3, 3, -3], [-3, 3, -3]]])
    trace = (LayerTrace(v, s, snn.escape.Sigmoid(jnp.ones(2))),)
    # At the first step 6 for one of six, at the second 2 for all.
    error = jnp.full((2, 2, 3), 2.0).at[:, 0].set(0.0).at[0, 0, 0].set(6.0)
    return Trials(Run(jnp.array([0.0, 4.0]), s, trace), grad, (error,))


def test_a_layer_is_measured():
    shape = dataclasses.replace(shape_of(SIGMOID, snn.escape.Sigmoid(1.0)), middle=(-1.0, 1.0))
    (layer,) = layers_of(trials(), [(shape, shape)], [SIGMOID], 0)
    assert layer.rate == pytest.approx(5 / 12)
    assert (layer.silent, layer.saturated) == pytest.approx((1 / 3, 1 / 3))
    assert layer.within == pytest.approx(1 / 12)
    assert layer.error == pytest.approx((6**0.5, 2.0))
    assert layer.growth == pytest.approx(6**0.5 / 2)
    # Losses of 0 and 4, and a slope whose peak is 1/4.
    assert layer.excess == pytest.approx(6**0.5)


def test_an_array_is_measured():
    """Four trials of two parameters, with an unbiased squared norm of the mean."""
    grad = {"w": jnp.array([[3.0, 1.0], [5.0, -1.0], [3.0, 1.0], [5.0, -1.0]])}
    (array,) = arrays_of(Problem(None, {"w": jnp.zeros(2)}), trials(grad))
    spread = 4 / 3 + 4 / 3
    assert array.norm == pytest.approx(((10 + 26) / 2) ** 0.5)
    assert array.variance == pytest.approx(spread / (4**2 - spread / 4))
    assert array.bad == 0


@pytest.mark.parametrize("yours", [0.0, 1.0])
def test_a_true_gradient_of_0_is_told_in_every_table(yours):
    """Its cosine is not unknown: there is none."""
    exact = [Batches(np.full((1, 4), value), 1, 1.0) for value in (0.0, yours)]
    comparison = compared(groups_of({"w": np.zeros(4)}), {YOURS: exact[1]}, exact[0], ("", ""))
    pair = comparison.truth[0], comparison.rows[0]
    for table in (DIRECTION, SWEEP):
        shown = {head: cell(pair) for head, cell in table.items()}
        assert (shown["cosine"], shown["norm ratio"]) == ("true one is 0", "-")
    assert str(comparison).count("true one is 0") == len(comparison.rows)
    assert "unknown" not in str(comparison)


def test_every_column_of_spikes_shows_its_own_number():
    layer = Layer(3, 7, 0.125, 0.25, 0.5, 0.75, 0.9, 0, (1.0, 2.0), 11.0)
    assert columns([layer], SPIKES)[2].split() == (
        ["3", "7", "0.125", *"25 % 50 % 75 %".split(), "11"]
    )
    assert list(SPIKES)[3:] == ["silent", "saturated", "within", "early/late"]


def test_a_cosine_above_1_is_printed_as_1():
    """Unbiased estimates exceed it; what is printed beside them does not."""
    assert between(1.004, (0.98, 1.0)) == "1.000 (0.980 to 1.000)"
    assert (cosine(1.2), cosine(-1.2), cosine(0.5)) == ("1.00", "-1.00", "0.50")


@pytest.mark.parametrize(("yours", "fault"), [((1.0, 2.0), False), ((1.0, -2.0), True)])
def test_potentials_that_miss_the_derivative_are_a_note_where_the_direction_is_right(yours, fault):
    exact = [Batches(np.array([values]), 1, 1.0) for values in ((1.0, 2.0), yours)]
    table = compared(groups_of({"w": np.zeros(2)}), {YOURS: exact[1]}, exact[0], ("", ""))
    findings = [
        Finding(kind, True, "layer 0", "0.00% of potentials") for kind in ("unreached", "cut")
    ]
    after = without_alarm(findings, table, YOURS)
    assert [f.fault for f in after] == [fault, True]
    assert ("cosine 1.000" in after[0].evidence) != fault
