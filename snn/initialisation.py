r"""Initial scale of weights: fluctuation-driven initialisation.

A neuron with n independent inputs of rate :math:`\nu`, whose weights have mean 0 and standard
deviation :math:`\sigma_w`, has a membrane potential that fluctuates. Without spikes of its own, its
variance is :math:`\sigma_u^2 = n \nu \hat\epsilon \sigma_w^2` (Campbell's theorem), where
:math:`\hat\epsilon` is the energy of the postsynaptic potential of a unit weight, in s. Weights of

.. math::
    \sigma_w = \frac{\sigma_u}{\sqrt{n \nu \hat\epsilon}}

therefore give every neuron the standard deviation :math:`\sigma_u`, whatever its fan-in, its time
constants and the rate of its inputs. With :math:`\sigma_u` near the threshold, the neuron fires
because its input fluctuates.

Reference: Rossbroich, Gygax and Zenke, "Fluctuation-driven initialization for spiking neural
network training", Neuromorphic Computing and Engineering 2(4):044016, 2022.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from snn.neurons import Neuron


def fluctuation_driven_std(
    neuron: Neuron,
    n_inputs: int,
    rate: float | Array,
    sigma_u: float | Array = 1.0,
    discrete: bool = True,
) -> Array:
    r"""Return the standard deviation of initial weights, :math:`\sigma_u/\sqrt{n\nu\hat\epsilon}`.

    Args:
        neuron: the neuron, which knows its time constants, such as ``snn.LIF(20e-3, 10e-3)``.
        n_inputs: number n of inputs to a neuron.
        rate: rate of each input, Hz.
        sigma_u: wanted standard deviation of the membrane potential without spikes.
        discrete: True for the potential that is simulated in time steps, False for the limit of
            short time steps, which gives larger weights. See `snn.LIF.psp_energy`.

    Returns:
        The standard deviation, a scalar. Draw the weights with mean 0.
    """
    energy = neuron.psp_energy(discrete=discrete)
    return sigma_u / jnp.sqrt(rate * energy) * (1 / n_inputs) ** 0.5
