"""The rules on both sides of the numbers that decide them, without any network."""

import dataclasses
import json

import numpy as np
import pytest

from snn_tools.shared.batches import Group, grouped
from snn_tools.shared.cases import Words, cases_of
from snn_tools.shared.cases import judged as judged_report
from snn_tools.shared.comparison import YOURS, Clock, Comparison, compared
from snn_tools.shared.gradient_check import STEPS, VALUES, Check, judged
from snn_tools.shared.observed import (
    Layer,
    Leaf,
    Still,
    is_proportional,
    share_at_bound,
)
from snn_tools.shared.report import SOUND, UNDECIDED, Report
from snn_tools.shared.rules import Case, statements
from snn_tools.shared.shape import Shape

NOISY = Words("a stop", "JAX", "snn", noisy=True)
QUIET = Words("a stop", "autograd", "snntorch", noisy=False)
STILL = Still(0.2, 0.0, 0.0, 0.0, 2.0, 80)


def still(**changes):
    return {"still": dataclasses.replace(STILL, **changes)}


def shape(half=1.0, integral=1.0, centre=0.0, peak=1.0, lowest=0.0):
    """A bump of this size and place."""
    middle = centre - half / 2, centre + half / 2
    return Shape(peak, centre, half, integral, lowest, middle, float("nan"))


HEALTHY = Layer(
    name="0",
    neurons=8,
    own=shape(),
    noise=shape(),
    still=STILL,
    rate=0.2,
    silent=0.0,
    saturated=0.0,
    within=0.5,
    passes=0.5,
    spread=2.0,
    bad=0,
    size=1.0,
    growth=1.0,
    excess=0.5,
)


def found(report, words=NOISY):
    return statements(cases_of(report, words))


LAYERS = [
    ("silent", {"silent": 0.51}, {"silent": 0.5}, NOISY),
    ("silent", still(silent=0.81) | {"rate": 0.019}, still(silent=0.81) | {"rate": 0.021}, NOISY),
    ("silent", still(silent=0.81) | {"rate": 0.019}, still(silent=0.79) | {"rate": 0.019}, QUIET),
    ("silent", still(silent=1.0), still(silent=0.99), QUIET),
    ("saturated", {"saturated": 0.51}, {"saturated": 0.5}, NOISY),
    ("clipped", still(bound=0.06, top=0.0), still(bound=0.04, top=0.0), QUIET),
    ("clipped", still(bound=0.5, top=0.9), still(bound=0.5, top=1.1), QUIET),
    ("explodes", {"growth": 1001.0, "excess": 2.0}, {"growth": 999.0, "excess": 2.0}, NOISY),
    ("explodes", {"growth": 1001.0, "excess": 1.1}, {"growth": 1001.0, "excess": 0.9}, NOISY),
    ("flat", {"spread": 0.73}, {"spread": 0.75}, QUIET),
    ("not finite", {"bad": 1}, {"bad": 0}, NOISY),
]


def stated(*layers, words=NOISY, half=1.0):
    layers = tuple(dataclasses.replace(layer, own=shape(half)) for layer in layers)
    return {(f.kind, f.fault) for f in found(Report(layers=layers, trials=64), words)}


def kinds(*layers, **how):
    return {kind for kind, fault in stated(*layers, **how) if fault}


@pytest.mark.parametrize(("kind", "beyond", "within", "words"), LAYERS)
def test_a_layer(kind, beyond, within, words):
    assert not kinds(HEALTHY, words=words)
    assert kind in kinds(dataclasses.replace(HEALTHY, **beyond), words=words)
    assert kind not in kinds(dataclasses.replace(HEALTHY, **within), words=words)


def test_a_layer_that_fires_with_the_noise_and_is_silent_without_is_a_finding():
    quiet = dataclasses.replace(HEALTHY, still=dataclasses.replace(STILL, silent=0.81))
    assert stated(quiet, words=QUIET) == {("silent", False)}
    assert stated(quiet, words=NOISY) == set()
    few = dataclasses.replace(quiet, still=dataclasses.replace(quiet.still, chances=31))
    assert stated(few, words=QUIET) == set()
    (finding,) = found(Report(layers=(quiet,), trials=64), QUIET)
    assert finding.evidence.startswith("with noise 0% of the neurons never fire in 64 trials")
    assert "without noise 81% never fire" in finding.evidence


def test_a_flat_derivative_is_judged_by_the_noise_that_belongs_to_the_network():
    """Six times as wide as the noise; one as wide is right, however small the potentials."""
    small = dataclasses.replace(HEALTHY, spread=3.0)
    assert kinds(small, half=6.0) == {"flat"}
    assert kinds(small, half=4.9) == kinds(dataclasses.replace(small, spread=0.01)) == set()


@pytest.mark.parametrize(
    ("sizes", "excess", "kind"),
    [
        ((1001.0, 1.0), 2.0, "explodes"),
        ((999.0, 1.0), 2.0, None),
        ((1001.0, 1.0), 0.9, None),
        ((1.0, 10001.0), 0.5, "vanishes"),
        ((1.0, 9999.0), 0.5, None),
    ],
)
def test_errors_through_depth(sizes, excess, kind):
    layers = [dataclasses.replace(HEALTHY, size=size, excess=excess) for size in sizes]
    assert kinds(*layers) == ({kind} if kind else set())


def test_a_readout_by_its_potentials_is_not_judged_by_its_spikes():
    """No error reaches the spikes of a layer whose potentials alone are the output."""
    silent = dataclasses.replace(HEALTHY, silent=1.0, size=0.0)
    assert kinds(HEALTHY, silent) == set()
    assert kinds(HEALTHY, dataclasses.replace(silent, size=1.0)) == {"silent"}


def test_a_clip_leaves_a_mass_at_its_bound():
    rng = np.random.default_rng(0)
    v = rng.normal(size=(40, 4))
    assert share_at_bound(np.minimum(v, 0.0)) == pytest.approx((v > 0).mean())
    assert share_at_bound(v) == 0.0  # a single largest potential
    assert share_at_bound(rng.integers(0, 3, (40, 4)) * 1.0) == 0.0  # few input patterns


def kinds_of_shapes(*own, words=NOISY):
    layers = tuple(dataclasses.replace(HEALTHY, own=x, spread=100.0) for x in own)
    return [(f.kind, f.fault) for f in found(Report(layers=layers), words)]


SHAPES = [
    ("steep", True, shape(half=1 / 3.01), shape(half=1 / 2.99)),
    ("height", False, shape(integral=8.01), shape(integral=7.99)),
    ("height", False, shape(integral=1 / 8.01), shape(integral=1 / 7.99)),
    ("height", False, shape(peak=8.01), shape(peak=7.99)),
    ("aside", True, shape(centre=0.26), shape(centre=0.24)),
    ("shape", True, shape(lowest=-0.1), shape(lowest=0.0)),
    ("shape", True, shape(peak=-1.0, lowest=-1.0), shape()),
]


@pytest.mark.parametrize(("kind", "fault", "beyond", "within"), SHAPES)
def test_a_derivative(kind, fault, beyond, within):
    assert (kind, fault) in kinds_of_shapes(beyond)
    assert kinds_of_shapes(within) == []


def test_a_narrow_derivative_is_a_finding_where_the_noise_is_only_the_tools():
    assert kinds_of_shapes(shape(half=0.1), words=QUIET) == [("steep", False)]


def test_layers_of_unequal_size():
    assert kinds_of_shapes(shape(), shape(integral=3.01)) == [("unequal", True)]
    assert kinds_of_shapes(shape(), shape(integral=2.99)) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_a_derivative_of_the_code_may_be_off_by_5_percent(sign):
    quotients = np.full(len(STEPS), sign * 2.0)
    eps = float(np.finfo(np.float32).eps)
    cases = (1.04, "agrees"), (0.96, "agrees"), (1.06, "differs"), (0.94, "differs"), (0.0, "cut")
    for factor, verdict in cases:
        assert judged(factor * quotients[0], quotients, 1.0, eps)[1] == verdict
    # Numbers that are not finite decide nothing, nor does a function that is saturated.
    for odd in (np.nan, np.inf):
        assert judged(1.0, np.full(len(STEPS), odd), 1.0, eps)[1] == "undecided"
        assert judged(odd, quotients, 1.0, eps)[1] == "undecided"
    assert judged(1e-9, 0 * quotients, 0.0, eps)[1] == "undecided"


def faulty():
    return Check("w", VALUES, 0.5, "differs"), Check("layer 0", "layer 1", 0.0, "cut")


def test_faults_of_the_code_name_arrays_and_layers():
    cut, scaled = found(Report(checks=faulty()))
    assert (cut.kind, cut.where, cut.fault) == ("cut", "layer 0", True)
    assert (scaled.kind, scaled.where) == ("scaled", "w") and "0.50 times" in scaled.evidence
    unused = Check("w", VALUES, 1.0, "agrees", zero=True)
    assert [f.kind for f in found(Report(checks=(unused,)))] == ["unused"]
    silent = dataclasses.replace(HEALTHY, silent=1.0)
    behind = Report(layers=(silent,), checks=(unused,))
    assert [f.kind for f in found(behind)] == ["silent"]


def test_gradients_of_0_are_saturation_unless_a_cut_explains_them():
    """In float64 the readout has a derivative, in the network's own precision none."""
    arrays = tuple(Leaf(name, 4, 0.0, 0) for name in ("w", "out"))
    checks = tuple(Check(name, VALUES, 1.0, "agrees") for name in ("w", "out"))
    flat = Report(layers=(HEALTHY,), arrays=arrays, checks=checks)
    assert [(f.kind, f.where) for f in found(flat)] == [("saturated", "loss")]
    cut = dataclasses.replace(flat, checks=(checks[0], Check("out", VALUES, 0.0, "cut")))
    assert {f.kind for f in found(cut)} == {"cut"}
    some = dataclasses.replace(flat, arrays=(arrays[0], Leaf("out", 4, 1.0, 0)))
    assert [(f.kind, f.where) for f in found(some)] == [("cut", "w")]


def test_a_backward_pass_is_proportional_to_what_arrives():
    one = np.array([0.0, 1.0, np.inf])
    assert is_proportional(one, 2 * one) and not is_proportional(one, one)
    assert [f.kind for f in found(Report(cases={"backward pass": [Case(where="layer 0")]}))] == [
        "chain"
    ]


# The readout comes first: the worst layer is not the first one.
GROUPS = grouped(
    [
        Group("c", np.arange(4)),
        Group("a.w", np.arange(4, 7)),
        Group("a.b", np.arange(7, 8)),
    ],
    ["", "a", "a"],
)


def table(cosine, norm=1.0, share=0.5, noise=0.0):
    """Layer a, with this cosine and norm ratio, and a readout c that is exact."""
    true = np.array([(1 - share**2) ** 0.5, 0, 0, 0, share, 0, 0, 1e-6])
    yours = true.copy()
    yours[4:6] = norm * share * cosine, norm * share * (1 - cosine**2) ** 0.5
    means = yours + noise * np.random.default_rng(0).normal(size=(16, 8))
    return Comparison("", compared(GROUPS, means, np.tile(true, (16, 1))), 32, 0)


def compared_report(comparison):
    return Report(layers=(HEALTHY,), comparison=comparison)


def judged_table(*args, **kwargs):
    stated = found(compared_report(table(*args, **kwargs)), QUIET)
    return [(f.kind, f.where, f.fault) for f in stated]


@pytest.mark.parametrize(
    ("case", "right"),
    [
        ({"cosine": 0.5}, []),
        ({"cosine": 0.11}, []),
        ({"cosine": 0.09}, [("against", "a", False)]),
        ({"cosine": -0.01}, [("against", "a", False)]),
        ({"cosine": 0.01, "noise": 0.1}, [("against", "a", False)]),
        ({"cosine": -0.5, "share": 0.05}, [("against", "a", False)]),
        ({"cosine": 1.0, "norm": 99.0}, []),
        ({"cosine": 1.0, "norm": 101.0}, [("scaled", "a", False)]),
        ({"cosine": 1.0, "norm": 1 / 101}, [("scaled", "a", False)]),
        ({"cosine": 1.0, "norm": 9.0}, []),
    ],
)
def test_the_direction_and_length_of_a_layer(case, right):
    """The readout carries most of the gradient, and hides the layer in `all`."""
    assert judged_table(**case) == right


def report(comparison, **more):
    return judged_report(dataclasses.replace(compared_report(comparison), **more), QUIET, Clock(60))


def test_the_headline_is_the_worst_layer_and_not_all():
    shown = report(table(0.15))
    assert shown.direction.group == "a" and shown.comparison.rows[0].cosine > 0.7
    assert "worst layer a, cosine to the exact gradient 0.150" in shown.headline()
    assert shown.verdict == SOUND


def test_a_biased_surrogate_is_a_finding_and_no_fault():
    shown = report(table(0.05))
    assert (shown.verdict, shown.faults) == (SOUND, ())
    assert [f.kind for f in shown.findings] == ["against"]
    assert shown.headline().startswith("Verdict: no fault found; 1 finding (against); worst layer")


@pytest.mark.parametrize(
    ("cosine", "noise", "decided"),
    [(0.9, 0.02, True), (0.4, 0.5, False), (0.2, 0.4, False), (0.9, 3.0, False)],
)
def test_a_layer_of_unknown_direction_is_not_decided_and_the_budget_is_named(
    cosine, noise, decided
):
    shown = dataclasses.replace(report(table(cosine, noise=noise)), seconds=10.0)
    assert (shown.verdict == SOUND) == decided
    if not decided:
        assert shown.verdict == UNDECIDED and "a" in {row.group for row in shown.undecided}
        assert f"a; --budget {shown.needed:.0f} would decide" in shown.headline()
        assert json.loads(shown.to_json())["needed_budget"] == shown.needed > 10.0


def test_the_budget_that_would_decide_is_that_of_smaller_errors():
    """Where the cosine is as estimated, four times the trials halve its standard error."""
    row = report(table(0.9)).direction
    open_ = dataclasses.replace(row, cosine=0.4, cosine_se=0.4 / 1.5, noise=0.3, known=False)
    assert open_.missing == pytest.approx(2.0)
    closer = dataclasses.replace(open_, cosine_se=open_.cosine_se / 2.01, known=True)
    assert closer.decided and not open_.decided


def test_a_direction_that_was_not_compared_is_not_decided():
    shown = judged_report(Report(layers=(HEALTHY,), unmeasured="no time"), QUIET, Clock(1))
    assert (shown.verdict, shown.needed) == (UNDECIDED, 60.0)
    assert "direction not measured: no time; --budget 60 may decide" in shown.headline()


@pytest.mark.parametrize(
    ("yours", "other", "name", "kind"),
    [
        (0.8, 0.92, "slope x 0.25", "slope"),
        (0.8, 0.88, "slope x 0.25", None),
        (0.5, 0.7, "reset detached", "reset"),
        (0.65, 0.7, "reset detached", None),
    ],
)
def test_another_slope_or_reset_that_is_closer(yours, other, name, kind):
    true, groups = np.tile([1.0, 0.0], (16, 1)), [Group("w", np.arange(2))]

    def row(cosine, gradient):
        means = np.tile([cosine, (1 - cosine**2) ** 0.5], (16, 1))
        return compared(groups, means, true, gradient)

    rows = row(yours, YOURS) + row(other, name)
    shown = compared_report(Comparison("", rows, 32, 0))
    assert [f.kind for f in found(shown)] == ([kind] if kind else [])
    assert [r.gradient for r in shown.directions] == [YOURS]
