"""Right: weights, inputs and states in bfloat16."""

import jax
import jax.numpy as jnp

import snn
from snn_tools import doctor
from tools.tests.networks.in_jax import ESCAPE, inputs, max_over_time, spike_with, times, weights

spike = spike_with(times())


def network(params, x):
    def step(state, x_t):
        u, y = state
        u = 0.9 * u + x_t @ params["in"]
        s = spike(u - 1.0)
        y = 0.8 * y + s @ params["out"]
        return (u - jax.lax.stop_gradient(s), y), y

    start = jnp.zeros((4, 16), x.dtype), jnp.zeros((4, 3), x.dtype)
    return jax.lax.scan(step, start, x)[1].astype(jnp.float32)


def build():
    params = {"in": weights(1, 8, 16, gain=3.0), "out": weights(9, 16, 3)}
    params, x = jax.tree.map(lambda a: a.astype(jnp.bfloat16), (params, inputs(20, 4, 8)))
    return snn.Program(doctor.adopted(network, ESCAPE), x, max_over_time), params, {}
