"""Networks: pure functions of parameters, input, noise and the meaning of a spike.

A network does not know whether its spikes are sampled, thresholded or averaged, nor how they are
differentiated. The deterministic, the stochastic and the smoothed network are one object.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from snn.arguments import Key, Real, check_key
from snn.draws import draw_numbers
from snn.escape import EscapeNoise, Sigmoid, check_escape
from snn.initialisation import fluctuation_driven_std
from snn.neurons import LIF, Neuron
from snn.spikes import Spike
from snn.types import LayerTrace, Noise, Params, Trace
from snn.value_object import static, value_object

States: TypeAlias = tuple[Any, ...]
"""State of each layer, a pytree that the neuron defines."""


# Base of networks whose layers share an escape noise or have one noise per layer.
@value_object
class _Layered:
    sizes: tuple[int, ...] = static()
    escape: EscapeNoise | tuple[EscapeNoise, ...] = Sigmoid()

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or any(n < 1 for n in self.sizes):
            raise ValueError(
                f"sizes: got {self.sizes}, expected the number of inputs followed by the number of "
                f"neurons of one or more layers, all at least 1, for instance (2, 3, 1)."
            )
        check_escape(self, *self.escapes)

    @property
    def escapes(self) -> tuple[EscapeNoise, ...]:
        """The escape noise of each layer."""
        n_layers = len(self.sizes) - 1
        if not isinstance(self.escape, tuple | list):
            return (self.escape,) * n_layers
        if len(self.escape) != n_layers:
            raise ValueError(
                f"escape: got {len(self.escape)} noises, expected 1, or {n_layers}, one per layer."
            )
        return tuple(self.escape)


@value_object
class MLP(_Layered):
    r"""Layers of binary neurons: :math:`v_l = s_{l-1} W_l + b_l - \theta`, s drawn with p(v).

    ``MLP((n, 1))`` is the perceptron; ``MLP((1, 1, 2, 1), bias=False)`` is the network of the
    paper's figures 4 and 5, a sigmoid network when run with `snn.mean`.

    Attributes:
        sizes: number of inputs, then of neurons in each layer.
        escape: escape noise of all layers, or one per layer.
        theta: firing threshold.
        bias: whether layers have biases.
    """

    theta: Real = 0.0
    bias: bool = static(default=True)

    def init(self, key: Key, gain: float | Array = 1.0) -> Params:
        """Draw Gaussian weights of standard deviation gain / sqrt(fan-in), and set biases to zero.

        Args:
            key: a JAX random key.
            gain: factor of the standard deviation.

        Returns:
            One dict per layer: ``w`` of shape ``(inputs, neurons)`` and, with biases, ``b``.
        """
        check_key("MLP.init", key)
        params = []
        for k, n_in, n_out in _layers(key, self.sizes):
            w = draw_numbers(jax.random.normal, k, (n_in, n_out)) * gain / n_in**0.5
            params.append({"w": w} | ({"b": jnp.zeros(n_out, w.dtype)} if self.bias else {}))
        return params

    def __call__(
        self, params: Params, x: Float[Array, " inputs"], noise: Noise, spike: Spike
    ) -> tuple[Float[Array, " outputs"], Trace]:
        """Run one trial.

        Args:
            params: one dict per layer, as returned by `init`.
            x: the input, ``(inputs,)``.
            noise: one uniform number per spike site.
            spike: decides how spikes are computed and differentiated.

        Returns:
            The last layer's spikes, ``(outputs,)``, and the trace.

        Raises:
            ValueError: if the input has another shape.
        """
        check_input(self, x, self.sizes[0], n_axes=1)
        s, trace = x, []
        for layer, (w, escape) in enumerate(zip(params, self.escapes, strict=True)):
            v = s @ w["w"] + w.get("b", 0.0) - self.theta
            s = spike(escape, v, noise.draw(layer, None, v.shape))
            trace.append(LayerTrace(v, s, escape))
        return s, tuple(trace)


@value_object
class LIFNetwork(_Layered):
    """Layers of leaky integrate-and-fire neurons over time, feed-forward or recurrent.

    A layer's spikes of step t change the current of the next layer at t + 1, and its potential at
    t + 2. With ``recurrent`` they also change the current and potential of their own layer.

    Attributes:
        sizes: number of inputs, then of neurons in each layer.
        escape: escape noise of all layers, or one per layer.
        neuron: the neuron of all layers, `snn.LIF` or any other `snn.Neuron`.
        recurrent: whether every layer is connected to itself, all to all.
    """

    neuron: Neuron = LIF()
    recurrent: bool = static(default=False)

    def init(
        self,
        key: Key,
        rate: float | Array,
        sigma_u: float | Array = 1.0,
        split: float | Array = 0.9,
    ) -> Params:
        r"""Draw fluctuation-driven initial weights, see `snn.fluctuation_driven_std`.

        With recurrence the variance of the potential is split between feed-forward (``split``) and
        recurrent (1 - ``split``) inputs. The energy of the postsynaptic potential is the integral
        over continuous time, as in the published work.

        Args:
            key: a JAX random key.
            rate: rate of the presynaptic spikes, Hz.
            sigma_u: standard deviation of the free membrane potential.
            split: share of the feed-forward input in the variance of a recurrent layer.

        Returns:
            One dict per layer: ``w`` of shape ``(inputs, neurons)`` and, with recurrence, ``rec``
            of shape ``(neurons, neurons)``.
        """
        check_key("LIFNetwork.init", key)
        # The scale of a single input; n inputs share the variance of the potential.
        scale = fluctuation_driven_std(self.neuron, 1, rate, sigma_u, discrete=False)
        params = []
        for k, n_in, n_out in _layers(key, self.sizes):
            k_w, k_rec = jax.random.split(k)
            share = split if self.recurrent else 1.0
            w = draw_numbers(jax.random.normal, k_w, (n_in, n_out)) * scale * (share / n_in) ** 0.5
            layer = {"w": w}
            if self.recurrent:
                rec = draw_numbers(jax.random.normal, k_rec, (n_out, n_out))
                layer["rec"] = rec * scale * ((1 - split) / n_out) ** 0.5
            params.append(layer)
        return params

    def __call__(
        self, params: Params, x: Float[Array, "time inputs"], noise: Noise, spike: Spike
    ) -> tuple[Float[Array, "time outputs"], Trace]:
        """Run one trial.

        Args:
            params: one dict per layer, as returned by `init`.
            x: input spikes, ``(time, inputs)``.
            noise: one uniform number per spike site.
            spike: decides how spikes are computed and differentiated.

        Returns:
            The last layer's spikes, ``(time, outputs)``, and the trace.

        Raises:
            ValueError: if the input has another shape.
        """
        check_input(self, x, self.sizes[0], n_axes=2)
        return self.resume(params, x, noise, spike, self.initial_states())[:2]

    def initial_states(self) -> States:
        """Return the states of all layers at rest."""
        return tuple(self.neuron.initial_state(n) for n in self.sizes[1:])

    def resume(
        self,
        params: Params,
        x: Float[Array, "time inputs"],
        noise: Noise,
        spike: Spike,
        states: States,
    ) -> tuple[Float[Array, "time outputs"], Trace, States]:
        """Run a part of a trial, starting from given states.

        Layers run one after the other, because no layer gets input from above. The feed-forward
        input of a layer is one matrix product over all time steps.

        Args:
            params: one dict per layer, as returned by `init`.
            x: input spikes of the part, ``(time, inputs)``.
            noise: noise whose step 0 is the first step of the part; see `snn.noise.OffsetNoise`.
            spike: decides how spikes are computed and differentiated.
            states: state of each layer before the part.

        Returns:
            The output, ``(time, outputs)``, the trace, and the states after the part.
        """
        below, trace, after = x, [], []
        layers = zip(params, self.escapes, states, strict=True)
        for layer, (w, escape, state) in enumerate(layers):
            rec = w["rec"] if self.recurrent else None

            def step(
                state: Any, inputs: tuple[Array, Array], layer=layer, escape=escape, rec=rec
            ) -> tuple[Any, tuple[Array, Array]]:
                t, current = inputs
                v = self.neuron.v(state)
                s = spike(escape, v, noise.draw(layer, t, v.shape))
                if rec is not None:
                    current = current + s @ rec
                return self.neuron.step(state, current, s, spike), (v, s)

            # No layer gets input from above, so all steps of the layer below are known by now.
            inputs = jnp.arange(x.shape[0]), below @ w["w"]
            end, (v, below) = jax.lax.scan(step, state, inputs)
            trace.append(LayerTrace(v, below, escape))
            after.append(end)
        return below, tuple(trace), tuple(after)


def check_input(network: Any, x: Array, n_inputs: int, n_axes: int) -> None:
    """Raise ValueError unless the input has the shape of one trial, time before inputs."""
    shape = jnp.shape(x)
    if len(shape) != n_axes or shape[-1] != n_inputs:
        expected = ("time", n_inputs) if n_axes == 2 else (n_inputs,)
        raise ValueError(
            f"{type(network).__name__}: got an input of shape {shape}, expected "
            f"({', '.join(map(str, expected))}{',' * (n_axes == 1)}), that of one trial. For a "
            f"batch of inputs, make a program of each: jax.vmap(lambda x: estimator(snn.Program("
            f"network, x, loss), params, noise))(xs)."
        )


def _layers(key: Array, sizes: tuple[int, ...]) -> zip:
    keys = jax.random.split(key, len(sizes) - 1)
    return zip(keys, sizes[:-1], sizes[1:], strict=True)
