"""Counts evaluations as the estimators report them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.engine.progress import track
from experiments.evaluation_cost import MAX_SITES, METHODS, EvaluationCost
from snn.estimators.base import Estimator
from snn.types import Params


def compute(config: EvaluationCost, seed: None) -> dict[str, np.ndarray]:
    """Asks every method for its cost on networks of growing size.

    Args:
        config: sizes and number of flips.
        seed: not used; costs do not depend on the noise.

    Returns:
        hidden: hidden units of the layered networks, ``(network,)``.
        layered: evaluations per trial for each of `METHODS` (for transfer_matrix, entries of the
            matrices), ``(method, network)``.
        n_flips: number of flips of stochastic_ad_few_flips.
        steps: time steps of the recurrent network, ``(run,)``.
        recurrent: evaluations by enumeration, ``(run,)``.
        recurrent_neurons: number of its neurons.
    """
    methods = {
        "enumeration": snn.ExactEnumeration(max_sites=MAX_SITES),
        "transfer_matrix": snn.TransferMatrix(),
        "stochastic_ad": snn.StochasticAD(),
        "stochastic_ad_few_flips": snn.StochasticAD(n_flips=config.n_flips),
        "surrogate": snn.Surrogate(),
    }
    layered = [
        [evaluations(methods[name], *mlp(n, config.hidden_layers)) for n in config.hidden]
        for name in track(METHODS, "estimators")
    ]
    recurrent = [
        evaluations(methods["enumeration"], *recurrent_lif(config.recurrent_neurons, n))
        for n in config.steps
    ]
    return {
        "hidden": np.array(config.hidden),
        "layered": np.array(layered),
        "n_flips": np.array(config.n_flips),
        "steps": np.array(config.steps),
        "recurrent": np.array(recurrent),
        "recurrent_neurons": np.array(config.recurrent_neurons),
    }


def evaluations(
    estimator: Estimator, program: snn.Program, init: Callable[[Array], Params]
) -> float:
    """Evaluations of the program that one gradient from one trial takes."""

    # Compiled for the count alone: the gradient that nobody reads is dropped, which saves the
    # compilation of some fifty estimators.
    @jax.jit
    def count(key: Array) -> Array:
        params = init(key)
        noise = snn.draw_noise(program, params, key, 1)
        return jnp.asarray(estimator(program, params, noise, key).n_evaluations)

    return float(count(jax.random.key(0)))


def mlp(hidden: int, layers: int) -> tuple[snn.Program, Callable[[Array], Params]]:
    """Layers that share the hidden units as evenly as can be, and one output."""
    widths = [(hidden + i) // layers for i in range(layers)]
    network = snn.MLP((2, *widths, 1), snn.escape.Sigmoid(4.0))
    return snn.Program(network, jnp.ones(2), snn.losses.Linear()), network.init


def recurrent_lif(neurons: int, steps: int) -> tuple[snn.Program, Callable[[Array], Params]]:
    """One layer of recurrent LIF neurons under constant input."""
    network = snn.LIFNetwork((1, neurons), snn.escape.Sigmoid(4.0), recurrent=True)
    program = snn.Program(network, jnp.ones((steps, 1)), snn.losses.Linear())
    return program, lambda key: network.init(key, rate=100.0)
