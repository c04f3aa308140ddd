"""Deep recurrent convolutional networks of spiking neurons, as used to classify speech."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Float

from snn.arguments import Key, check_key
from snn.connections import Conv1d, Convolve, MatrixProducts
from snn.draws import draw_numbers
from snn.escape import EscapeNoise, Sigmoid, check_escape
from snn.initialisation import fluctuation_driven_std
from snn.neurons import LIF, LeakyReadout, Neuron
from snn.spikes import Spike
from snn.types import LayerTrace, Noise, Params, Trace
from snn.value_object import static, value_object

_SPIKES = "spikes"


@value_object
class ConvLIFNetwork:
    """Recurrent 1-d convolutional layers of LIF neurons, and a leaky readout that does not spike.

    Every connection takes one step: the spikes of step t enter the input of step t + 1, both of the
    next layer and, through a convolution along the positions, of their own layer. The network has
    no biases. Neurons of a layer are counted position by position, channel by channel.

    Inputs may have batch axes between time and channel. A trial of the network is then a whole
    batch, with its own noise for each sample.

    Attributes:
        n_inputs: input channels, a line of positions with one feature each.
        filters: features at each position, layer by layer.
        kernels: positions that a neuron sees of the layer below.
        strides: positions below between neighbouring positions.
        recurrent_kernel: positions that a neuron sees of its own layer; odd, or 0 for none.
        n_outputs: readout units.
        escape: escape noise of all layers.
        neuron: the neuron of all layers, `snn.LIF` or any other `snn.Neuron`.
        readout: the readout units' parameters.
        convolve: how convolutions are computed, a `snn.connections.Convolve`.
    """

    n_inputs: int = static(default=700)
    filters: tuple[int, ...] = static(default=(16, 32, 64))
    kernels: tuple[int, ...] = static(default=(21, 7, 7))
    strides: tuple[int, ...] = static(default=(10, 3, 3))
    recurrent_kernel: int = static(default=5)
    n_outputs: int = static(default=20)
    escape: EscapeNoise = Sigmoid(10.0)
    neuron: Neuron = LIF(20e-3, 10e-3, 2e-3, reset_input=True)
    readout: LeakyReadout = LeakyReadout()
    convolve: Convolve = static(default=MatrixProducts())

    def __post_init__(self) -> None:
        shape = f"filters={self.filters}, kernels={self.kernels}, strides={self.strides}"
        if not len(self.filters) == len(self.kernels) == len(self.strides) > 0:
            raise ValueError(f"ConvLIFNetwork: got {shape}, expected as many of each, at least 1.")
        if min(*self.filters, *self.kernels, *self.strides, self.n_outputs) < 1:
            raise ValueError(f"ConvLIFNetwork: got {shape}, expected numbers of at least 1.")
        if self.recurrent_kernel and self.recurrent_kernel % 2 == 0:
            raise ValueError(
                f"ConvLIFNetwork: got a recurrent kernel of {self.recurrent_kernel}, expected an "
                f"odd one, so that a neuron sees as many positions to either side, or 0 for none."
            )
        check_escape(self, self.escape)
        _ = self.positions

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions of each layer."""
        sizes, n = [], self.n_inputs
        for connection in self._feed_forward:
            n = connection.n_out(n)
            sizes.append(n)
        return tuple(sizes)

    @property
    def n_neurons(self) -> tuple[int, ...]:
        """Neurons of each layer."""
        return tuple(n * f for n, f in zip(self.positions, self.filters, strict=True))

    def init(
        self,
        key: Key,
        rate: float | Array,
        sigma_u: float | Array = 1.0,
        split: float | Array = 0.9,
    ) -> Params:
        r"""Draw fluctuation-driven initial weights, see `snn.fluctuation_driven_std`.

        A neuron has as many inputs as channels times kernel. The energy of the postsynaptic
        potential is the sum over time steps.

        Args:
            key: a JAX random key.
            rate: rate of the presynaptic spikes, Hz.
            sigma_u: standard deviation of the free membrane potential.
            split: share of the feed-forward input in the variance of a recurrent layer.

        Returns:
            One dict per hidden layer: ``w`` of shape ``(kernel, channels below, channels)`` and, in
            a recurrent network, ``rec`` of shape ``(recurrent kernel, channels, channels)``. The
            last dict is the readout's: ``w`` of shape ``(neurons, outputs)``, variance 1/neurons.
        """
        check_key("ConvLIFNetwork.init", key)
        # The scale of a single input; n inputs share the variance of the potential.
        scale = fluctuation_driven_std(self.neuron, 1, rate, sigma_u, discrete=True)
        params, below = [], 1
        split = split if self.recurrent_kernel else 1.0
        keys = jax.random.split(key, len(self.filters) + 1)
        for k, channels, kernel in zip(keys[:-1], self.filters, self.kernels, strict=True):
            k_w, k_rec = jax.random.split(k)
            w = draw_numbers(jax.random.normal, k_w, (kernel, below, channels))
            w *= scale * (split / (kernel * below)) ** 0.5
            params.append({"w": w})
            if self.recurrent_kernel:
                rec = draw_numbers(
                    jax.random.normal, k_rec, (self.recurrent_kernel, channels, channels)
                )
                rec *= scale * ((1 - split) / (self.recurrent_kernel * channels)) ** 0.5
                params[-1]["rec"] = rec
            below = channels
        n = self.n_neurons[-1]
        w = draw_numbers(jax.random.normal, keys[-1], (n, self.n_outputs)) / n**0.5
        return [*params, {"w": w}]

    def __call__(
        self, params: Params, x: Float[Array, "time *batch input"], noise: Noise, spike: Spike
    ) -> tuple[Float[Array, "time *batch output"], Trace]:
        """Run one trial.

        Args:
            params: one dict per layer, as returned by `init`.
            x: input spikes, ``(time, *batch, input)``.
            noise: one uniform number per spike site.
            spike: decides how spikes are computed and differentiated.

        Returns:
            The readout's potentials, ``(time, *batch, output)``, and the hidden layers' trace.

        Raises:
            ValueError: if the input has another shape.
        """
        if jnp.ndim(x) < 2 or jnp.shape(x)[-1] != self.n_inputs:
            raise ValueError(
                f"ConvLIFNetwork: got an input of shape {jnp.shape(x)}, expected (time, "
                f"{self.n_inputs}), or (time, batch, {self.n_inputs}) for a trial of a whole batch."
            )
        below, trace = x[..., None], []
        *hidden, readout = params
        for index, w in enumerate(hidden):
            v, s = self._run_layer(index, w, below, noise, spike)
            trace.append(LayerTrace(v, s, self.escape))
            below = s.reshape(*s.shape[:-1], self.positions[index], self.filters[index])
        s = trace[-1].s
        late = jnp.concatenate([jnp.zeros_like(s[:1]), s[:-1]])
        return self.readout(late @ readout["w"]), tuple(trace)

    def _run_layer(
        self, index: int, w: Params, below: Array, noise: Noise, spike: Spike
    ) -> tuple[Array, Array]:
        """Return potentials minus threshold, and spikes, of one layer.

        The reverse pass keeps the states and spikes of each step. It recomputes everything else,
        above all the windows of the convolutions, which is cheaper than reading them back.
        """
        grid = self.positions[index], self.filters[index]
        feed = self.convolve(self._feed_forward[index], w["w"])
        recur = self.convolve(self._recurrent(index), w["rec"]) if self.recurrent_kernel else None

        def step(carry: tuple[Any, Array], inputs: tuple[Array, Array]) -> tuple:
            (state, current), (t, x) = carry, inputs
            v = self.neuron.v(state)
            s = spike(self.escape, v, noise.draw(index, t, v.shape))
            s = checkpoint_name(s, _SPIKES)
            after = self.neuron.step(state, current, s, spike)
            # Delaying the current avoids storing the spikes a second time.
            current = feed(x)
            if recur:
                current += recur(s.reshape(*s.shape[:-1], *grid))
            return (after, current.reshape(v.shape)), (v, s)

        keep = jax.checkpoint_policies.save_only_these_names(_SPIKES)
        shape = *below.shape[1:-2], grid[0] * grid[1]
        start = self.neuron.initial_state(shape), jnp.zeros(shape, below.dtype)
        steps = jnp.arange(len(below)), below
        # prevent_cse=False: inside a scan nothing else could be merged with the recomputation.
        return jax.lax.scan(jax.checkpoint(step, prevent_cse=False, policy=keep), start, steps)[1]

    @property
    def _feed_forward(self) -> tuple[Conv1d, ...]:
        # Fastest when measured: tiles of two for the input with one channel, else tiles of one.
        layers = enumerate(zip(self.kernels, self.strides, strict=True))
        return tuple(Conv1d(k, stride, tile=1 if index else 2) for index, (k, stride) in layers)

    def _recurrent(self, index: int) -> Conv1d:
        # Measured: single windows onto a short line; else pairs.
        tile = 1 if self.positions[index] <= 2 * self.recurrent_kernel else 2
        return Conv1d(self.recurrent_kernel, 1, self.recurrent_kernel // 2, tile)
