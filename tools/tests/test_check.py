"""A sound program is described; each way of being unsound has its message."""

import jax
import jax.numpy as jnp
import pytest

import snn
from snn.program import site_shapes
from snn.types import LayerTrace
from snn_tools.check import check
from tests.snn.problems import recurrent_lif

NOISE = snn.escape.Sigmoid(2.0)
W = [jnp.array([[0.5, -0.2], [0.3, 0.9]]), jnp.array([[1.0], [-1.0]])]


def two_layers(layers=(0, 1), seen=lambda v: v, own=None):
    """Two layers of neurons, with a fault on demand."""

    def network(params, x, noise, spike):
        s, trace = x, []
        for w, layer in zip(params, layers, strict=True):
            v = s @ w
            xi = noise.draw(layer, None, v.shape) if own is None else own(v)
            s = spike(NOISE, v, xi)
            trace.append(LayerTrace(seen(v), s, NOISE))
        return s, tuple(trace)

    return snn.Program(network, jnp.array([1.0, 0.5]), jnp.sum)


@pytest.mark.parametrize("make", [recurrent_lif, lambda: (two_layers(), W)])
def test_sound_programs(make):
    program, params = make()
    checked = check(program, params)
    assert checked.warnings == ()
    assert [layer.sites for layer in checked.layers] == list(site_shapes(program, params))
    assert all(0 < layer.rate < 1 for layer in checked.layers)


@pytest.mark.parametrize(
    "program, message",
    [
        # Both layers of one neuron, so that the shapes tell nothing.
        (
            two_layers(layers=(1, 0)),
            r"trace\[0\]: got \d+ of 64 spikes that differ from the spikes",
        ),
        (
            two_layers(layers=(0, 0)),
            r"trace\[1\]: got \d+ of 64 spikes that differ from the spikes",
        ),
        (
            two_layers(own=lambda v: jnp.full_like(v, 0.5)),
            r"trace\[0\]: got \d+ of 64 spikes that differ from the spikes",
        ),
        (two_layers(seen=lambda v: v - 0.5), r"trace\[0\]: got \d+ of 64 spikes that do not fol"),
    ],
    ids=["swapped", "shared", "own", "other potentials"],
)
def test_unsound_programs(program, message):
    with pytest.raises(ValueError, match=message):
        check(program, [jnp.ones((2, 1)), jnp.ones((1, 1))])


def test_what_cannot_be_differentiated_or_sampled():
    with pytest.raises(TypeError, match=r"params\[1\]: got int\d+, expected an array of floating"):
        check(two_layers(), [W[0], jnp.ones((2, 1), int)])
    with pytest.raises(ValueError, match="got a trace without layers"):
        check(snn.Program(lambda w, x, noise, spike: (x @ w, ()), W[0], jnp.sum), W[0])


def test_warnings():
    network = snn.MLP((2, 2, 1), NOISE)
    params = network.init(jax.random.key(0))
    params[0]["b"] = params[0]["b"].at[:].set(-1e3)
    params[1]["w"] = params[1]["w"].at[:].set(jnp.nan)
    checked = check(snn.Program(network, jnp.ones(2), snn.losses.Linear(0.0)), params)
    text = str(checked)
    assert "warning: layer 0 is silent: 0 spikes per site in every trial." in text
    assert "warning: layer 1 has potentials that are not numbers." in text
    assert "params[0]['w'] has" in text and "not finite" in text


SPIKES = snn.SpikeFunction(NOISE)


def leaky(w, u, x):
    u = 0.9 * u + x @ w
    s = SPIKES(u - 1.0)
    return u - s, s


def test_a_step_with_state_and_output_swapped():
    """A layer's potentials and spikes have the same shape, and nothing else tells them apart."""
    warnings = []
    for step in (leaky, lambda w, u, x: leaky(w, u, x)[::-1]):
        program = snn.Program(snn.Steps(step, jnp.zeros(2)), jnp.ones((9, 2)), jnp.sum)
        warnings.append(check(program, W[0]).warnings)
    assert warnings[0] == ()
    assert any("(state, output)" in warning for warning in warnings[1])
