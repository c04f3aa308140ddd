"""Usual implementation of the network of figure 7: the reference of tests and timings.

A single loop over time computes all layers, the convolutions are those of the library, and the
reverse pass is left to automatic differentiation. This implementation shares parameters and spike
function with `ConvLIFNetwork`, but no line of the equations.
"""

from __future__ import annotations

from functools import partial
from math import prod

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

import snn
from snn.noise import ThreefryNoise
from snn.types import LayerTrace, Noise, Params, Trace
from snn.value_object import static, value_object


@value_object
class Straightforward:
    r"""The equations of `snn.ConvLIFNetwork`, step by step, with the spikes of the last step kept.

    .. math::
        I_{t+1} &= \alpha_s I_t + w * S^{below}_{t-1} + w^{rec} * S_{t-1} \\
        u_{t+1} &= (\alpha_m u_t + (1-\alpha_m) I_t)(1 - S_t)

    Attributes:
        network: sizes and parameters.
        threefry: whether uniform numbers come from JAX's generator, as is usual, keyed by the given
            noise.
    """

    network: snn.ConvLIFNetwork
    threefry: bool = static(default=False)

    def __call__(
        self,
        params: Params,
        x: Float[Array, "time sample input"],
        noise: Noise,
        spike: snn.Spike,
    ) -> tuple[Float[Array, "time sample output"], Trace]:
        """Compute a batch; output and trace have the same form as in `ConvLIFNetwork`."""
        net, (*hidden, last), n = self.network, params, x.shape[1]
        neuron = net.neuron
        if not isinstance(neuron, snn.LIF):
            raise TypeError(f"the network's neuron: got {neuron!r}, expected a snn.LIF")
        if self.threefry:
            noise = ThreefryNoise(noise.key)  # pyright: ignore[reportAttributeAccessIssue]
        mem, syn = (jnp.exp(-neuron.dt / t) for t in (neuron.tau_mem, neuron.tau_syn))
        slow, fast = (
            jnp.exp(-net.readout.dt / t) for t in (net.readout.tau_mem, net.readout.tau_syn)
        )
        convolve = partial(jax.lax.conv_general_dilated, dimension_numbers=("NWC", "WIO", "NWC"))
        around = [(net.recurrent_kernel // 2, net.recurrent_kernel // 2)]

        def step(carry: tuple, inputs: tuple[Array, Array]) -> tuple:
            (states, before, (read_u, read_i)), (t, x_t) = carry, inputs
            after, now, potentials = [], [x_t], []
            for k, (w, (u, i)) in enumerate(zip(hidden, states, strict=True)):
                v = u - neuron.theta
                xi = noise.draw(k, t, (n, prod(v.shape[1:]))).reshape(v.shape)
                s = spike(net.escape, v, xi)
                current = convolve(before[k], w["w"], (net.strides[k],), "VALID")
                current += convolve(before[k + 1], w["rec"], (1,), around)
                after.append((spike.reset(mem * u + (1 - mem) * i, s), syn * i + current))
                now.append(s)
                potentials.append(v)
            read_u = slow * read_u + (1 - slow) * read_i
            read_i = fast * read_i + before[-1].reshape(n, -1) @ last["w"]
            return (after, now, (read_u, read_i)), (read_u, potentials, now[1:])

        x = x[..., None]
        grids = zip(net.positions, net.filters, strict=True)
        rest = [jnp.zeros((n, *grid), x.dtype) for grid in grids]
        read = jnp.zeros((n, net.n_outputs), x.dtype)
        states = [(zeros, zeros) for zeros in rest]
        start = states, [jnp.zeros_like(x[0]), *rest], (read + net.readout.start, read)
        output, *traces = jax.lax.scan(step, start, (jnp.arange(len(x)), x))[1]
        flat = [[a.reshape(len(x), n, -1) for a in arrays] for arrays in traces]
        return output, tuple(LayerTrace(v, s, net.escape) for v, s in zip(*flat, strict=True))
