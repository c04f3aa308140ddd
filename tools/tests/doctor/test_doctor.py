"""The doctor names faults that were planted, clears a healthy network, and agrees with enumeration.

Networks are small enough to enumerate, so that nothing here depends on time or trials.
"""

import json
import sys
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace
from snn.value_object import static, value_object
from snn_tools import budget, doctor
from snn_tools.comparison.problem import Problem
from snn_tools.doctor import examination, single_trials
from snn_tools.doctor.__main__ import main
from snn_tools.doctor.loop import N_LOOPS, RADIUS, around

BETA = 2.0
ESCAPE = snn.escape.Sigmoid(BETA)
KEY = jax.random.key(0)


@value_object
class Net:
    """A network of binary layers, as a user may write it; faults are in its first layer."""

    escape: snn.escape.EscapeNoise = snn.escape.Sigmoid(BETA)
    faulty: bool = static(default=False)

    def __call__(self, params, x, noise, spike):
        s, trace = x, []
        for i, layer in enumerate(params):
            cut = self.faulty and i == 0
            v = s @ layer["w"] + (stop_gradient(layer["b"]) if cut else layer["b"])
            s = spike(self.escape, v, noise.draw(i, None, v.shape))
            trace.append(LayerTrace(v, s, self.escape))
            if cut:
                s = 2 * s - stop_gradient(s)  # a factor of 2 in its derivative
        return s, tuple(trace)


def problem(faulty=False):
    """3 hidden neurons and 1 output: 4 sites."""
    params = [
        {"b": jnp.array([0.1, 0.2, -0.1]), "w": jnp.array([[0.9, -0.6, 0.5], [0.4, 0.7, -0.3]])},
        {"b": jnp.array([-0.6]), "w": jnp.array([[1.3], [0.9], [-0.8]])},
    ]
    loss = snn.losses.Squared(jnp.array([-0.2]))
    return Problem(snn.Program(Net(faulty=faulty), jnp.array([1.0, 0.5]), loss), params)


MATCHED = snn.surrogate.Sigmoid(BETA)


def examined(plant, derivative=MATCHED, **more):
    surrogate = snn.Surrogate(derivative)
    return doctor.examine(*plant, KEY, surrogate=surrogate, time_axis=None, **more)


def kinds(report):
    return {(f.kind, f.where) for f in report.faults}


@pytest.fixture(scope="module")
def healthy():
    return examined(problem())


@pytest.fixture(scope="module")
def steep():
    return examined(problem(), snn.surrogate.Sigmoid(4 * BETA))


def test_a_healthy_network_gets_a_clean_bill(healthy):
    assert healthy.healthy and not healthy.missing
    assert "no fault" in str(healthy)
    assert {c.verdict for c in healthy.checks} == {"agrees"}
    assert len(healthy.checks) == 8


def test_direction_signs_and_loop_are_those_of_enumeration(steep):
    surrogate = snn.Surrogate(snn.surrogate.Sigmoid(4 * BETA))
    exact = np.asarray(snn.stats.flatten(snn.ExactEnumeration()(*problem()).grad))
    oracle = snn.Expected(surrogate)
    mean = np.asarray(snn.stats.flatten(oracle(*problem()).grad))
    row = steep.comparison.row("yours")
    np.testing.assert_allclose(row.cosine, snn.stats.cosine(mean, exact), rtol=1e-4)
    ratio = np.linalg.norm(mean) / np.linalg.norm(exact)
    np.testing.assert_allclose(row.ratio, ratio, rtol=1e-4)
    wrong = sum(s.wrong for s in steep.signs)
    assert wrong == (np.sign(mean) != np.sign(exact)).sum()
    quarter = steep.comparison.row("slope x 0.25")
    assert quarter.cosine > row.cosine


def test_the_closed_loop_is_0_for_a_gradient_alone(steep):
    """The integral of a refined quadrature; of the smoothed network's gradient it is 0."""
    from snn.fields import gradient_field, line_integral

    program, params = problem()
    oracle = snn.Expected(snn.Surrogate(snn.surrogate.Sigmoid(4 * BETA)))
    start, field = gradient_field(oracle, program, params)
    g = np.asarray(field(start))
    index = slice(0, 3), slice(10, 13)
    d = np.zeros((2, len(start)))
    for row, part in zip(d, index, strict=True):
        size = np.linalg.norm(start[part]) / np.linalg.norm(g[part])
        row[part] = RADIUS * size * g[part]

    def ellipse(t):
        cos, sin = np.cos(t)[:, None], np.sin(t)[:, None]
        return start + cos * d[0] + sin * d[1], cos * d[1] - sin * d[0]

    exact = line_integral(field, ellipse, 0.0, 2 * np.pi, tol=1e-6)
    np.testing.assert_allclose(steep.loop.integral, exact.value, rtol=1e-2)
    assert steep.loop.se == 0 and abs(steep.loop.relative) > 0.01
    gradient = snn.Surrogate(snn.surrogate.Matched(), forward=snn.mean)
    loop = around(problem(), gradient, KEY, budget.Clock(60.0))
    assert abs(loop.relative) < 1e-5


def test_a_slope_four_times_too_steep_is_named(steep):
    assert kinds(steep) == {("steep", "layer 0, 1")}
    (fault,) = steep.faults
    assert "4.0 times narrower" in fault.evidence and "4" in fault.advice


def test_overflow_is_named():
    """The textbook form of a sigmoid's slope, at 1e4."""

    def naive(v, s, escape):
        e = jnp.exp(-1e4 * v)
        return 1e4 * e / (1 + e) ** 2

    report = examined(problem(), jax.tree_util.Partial(naive))
    assert ("overflow", "layer 0, 1") in kinds(report)
    bad = {f.where for f in report.faults if f.kind == "not finite"}
    assert bad and report.comparison is None
    assert any("not finite" in m for m in report.missing)
    json.loads(report.to_json())


def test_a_detached_reset_under_strong_recurrence_is_named():
    steps = 12
    neuron = snn.LIF(tau_mem=20e-3)
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(10.0), neuron, recurrent=True)
    loss = snn.losses.Linear(jnp.sin(jnp.arange(steps) * 1.0)[:, None])
    params = [{"w": jnp.array([[2.0]]), "rec": jnp.array([[5.0]])}]
    program = snn.Program(network, jnp.ones((steps, 1)), loss)
    report = doctor.examine(program, params, KEY)
    assert {("against", "all"), ("reset", "all layers")} <= kinds(report)
    (fault,) = (f for f in report.faults if f.kind == "reset")
    assert fault.advice == "reset=snn.through" and "cosine 1.00" in fault.evidence
    assert "not learning" in fault.scope
    assert len(report.layers[0].error) == steps
    assert report.comparison.row("reset through, slope x 1").cosine > 0.9


def test_a_report_is_text_json_and_a_picture(steep):
    text = str(steep)
    for heading in ("Findings:", "Spikes", "Surrogate gradient", "Closed loop"):
        assert f"\n{heading}" in text
    assert json.loads(steep.to_json())["findings"][0]["kind"] == "steep"
    shares, cosines, ratios, sweep = steep.plot().axes
    assert len(shares.patches) == 6 and len(sweep.get_yticks()) == 5
    groups = [t.group for t in steep.comparison.truth]
    assert [t.get_text() for t in cosines.get_yticklabels()] == groups
    assert ratios.get_xscale() == "log"


@value_object
class Indexed:
    """Neurons that hand single numbers of what they draw to the spike, one after another."""

    def __call__(self, params, x, noise, spike):
        v = params + x
        xi = noise.draw(0, None, v.shape)
        s = jnp.stack([spike(ESCAPE, v[i], xi[i]) for i in range(len(v))])
        return s, (LayerTrace(v, s, ESCAPE),)


def test_what_is_not_measured_where_a_network_indexes_its_noise():
    """Two neurons: as many as there are parts of what the doctor gives in place of a number."""
    v = jnp.array([0.0, -0.1])
    program = snn.Program(Indexed(), jnp.zeros(2), snn.losses.Squared(jnp.zeros(2)))
    report = examined(Problem(program, v))
    assert any(what.startswith("dL/dv: ") for what in report.missing)
    # 64 trials: a standard error of 0.06 at most.
    assert report.layers[0].rate == pytest.approx(float(ESCAPE.prob(v).mean()), abs=0.1)


def test_an_interrupt_leaves_the_loops_that_are_complete(monkeypatch):
    def show(self, stage):
        if stage == f"closed loop {N_LOOPS} of {N_LOOPS}":
            raise KeyboardInterrupt

    monkeypatch.setattr("snn_tools.doctor.grid.ENUMERABLE", 0)
    monkeypatch.setattr("snn_tools.doctor.direction.SHARE", 0.0)
    monkeypatch.setattr(budget.Clock, "show", show)
    report = examined(problem())
    assert report.facts.interrupted and "was interrupted" in str(report)
    assert [part.partition(",")[0] for part in report.missing] == ["closed loop: interrupted"]
    assert report.loop.se > 0 and "Closed loop" in str(report)


def test_a_closed_loop_of_two_short_types():
    types = {"b": jnp.float16, "w": jnp.bfloat16}
    params = [{k: layer[k].astype(types[k]) for k in types} for layer in problem().params]
    loop = around(Problem(problem().program, params), snn.Surrogate(), KEY, budget.Clock(60.0))
    exact = around(problem(), snn.Surrogate(), KEY, budget.Clock(60.0))
    assert loop.relative == pytest.approx(exact.relative, abs=0.01)


def test_an_interrupt_returns_what_is_known(monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("snn_tools.doctor.examination.measure", interrupted)
    report = examined(problem())
    assert report.facts.interrupted and report.comparison is None
    assert report.checks and not report.healthy and report.verdict == "interrupted"
    assert str(report).startswith("Verdict: none, since the examination was interrupted")
    assert "direction: interrupted" in str(report) and "closed loop: interrupted" in str(report)


def test_a_cut_and_a_factor_are_named_and_what_does_not_fit_into_the_budget_is_not_begun():
    report = examined(problem(faulty=True), budget=0.01)
    assert report.comparison is None and report.loop is None
    assert "direction and closed loop: no time within 0.01 s" in report.missing
    assert {("cut", "0/b"), ("scaled", "0/w")} <= kinds(report)
    (scaled,) = (f for f in report.faults if f.kind == "scaled")
    assert "is 2.00 times finite differences" in scaled.evidence
    assert "1/b, 1/w agree" in scaled.evidence


def test_what_took_too_long_to_compile_is_not_begun_in_a_second_call_either(monkeypatch):
    """Its single trials are compiled by then, and its comparison is not."""
    now, observe = [0.0], single_trials.observe

    def slow(*args):
        now[0] += 0.0 if now[0] else 100.0  # the first call compiles
        return observe(*args)

    clock = SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: now[0])
    monkeypatch.setattr(examination, "time", clock)
    monkeypatch.setattr(budget, "time", clock)
    monkeypatch.setattr(single_trials, "observe", slow)
    monkeypatch.setattr(single_trials, "_COMPILED", {}, raising=False)
    reports = [examined(problem(), budget=140) for _ in range(2)]
    assert [report.comparison for report in reports] == [None, None]
    assert examined(problem(), budget=1000).comparison is not None


def test_budgets_and_an_open_truth_are_refused_first():
    assert [budget.seconds(b) for b in (2, "30s", "1.5 min")] == [2.0, 30.0, 90.0]
    for bad in (0, "soon", "-1s", "1.2.3s"):
        with pytest.raises(ValueError, match="budget: got"):
            budget.seconds(bad)
    silent = snn.Surrogate(forward=snn.threshold)
    with pytest.raises(ValueError, match='got None, and yours without noise.*"sampled"'):
        doctor.examine(*problem(), KEY, surrogate=silent)


def test_the_command_examines_a_module(monkeypatch, tmp_path, capsys, steep):
    monkeypatch.setattr("snn_tools.doctor.__main__.examine", lambda *args, **settings: steep)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "own", raising=False)
    (tmp_path / "own.py").write_text("def build():\n    return 1, 2, {'time_axis': None}\n")
    assert main(["own:build", "--json", "out.json", "--png", "out.png"]) == 1
    assert "FAULT (steep, layer 0, 1)" in capsys.readouterr().out
    assert (tmp_path / "out.json").exists() and (tmp_path / "out.png").stat().st_size > 1e4
