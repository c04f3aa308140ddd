"""A reset detached by hand is told from a cut and from a factor, in the same network."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace
from snn.value_object import static, value_object
from snn_tools import doctor
from snn_tools.jax.flow import follow
from snn_tools.jax.open_resets import gradient_without_stops, traced_at
from snn_tools.jax.problem import Problem
from tools.tests.spikes import added, factor

KEY = jax.random.key(0)
ESCAPE = snn.escape.Sigmoid(2.0)


def right(s):
    return s


twice, tripled = added(2.0), factor(3.0)


@value_object
class Net:
    """A recurrent layer and a readout of leaky neurons that subtract what `reset` returns."""

    reset: Any = static(default=right)
    up: Any = static(default=right)
    across: Any = static(default=right)
    norm: Any = static(default=right)

    def __call__(self, params, x, noise, spike):
        def step(state, inputs):
            t, x_t = inputs
            (u, s), (w, r) = state
            u = 0.8 * u + x_t @ params["w"] + self.across(s) @ params["r"] - self.reset(s)
            v = self.norm(u) - 1.0
            s = spike(ESCAPE, v, noise.draw(0, t, u.shape))
            w = 0.8 * w + self.up(s) @ params["o"] - self.reset(r)
            r = spike(ESCAPE, w - 1.0, noise.draw(1, t, w.shape))
            return ((u, s), (w, r)), ((v, s), (w - 1.0, r))

        start = (jnp.zeros(2),) * 2, (jnp.zeros(1),) * 2
        _, sites = jax.lax.scan(step, start, (jnp.arange(len(x)), x))
        return sites[1][1], tuple(LayerTrace(v, s, ESCAPE) for v, s in sites)


PARAMS = {
    "w": jnp.array([[1.1, 0.8]]),
    "r": jnp.array([[0.2, -0.5], [0.4, 0.1]]),
    "o": jnp.array([[0.9], [0.7]]),
}


def problem(**faults):
    loss = snn.losses.Linear(jnp.array([[1.0], [-0.5], [0.7], [0.6]]))
    return Problem(snn.Program(Net(**faults), jnp.ones((4, 1)), loss), PARAMS)


EPS = float(jnp.finfo(jnp.float32).eps)


def is_opened(case):
    """Return whether the network detaches its reset, and nothing else."""
    return gradient_without_stops(case, follow(traced_at(case)), EPS) is not None


def opens(**faults):
    return is_opened(problem(**faults))


def test_only_a_detached_reset_is_opened():
    assert not opens()
    assert opens(reset=stop_gradient)
    assert opens(reset=lambda s: 0.7 * stop_gradient(s))
    for faults in ({"up": twice}, {"up": twice, "reset": stop_gradient}, {"up": stop_gradient}):
        assert not opens(**faults)
    for k in (-1.0, 0.5, 2.0, 5.0):
        assert not opens(reset=added(k))
    assert not opens(reset=lambda s: 0.5 * s + stop_gradient(0.5 * s))


def coupled(u):
    """Neurons that are coupled otherwise than by spikes."""
    return u / (1 + jnp.abs(u).sum())


def test_behind_a_normalisation_a_reset_is_told_from_a_recurrence():
    assert not opens(norm=coupled)
    assert opens(norm=coupled, reset=stop_gradient)
    for faults in ({"across": stop_gradient}, {"across": twice}, {"up": twice}):
        assert not opens(norm=coupled, reset=stop_gradient, **faults)


def test_it_is_a_note_with_its_factor_and_its_cost():
    report = doctor.examine(*problem(reset=stop_gradient), KEY)
    assert not report.faults
    (note,) = (f for f in report.findings if f.kind == "detached")
    assert "finite differences" not in note.evidence and "cosine" in note.evidence
    assert "reset detached" not in str(report)


def test_a_factor_behind_a_detached_reset_stays_a_fault():
    report = doctor.examine(*problem(reset=stop_gradient, up=twice), KEY, budget=0.01)
    assert "scaled" in {f.kind for f in report.faults}


SPIKES = snn.SpikeFunction(ESCAPE)


def late(up=right):
    """As snnTorch has it: each step begins with the spike of the last, computed once more."""

    def step(params, state, x):
        u, w = state
        u = 0.8 * u + x @ params["w"] - stop_gradient(SPIKES(u - 1.0))
        s = up(SPIKES(u - 1.0))
        w = 0.8 * w + s @ params["o"] - stop_gradient(SPIKES(w - 1.0))
        return (u, w), SPIKES(w - 1.0)

    loss = snn.losses.Linear(jnp.array([[1.0], [-0.5], [0.7], [0.6]]))
    network = snn.Steps(step, (jnp.zeros(2), jnp.zeros(1)))
    return Problem(snn.Program(network, jnp.ones((4, 1)), loss), {k: PARAMS[k] for k in "wo"})


def test_a_spike_that_is_computed_again_for_the_reset():
    assert is_opened(late())
    assert not is_opened(late(twice))
    # The reset of a step is drawn apart from the spike of the step before, which is a fault.
    assert {f.kind for f in doctor.examine(*late(), KEY, budget=0.01).faults} == {"redrawn"}


def membrane(reset, seen, slope=6.0, derivative=right):
    """A layer without spiking readout; `seen` makes the output of potentials and spikes."""
    spikes = snn.SpikeFunction(snn.escape.Sigmoid(slope))

    def step(w, u, x):
        u = 0.9 * u + x @ w
        s = spikes(u - 1.0)
        return (after := reset(u, derivative(s))), seen(u, s, after)

    x = (jax.random.uniform(jax.random.key(2), (20, 5)) < 0.3) * 1.0
    w = 0.3 + jax.random.normal(jax.random.key(1), (5, 8)) / 5**0.5
    loss = lambda out: jnp.sum((out.mean(axis=0) - 0.3) ** 2)  # noqa: E731
    return Problem(snn.Program(snn.Steps(step, jnp.zeros(8)), x, loss), w)


def findings_of(case):
    findings = doctor.examine(*case, KEY, budget=0.01).findings
    return {(f.kind, f.fault) for f in findings if f.kind in ("scaled", "cut", "detached")}


def test_a_detached_reset_of_a_potential_that_the_loss_sees():
    """Behind the reset, and before it where there is a spike."""
    minus = lambda u, s: u - s  # noqa: E731
    seen = lambda u, s, after: jnp.concatenate([after, s * u])  # noqa: E731
    assert findings_of(membrane(minus, seen)) == set()
    assert findings_of(membrane(minus, seen, derivative=stop_gradient)) == {("detached", False)}


def spikes_alone(u, s, after):
    return s


def test_a_reset_to_zero_written_by_hand():
    assert findings_of(membrane(snn.detached, spikes_alone)) == {("detached", False)}
    halved = membrane(snn.through, spikes_alone, derivative=added(0.5))
    assert findings_of(halved) == {("scaled", True)}


def test_steep_noise_over_many_steps_is_no_factor():
    """Smoothed potentials bend within distances of a thousandth of the weights."""
    with jax.enable_x64(False):
        for derivative, kinds in ((right, set()), (tripled, {("scaled", True)})):
            assert findings_of(membrane(snn.through, spikes_alone, 20.0, derivative)) == kinds
