"""Computes the distance between both networks' surrogate gradients, against the noise."""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.deterministic_limit import NETWORKS, DeterministicLimit


def compute(config: DeterministicLimit, seed: int) -> dict[str, np.ndarray]:
    """Distances |g - g_deterministic| / |g_deterministic|, one per trial.

    The trials' noise is the same at every steepness.

    Returns:
        ``beta`` ``(slope,)``, and for the networks ``lif`` and ``mlp`` the ``_mean`` of the
        distance over trials and its ``_se``, ``(slope,)``.
    """
    data = {"beta": np.array(config.betas)}
    for name, build in zip(NETWORKS, (_lif, _mlp), strict=True):
        network_key, noise_key = jax.random.split(jax.random.key(seed))
        program_at, params = build(config, network_key)
        noise = snn.draw_noise(program_at(1.0), params, noise_key, config.n_trials)
        deterministic = snn.Surrogate(
            snn.surrogate.SuperSpike(config.beta_surrogate), forward=snn.threshold
        )
        first = jax.tree.map(lambda xi: xi[:1], noise)
        reference = deterministic(program_at(1.0), params, first).grad
        stochastic = dataclasses.replace(deterministic, forward=snn.sample, batch_size=256)
        distances = [
            _distance(stochastic.per_trial(program_at(beta), params, noise).grad, reference)
            for beta in config.betas
        ]
        data[f"{name}_mean"], data[f"{name}_se"] = map(np.array, zip(*distances, strict=True))
    return data


@jax.jit
def _distance(gradients: snn.types.Params, reference: snn.types.Params) -> snn.stats.Mean:
    """Mean over trials, and standard error, of the relative distance to the reference."""
    difference = snn.stats.flatten_trials(gradients) - snn.stats.flatten(reference)
    return snn.stats.mean_and_se(
        jnp.linalg.norm(difference, axis=1) / jnp.linalg.norm(snn.stats.flatten(reference))
    )


def _lif(config: DeterministicLimit, key: Array) -> tuple[Callable, snn.types.Params]:
    """A LIF network with Poisson inputs, and the van Rossum distance to a random target."""
    x_key, z_key, w_key = jax.random.split(key, 3)
    lif = snn.LIF()
    shape = (config.n_steps, config.lif_sizes[0])
    x = jax.random.bernoulli(x_key, config.rate * lif.dt, shape).astype(float)
    shape = (config.n_steps, config.lif_sizes[-1])
    target = jax.random.bernoulli(z_key, config.rate * lif.dt, shape).astype(float)

    def network(beta: Array | float) -> snn.LIFNetwork:
        return snn.LIFNetwork(tuple(config.lif_sizes), snn.escape.Sigmoid(beta), lif)

    params = network(1.0).init(w_key, config.rate, sigma_u=2.0)
    return lambda beta: snn.Program(network(beta), x, snn.losses.VanRossum(target)), params


def _mlp(config: DeterministicLimit, key: Array) -> tuple[Callable, snn.types.Params]:
    """An MLP with binary inputs, and its output weighed with random signs."""
    x_key, z_key, w_key = jax.random.split(key, 3)
    x = jax.random.bernoulli(x_key, 0.5, (config.mlp_sizes[0],)).astype(float)
    sign = jax.random.rademacher(z_key, (config.mlp_sizes[-1],)).astype(float)

    def network(beta: Array | float) -> snn.MLP:
        return snn.MLP(tuple(config.mlp_sizes), snn.escape.Sigmoid(beta))

    params = network(1.0).init(w_key)
    return lambda beta: snn.Program(network(beta), x, snn.losses.Linear(sign)), params
