"""Right: bfloat16 with the spikes of snn, in a loop over time."""

import jax
import jax.numpy as jnp

import snn
from tools.tests.networks.in_jax import SUPERSPIKE, inputs, max_over_time, spikes, weights


def step(params, states, x):
    u, y = states
    u = 0.9 * u + x @ params["in"]
    s = spikes(u - 1.0)
    y = 0.8 * y + s @ params["out"]
    return (u * (1 - jax.lax.stop_gradient(s)), y), y.astype(jnp.float32)


def build():
    params = {"in": weights(1, 8, 16, gain=3.0), "out": weights(9, 16, 3)}
    start = jnp.zeros((4, 16)), jnp.zeros((4, 3))
    half = lambda tree: jax.tree.map(lambda a: a.astype(jnp.bfloat16), tree)  # noqa: E731
    network = snn.Steps(step, half(start))
    program = snn.Program(network, half(inputs(20, 4, 8)), max_over_time)
    return program, half(params), {"surrogate": SUPERSPIKE}
