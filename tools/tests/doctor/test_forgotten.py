"""Derivatives that nobody wrote: a threshold without a surrogate, and counts of comparisons."""

import jax
import jax.numpy as jnp

import snn
from snn_tools import doctor
from snn_tools.jax.flow import follow
from snn_tools.jax.open_resets import traced_at
from snn_tools.jax.problem import Problem
from tools.tests.doctor.test_tutorials import N, built

SPIKES = snn.SpikeFunction(snn.escape.Sigmoid(4.0))
KEY = jax.random.key(0)


def deep(threshold):
    """Three layers, of which the middle one may be a threshold without noise or derivative."""

    def network(params, x):
        s = SPIKES(x @ params["in"] - 0.2)
        s = threshold(s @ params["mid"] - 0.3)
        return SPIKES(s @ params["out"] - 0.1)

    keys = jax.random.split(jax.random.key(2), 3)
    shapes = {"in": (3, N), "mid": (N, N), "out": (N, 2)}
    params = {
        name: 0.3 + jax.random.normal(key, shape) / shape[0] ** 0.5
        for key, (name, shape) in zip(keys, shapes.items(), strict=True)
    }
    program = snn.Program(
        network, jnp.array([0.7, -0.4, 0.5]), snn.losses.Squared(jnp.array([0.2, 0.9]))
    )
    return program, params


def findings_of(case, budget=0.01):
    report = doctor.examine(*case, KEY, budget=budget, time_axis=None)
    return {(f.kind, f.fault, f.where) for f in report.findings if f.kind in ("cut", "zero")}


def test_a_surrogate_that_was_forgotten_in_a_layer_is_told_without_a_direction():
    assert findings_of(deep(SPIKES)) == set()
    findings = findings_of(deep(lambda v: (v > 0).astype(v.dtype)))
    assert {kind for kind, _, _ in findings} <= {"cut", "zero"} and findings
    where = {name for _, _, names in findings for name in names.split(", ")}
    assert where == {"in", "mid"}


def test_a_penalty_that_counts_comparisons_is_a_fault_where_signs_are_wrong():
    """The derivative of the penalty is missing, and outweighs that of the loss.

    In a single step, whose 7 sites are enumerated.
    """

    def penalised(count):
        def loss(out):
            return jnp.sum((out.mean(axis=0) - 0.3) ** 2) + 2.0 * count(out)

        program, params = built()
        return snn.Program(program.network, program.x[:1], loss), params

    report = doctor.examine(*penalised(lambda s: (s > 0.5).sum()), KEY, budget=20)
    assert "compared" in {f.kind for f in report.faults}
    # A sum of spikes is no comparison, which the tests of the code show without a direction.
    report = doctor.examine(*penalised(lambda s: s.sum()), KEY, budget=0.01)
    assert report.checks and "compared" not in {f.kind for f in report.findings}


def test_a_gate_by_a_comparison_is_no_count():
    """A reset to zero by `where`, of which the field is full: a note, whatever the signs are."""

    def reset(u, s):
        return jnp.where(s > 0.5, 0.0, u)

    case = Problem(*built(reset=reset))
    findings = doctor.examine(*case, KEY, budget=0.01).findings
    assert ("compared", False) in [(f.kind, f.fault) for f in findings]
    flow = follow(traced_at(case))
    assert flow.comparisons and not flow.counted
