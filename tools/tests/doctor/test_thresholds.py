"""The doctor's rules on both sides of the numbers that decide them."""

import dataclasses

import numpy as np
import pytest

import snn
from snn_tools.comparison.problem import Batches, groups_of
from snn_tools.comparison.rows import compared
from snn_tools.conformance.measured import Measured
from snn_tools.doctor.advice.code import of_code
from snn_tools.doctor.advice.direction import of_direction
from snn_tools.doctor.advice.shape import of_shape
from snn_tools.doctor.advice.table import of_table
from snn_tools.doctor.advice.trials import of_trials
from snn_tools.doctor.direction import Direction
from snn_tools.doctor.gradient_check import OPENED, STEPS, Check, judged
from snn_tools.doctor.grid import YOURS, Candidate
from snn_tools.doctor.observed import Layer, Shape

HEALTHY = Layer(0, 8, 0.2, 0.0, 0.0, 0.5, 0.5, 0, (1.0, 1.0), 1.0)
FAR = {"within": 0.0009, "passes": 0.09, "rate": 0.04}
LAYERS = [
    ("silent", {"silent": 0.51}, {"silent": 0.5}),
    ("saturated", {"saturated": 0.51}, {"saturated": 0.5}),
    ("explodes", {"growth": 1001.0, "excess": 2.0}, {"growth": 999.0, "excess": 2.0}),
    ("explodes", {"growth": 1001.0, "excess": 1.1}, {"growth": 1001.0, "excess": 0.9}),
    ("vanishes", {"growth": 1 / 1001}, {"growth": 1 / 999}),
    ("unreached", FAR, FAR | {"within": 0.0011}),
    ("unreached", FAR, FAR | {"passes": 0.11}),
    ("unreached", FAR, FAR | {"rate": 0.06}),
    ("unreached", FAR | {"rate": 0.96}, FAR | {"rate": 0.94}),
    ("not finite", {"bad": 1}, {"bad": 0}),
]


@pytest.mark.parametrize(("kind", "beyond", "within"), LAYERS)
def test_a_layer(kind, beyond, within):
    assert not kinds_of(HEALTHY)
    assert kind in kinds_of(dataclasses.replace(HEALTHY, **beyond))
    assert kind not in kinds_of(dataclasses.replace(HEALTHY, **within))


def kinds_of(layer):
    return {finding.kind for finding in of_trials((layer,), (), 64, 0)}


def shape(half=1.0, integral=1.0, centre=0.0, peak=1.0, lowest=0.0):
    """A bump of this size and place, beside that of the noise, of 1."""
    measured = Measured(peak, 0.0, peak, half, integral, lowest, 0.0, float("inf"))
    return Shape(measured, (centre - half / 2, centre + half / 2), float("nan"))


def found_in(*shapes):
    """Findings in derivatives, beside that of the noise."""
    noise = shape()
    return of_shape(tuple((own, noise) for own in shapes), snn.Surrogate(), None)


def kinds_of_shapes(*shapes):
    return {finding.kind for finding in found_in(*shapes)}


SHAPES = [
    ("steep", shape(half=1 / 3.01), shape(half=1 / 2.99)),
    ("height", shape(integral=8.01), shape(integral=7.99)),
    ("height", shape(integral=1 / 8.01), shape(integral=1 / 7.99)),
    ("aside", shape(centre=0.51), shape(centre=0.49)),
    ("shape", shape(lowest=-0.1), shape(lowest=0.0)),
    ("shape", shape(peak=-1.0, lowest=-1.0), shape()),
]


@pytest.mark.parametrize(("kind", "beyond", "within"), SHAPES)
def test_a_derivative(kind, beyond, within):
    assert kind in kinds_of_shapes(beyond)
    assert kinds_of_shapes(within) == set()


def bump(at, sign=1):
    """A derivative of heavy tails, as it is measured."""
    return Shape.of_function(lambda v: sign * (1 + 4 * np.abs(v - at)) ** -2.0)


def test_a_measured_derivative_is_aside_or_of_the_wrong_sign():
    """Each is said once."""
    assert kinds_of_shapes(bump(0.0)) == set()
    assert [f.kind for f in found_in(bump(-1.0))] == ["aside"]
    (fault,) = found_in(bump(0.0, sign=-1))
    assert fault.fault and "wrong sign: -1 at" in fault.evidence


def test_layers_of_unequal_size():
    assert kinds_of_shapes(shape(), shape(integral=3.01)) == {"unequal"}
    assert kinds_of_shapes(shape(), shape(integral=2.99)) == set()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_derivative_of_the_code_may_be_off_by_5_percent(sign):
    quotients = np.full(len(STEPS), sign * 2.0)
    eps = float(np.finfo(np.float32).eps)
    for factor, verdict in (
        (1.04, "agrees"),
        (0.96, "agrees"),
        (1.06, "differs"),
        (0.94, "differs"),
    ):
        assert judged(factor * quotients[0], quotients, 1.0, eps)[1] == verdict


def direction(yours, other, reset="detached", factor=4.0):
    """A surrogate gradient and another one, by cosine, norm and noise, against the true one."""
    rng = np.random.default_rng(0)

    def batches(cosine, norm=1.0, noise=1e-3):
        along = norm * np.array([cosine, (1 - cosine**2) ** 0.5, 0.0, 0.0])
        return Batches(along + rng.normal(size=(16, 4)) * noise, 64, 1.0)

    return direction_of(batches(*yours), batches(*other), batches(1.0), reset, factor)


def direction_of(yours, other, true, reset="detached", factor=4.0):
    """What is found in batches of three gradients of four weights."""
    groups = groups_of({"w": np.zeros(4)})
    table = compared(groups, {YOURS: yours, "other": other}, true, ("", ""))
    own = snn.Surrogate()
    grid = {YOURS: Candidate(1.0, "detached", own), "other": Candidate(factor, reset, own)}
    return Direction(table, (), None, grid, 16, 0)


def against(share, cosine, noise=0.0):
    """Groups and faults of `against`; the first of two arrays has this share and cosine."""
    rest = (1 - share**2) ** 0.5
    true = np.array([share, 0.0, rest, 0.0])
    yours = np.array([share * cosine, share * (1 - cosine**2) ** 0.5, rest, 0.0])
    moved = yours + np.random.default_rng(0).normal(size=(16, 4)) * noise if noise else yours[None]
    batches = {YOURS: Batches(moved, 64 if noise else 1, 1.0)}
    groups = groups_of({"a": np.zeros(2), "b": np.zeros(2)})
    table = compared(groups, batches, Batches(true[None], 1, 1.0), ("", ""))
    return {(f.where, f.fault) for f in of_table(table, YOURS) if f.kind == "against"}


@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_a_single_array_against_the_truth_is_a_fault_where_it_carries_the_gradient(noise):
    """A wrong sign of everything is one, too; an array with a small share is a note."""
    assert against(0.45, -0.5, noise) == {("a", False)}
    assert against(0.55, -0.5, noise) == {("a", True)}
    assert against(0.9, -0.9, noise) == {("a", True), ("all", True)}
    assert against(0.55, 0.5, noise) == set()


DIRECTIONS = [
    ("against", ((-0.1, 1.0, 0.05), (0.0,)), ((-0.1, 1.0, 0.4), (0.0,))),
    ("slope", ((0.8,), (0.92,)), ((0.8,), (0.88,))),
    ("slope", ((0.5, 1.0, 0.05), (0.7, 1.0, 0.05)), ((0.5, 1.0, 0.4), (0.7, 1.0, 0.4))),
]


@pytest.mark.parametrize(("kind", "beyond", "within"), DIRECTIONS)
def test_directions(kind, beyond, within):
    kinds = [
        {f.kind for f in of_direction(direction(*pair), snn.Surrogate(), "")}
        for pair in (beyond, within)
    ]
    assert kind in kinds[0] and kind not in kinds[1]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (direction((0.9,), (0.9,)), "; with it, the surrogate gradient has the cosine"),
        (
            direction((0.9, 1.0, 9.0), (0.9,)),
            "; the cost is unknown, because noise",
        ),
        (None, ""),
    ],
)
def test_what_a_reset_detached_by_hand_costs(seen, words):
    checks = Check("smoothed", "w", 0.5, "differs"), Check(OPENED, "w", 1.0, "agrees")
    (finding,) = of_code(checks, seen)
    cost = finding.evidence.partition("the derivative by JAX is right")[2]
    assert finding.kind == "detached" and cost.startswith(words) and bool(cost) == bool(words)


@pytest.mark.parametrize(("norm", "other", "is_told"), [(3.1, 1, 1), (2.9, 1, 0), (3.1, 2.1, 0)])
def test_another_reset_is_told_for_the_length(norm, other, is_told):
    seen = direction((0.9, norm), (0.9, other), "ignored", 1.0)
    assert ["reset"] * is_told == [f.kind for f in of_direction(seen, snn.Surrogate(), "")]
