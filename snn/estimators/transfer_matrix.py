r"""Exact gradient of layered binary networks, from the distribution over layer states.

The distribution :math:`\pi_l` over the 2^n states of layer l follows from that of the layer below
by the transfer matrix :math:`P(s_l | s_{l-1}) = \prod_j P(s_{l,j} | s_{l-1})`:

.. math::
    \pi_l = \pi_{l-1} P_l, \qquad E[L] = \sum_s \pi_L(s)\, L(s) .

The computation shares no code with the sampled networks, which makes it a second oracle. It costs
2^(n_l + n_{l+1}) per layer instead of 2^(all sites).
"""

from __future__ import annotations

from typing import NamedTuple, final

import jax
import jax.numpy as jnp
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import Oracle
from snn.networks import MLP
from snn.noise import all_states
from snn.program import Program
from snn.types import Estimate, Params
from snn.value_object import static, value_object


@final
@value_object
class TransferMatrix(Oracle):
    """Exact gradient of an `MLP` program.

    Attributes:
        max_width: largest number of neurons in a layer.
    """

    max_width: int = static(default=10)

    def expected_loss(self, program: Program, params: Params) -> Array:
        """Return the expected loss, differentiable with respect to the parameters.

        Raises:
            ValueError: if the program's network is not an `MLP`, or a layer is too wide.
        """
        distribution = jnp.ones(1, program.x.dtype)
        layers = transitions(program, params, self.max_width)
        for layer in layers:
            distribution = distribution @ layer.probability
        return distribution @ jax.vmap(program.loss)(layers[-1].states)

    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the exact expected loss and gradient.

        ``n_evaluations`` is the number of matrix entries.
        """
        loss, grad = jax.value_and_grad(lambda p: self.expected_loss(program, p))(params)
        widths = [0, *(layer["w"].shape[1] for layer in params)]
        entries = sum(2 ** (a + b) for a, b in zip(widths, widths[1:], strict=False))
        return Estimate(grad, loss, entries)


class Transition(NamedTuple):
    """Transition from the states of a layer to the states of the next layer.

    Attributes:
        below: all states of the layer below, ``(state below, input)``. The first layer has one
            state below, the input.
        v: potential minus threshold for each state below, ``(state below, neuron)``.
        states: all states of the layer, ``(state, neuron)``.
        probability: probability of each state for each state below, ``(state below, state)``.
        escape: the layer's escape noise.
    """

    below: Array
    v: Array
    states: Array
    probability: Array
    escape: EscapeNoise


def transitions(program: Program, params: Params, max_width: int) -> list[Transition]:
    """Return the transfer matrix of every layer, input side first.

    Args:
        program: an `MLP` without time, its input and its loss.
        params: parameters of the network.
        max_width: largest number of neurons in a layer.

    Returns:
        For each layer, its states, and their probabilities given each state of the layer below.

    Raises:
        ValueError: if the program's network is not an `MLP`, or a layer is too wide.
    """
    network = program.network
    if not isinstance(network, MLP):
        raise ValueError(
            f"TransferMatrix: got a {type(network).__name__}, expected an MLP (layers of "
            f"binary neurons without time). Use ExactEnumeration instead."
        )
    if max(network.sizes[1:]) > max_width:
        raise ValueError(
            f"TransferMatrix: got layers of {network.sizes[1:]} neurons, expected at most "
            f"{max_width} each (2^width states). Use a sampled estimator."
        )
    layers, below = [], program.x[None, :]
    for layer, escape in zip(params, network.escapes, strict=True):
        v = below @ layer["w"] - network.theta
        if network.bias:
            v = v + layer["b"][None, :]
        # Given the layer below, the neurons of a layer are independent: a product over neurons.
        states = all_states(v.shape[1]).astype(v.dtype)
        layers.append(Transition(below, v, states, _state_probabilities(v, escape), escape))
        below = states
    return layers


def _state_probabilities(v: Array, escape: EscapeNoise) -> Array:
    """Return the probability of each state of a layer, in the order of `all_states`.

    Each neuron doubles the number of states, which needs 2^n products instead of n 2^n.

    Args:
        v: potential minus threshold, ``(state below, neuron)``.
        escape: the layer's escape noise.
    """
    # Logarithms keep the digits of 1 - p where p rounds to 1.
    silence, spike = (jnp.exp(escape.log_prob(v, jnp.full_like(v, s))) for s in (0, 1))
    probability = jnp.ones((len(v), 1), v.dtype)
    for silent, one in zip(silence.T[..., None], spike.T[..., None], strict=True):
        probability = jnp.concatenate([probability * silent, probability * one], axis=1)
    return probability
