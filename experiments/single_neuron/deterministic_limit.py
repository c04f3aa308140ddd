"""The deterministic network as the limit of vanishing noise."""

import dataclasses
from collections.abc import Callable
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Positive,
    Quantity,
    Seed,
    Several,
    Size,
    array,
    at,
    param,
    seeds_param,
    statistical,
)
from snn.draws import draw_numbers
from snn.types import Params

NETWORKS = ("lif", "mlp")


class DeterministicLimit(Experiment):
    """Distance of the stochastic network's surrogate gradients to the deterministic network's.

    The slope of the escape noise grows, so that noise vanishes; the surrogate derivative stays the
    same. Both networks have the same weights, inputs and loss.
    """

    betas: Several[Positive] = param(
        [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0],
        "slopes of the escape noise; the larger, the less noise",
        unit="1/potential",
    )
    beta_surrogate: Positive = param(10.0, "slope of the SuperSpike surrogate", unit="1/potential")
    mlp_sizes: Several[Size] = param(
        [50, 200, 50], "MLP: number of inputs, then of neurons per layer"
    )
    lif_sizes: Several[Size] = param(
        [20, 30, 10], "LIF network: number of inputs, then of neurons per layer"
    )
    rate: Positive = param(50.0, "rate of the LIF network's Poisson inputs", unit="Hz")
    n_steps: Annotated[int, Field(ge=5, le=10_000)] = param(100, "time steps of 1 ms")
    n_trials: Annotated[int, Field(ge=2, le=1_000_000)] = param(
        200, "trials of each stochastic network"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "beta": array("seed, slope", "slopes of the escape noise", unit="1/potential"),
        **array("slope", "mean distance over seeds").each("{}_pooled_mean", NETWORKS),
        **array(
            "seed, slope",
            "distance of the stochastic from the deterministic surrogate gradient, "
            "relative; mean over trials",
        ).each("{}_mean", NETWORKS),
        **array("seed, slope", "standard error of this distance").each("{}_se", NETWORKS),
    }

    def check(self) -> None:
        """Check that each network has inputs and at least one layer.

        Raises:
            ValueError: If one of these conditions does not hold.
        """
        for name in ("mlp_sizes", "lif_sizes"):
            sizes = getattr(self, name)
            if len(sizes) < 2:
                expected = "expected the number of inputs, then of neurons in each layer"
                raise ValueError(f"the network has no layer: {self.given(name)}; {expected}")

    def compute(self, seed: int) -> Data:
        """Return distances ``|g - g_deterministic| / |g_deterministic|``: mean and standard error.

        The noise of the trials is the same at all slopes.
        """
        data = {"beta": np.array(self.betas)}
        for name, build in {"lif": _lif, "mlp": _mlp}.items():
            network_key, noise_key = jax.random.split(jax.random.key(seed))
            program_at, params = build(self, network_key)
            noise = snn.draw_noise(program_at(1.0), params, noise_key, self.n_trials)
            deterministic = snn.Surrogate(
                snn.surrogate.SuperSpike(self.beta_surrogate), forward=snn.threshold
            )
            first = jax.tree.map(lambda xi: xi[:1], noise)
            reference = deterministic(program_at(1.0), params, first).grad
            stochastic = dataclasses.replace(deterministic, forward=snn.sample, batch_size=256)
            distances = [
                _distance(stochastic.per_trial(program_at(beta), params, noise).grad, reference)
                for beta in self.betas
            ]
            data[f"{name}_mean"], data[f"{name}_se"] = map(np.array, zip(*distances, strict=True))
        return data

    def pooled(self, data: Data) -> Data:
        """Return means over networks, one per seed: ``lif_pooled_mean``, ``mlp_pooled_mean``."""
        return {f"{name}_pooled_mean": data[f"{name}_mean"].mean(axis=0) for name in NETWORKS}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return relative distances, mean over trials, of the LIF network and of the MLP."""
        quantities = {}
        for prefix, network in zip(("", "mlp_"), NETWORKS, strict=True):
            for i, beta in enumerate(self.betas):
                means, errors = data[f"{network}_mean"][:, i], data[f"{network}_se"][:, i]
                # If no trial differs, the distance is known to one part in the number of trials.
                error = max(
                    np.sqrt(np.sum(errors**2)) / errors.size, 1 / self.n_trials / errors.size
                )
                quantities[at(f"{prefix}distance", beta)] = statistical(means.mean(), error)
        return quantities


@jax.jit
def _distance(gradients: Params, reference: Params) -> snn.stats.Mean:
    """Return the relative distance to the reference: mean over trials and standard error."""
    difference = snn.stats.flatten_trials(gradients) - snn.stats.flatten(reference)
    return snn.stats.mean_and_se(
        jnp.linalg.norm(difference, axis=1) / jnp.linalg.norm(snn.stats.flatten(reference))
    )


def _lif(config: DeterministicLimit, key: Array) -> tuple[Callable, Params]:
    """Return a LIF network with Poisson inputs, and the van Rossum distance to a random target."""
    x_key, z_key, w_key = jax.random.split(key, 3)
    lif = snn.LIF()
    shape = (config.n_steps, config.lif_sizes[0])
    x = (draw_numbers(jax.random.uniform, x_key, shape) < config.rate * lif.dt).astype(float)
    shape = (config.n_steps, config.lif_sizes[-1])
    target = (draw_numbers(jax.random.uniform, z_key, shape) < config.rate * lif.dt).astype(float)

    def network(beta: Array | float) -> snn.LIFNetwork:
        return snn.LIFNetwork(tuple(config.lif_sizes), snn.escape.Sigmoid(beta), lif)

    params = network(1.0).init(w_key, config.rate, sigma_u=2.0)
    return lambda beta: snn.Program(network(beta), x, snn.losses.VanRossum(target)), params


def _mlp(config: DeterministicLimit, key: Array) -> tuple[Callable, Params]:
    """Return an MLP with binary inputs; its loss is the output weighted by random signs."""
    x_key, z_key, w_key = jax.random.split(key, 3)
    x = jax.random.bernoulli(x_key, 0.5, (config.mlp_sizes[0],)).astype(float)
    sign = jax.random.rademacher(z_key, (config.mlp_sizes[-1],)).astype(float)

    def network(beta: Array | float) -> snn.MLP:
        return snn.MLP(tuple(config.mlp_sizes), snn.escape.Sigmoid(beta))

    params = network(1.0).init(w_key)
    return lambda beta: snn.Program(network(beta), x, snn.losses.Linear(sign)), params
