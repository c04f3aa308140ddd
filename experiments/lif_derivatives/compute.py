"""Computes both: the derivative along a path, and the derivative averaged over paths."""

import jax
import numpy as np
from jax import Array

import snn
from experiments.late_spike.program import neuron, params, program
from experiments.lif_derivatives import LIFDerivatives
from experiments.lif_derivatives.averaged import averaged
from experiments.lif_derivatives.path import along_path


def compute(config: LIFDerivatives, seed: int) -> dict[str, np.ndarray]:
    """The arrays of `along_path` and of `averaged`, and their times in s.

    Returns:
        ``time`` and ``inputs`` ``(time, input)`` of the path, ``averaged_time``, and the rest.
    """
    x_key, w_key, path_key, trial_key = jax.random.split(jax.random.key(seed), 4)
    network = snn.LIFNetwork((config.n_inputs, 1), snn.escape.Sigmoid(config.beta), neuron(config))
    shape = (config.n_steps, config.n_inputs)
    x = jax.random.bernoulli(x_key, config.rate * config.dt, shape).astype(float)
    path = snn.Program(network, x, snn.losses.Linear())
    w = _weights(config, network, w_key)
    noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(path, w, path_key, n_trials=1))
    arrays = {"time": config.dt * np.arange(config.n_steps), "inputs": x}
    arrays |= along_path(path, w, noise, config.difference_step)

    late, w = program(config, config.late_step, config.horizon), params(config)
    noise = snn.draw_noise(late, w, trial_key, config.n_trials)
    arrays["averaged_time"] = config.dt * np.arange(config.horizon)
    arrays |= averaged(late, w, noise)
    return {name: np.asarray(array) for name, array in arrays.items()}


def _weights(config: LIFDerivatives, network: snn.LIFNetwork, key: Array) -> snn.types.Params:
    """Weights for which the potential without resets has the mean and deviation asked for."""
    w = network.init(key, config.rate, config.sigma_u)[0]["w"]
    current = config.rate * config.dt / (1 - network.neuron.alpha_syn)  # of one input, mean
    return [{"w": w - w.mean() + config.mean_u / (config.n_inputs * current)}]
