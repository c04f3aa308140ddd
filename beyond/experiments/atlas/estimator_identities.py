"""Where cheap estimators are exact, and which of them are the same (an extension)."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.networks import Networks, gaussians, weights
from experiments.engine.base import Data, Experiment, Quantity, array, exact, param
from snn.coupling import TwoSided
from snn.estimators.base import Estimator
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.noise import all_patterns
from snn.program import site_shapes
from snn.stats import flatten, flatten_trials, relative_error
from snn.surrogate import given
from snn.types import Params
from snn.value_object import value_object

IDENTITIES = (
    "two_sided_minus_reinmax",
    "straight_through_minus_reinmax",
    "two_sided_bias_quadratic",
    "straight_through_bias_quadratic",
    "path_sample_analytic_bias_one_hidden_layer",
    "path_sample_analytic_bias_two_hidden_layers",
    "surrogate_bias_one_hidden_layer",
    "layered_mean_minus_enumeration",
)


@dataclass
class EstimatorIdentities(Experiment):
    """Relative differences that vanish, each beside one that does not."""

    NEEDS_X64: ClassVar[bool] = True

    beta: float = param(2.0, "slope of the escape noise", unit="1/potential", above=0)
    n_networks: int = param(10, "random networks, of which the largest difference counts", low=1)
    network_seed: int = param(0, "seed of the networks", low=0, high=2**63 - 1)

    ARRAYS = array("", "largest relative difference over random networks").each("{}", IDENTITIES)

    def compute(self, seed: None) -> Data:
        """Largest relative differences over random networks, which have a seed of their own."""
        key, smoothed = jax.random.key(self.network_seed), snn.SmoothedStochasticAD
        surrogate, two_sided, path = snn.Surrogate(), smoothed(TwoSided()), PathSampleAnalytic()
        one_layer, shallow, wide, deep = (
            networks((N_INPUTS, *sizes), self, key)
            for sizes in ((3,), (3, 1), (3, 3, 1), (3, 3, 2))
        )

        def largest(difference: Callable[..., Array], drawn: Networks) -> np.ndarray:
            return np.asarray(jax.jit(jax.vmap(difference))(*drawn)).max()

        return {
            "two_sided_minus_reinmax": largest(against_reinmax(two_sided), deep),
            "straight_through_minus_reinmax": largest(against_reinmax(smoothed()), deep),
            "two_sided_bias_quadratic": largest(bias(two_sided), one_layer),
            "straight_through_bias_quadratic": largest(bias(smoothed()), one_layer),
            "path_sample_analytic_bias_one_hidden_layer": largest(bias(path), shallow),
            "path_sample_analytic_bias_two_hidden_layers": largest(bias(path), wide),
            "surrogate_bias_one_hidden_layer": largest(bias(surrogate), shallow),
            "layered_mean_minus_enumeration": largest(against_enumeration(surrogate), deep),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """All of them."""
        return {name: exact(value, atol=1e-11) for name, value in data.items()}


N_INPUTS = 3

Layered = snn.Surrogate | snn.SmoothedStochasticAD | PathSampleAnalytic
"""Estimators whose exact mean is known layer by layer."""


@value_object
class ReinMax:
    r"""ReinMax for a binary unit, :math:`2\pi(1-\pi) - p(1-p)/2`, :math:`\pi = (p+s)/2`.

    In units of the derivative of the logit, which the slope over p (1-p) puts into those of v.

    Reference: Liu, Dong, Liu, Yu, Gao, NeurIPS 2023, algorithm 2.
    """

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        escape = given(self, escape)
        p = escape.prob(v)
        middle = (p + s) / 2
        logit_slope = escape.slope_over_prob(v) + escape.slope_over_silence(v)
        return (2 * middle * (1 - middle) - p * (1 - p) / 2) * logit_slope


@value_object
class Quadratic:
    """A random quadratic form of the output, s.A.s + b.s: not one that splits into neurons.

    Attributes:
        form: A, ``(output, output)``.
        linear: b, ``(output,)``.
    """

    form: Array
    linear: Array

    def __call__(self, output: Array) -> Array:
        return output @ self.form @ output + self.linear @ output


def networks(sizes: tuple[int, ...], config: EstimatorIdentities, key: Array) -> Networks:
    """Gaussian weights and inputs, and random quadratic losses."""
    n, n_out = config.n_networks, sizes[-1]
    shapes = [(sizes[0],), (n_out, n_out), (n_out,), *itertools.pairwise(sizes)]
    x, form, linear, *values = gaussians(key, n, shapes)
    escape = snn.escape.Sigmoid(jnp.full(n, config.beta))
    network = snn.MLP(sizes, escape, jnp.zeros(n))
    loss = Quadratic(jnp.asarray(form), jnp.asarray(linear))
    return snn.Program(network, jnp.asarray(x), loss), weights(values, 1.0)


def against_reinmax(estimator: Estimator) -> Callable[..., Array]:
    """Difference of an estimator from ReinMax, over all spike patterns."""

    def difference(program: snn.Program, params: Params) -> Array:
        patterns = all_patterns(site_shapes(program, params), 16)
        ours, reinmax = (
            flatten_trials(e.per_trial(program, params, patterns).grad)
            for e in (estimator, snn.Surrogate(ReinMax()))
        )
        return jnp.linalg.norm(ours - reinmax) / jnp.linalg.norm(reinmax)

    return difference


def bias(estimator: Layered) -> Callable[..., Array]:
    """Bias of an estimator, relative to the gradient."""

    def difference(program: snn.Program, params: Params) -> Array:
        mean = LayeredMean(estimator)(program, params).grad
        return relative_error(mean, snn.TransferMatrix()(program, params).grad)

    return difference


def against_enumeration(estimator: Layered) -> Callable[..., Array]:
    """Difference of the mean by transfer matrices from that by enumeration."""

    def difference(program: snn.Program, params: Params) -> Array:
        layered = flatten(LayeredMean(estimator)(program, params).grad)
        return relative_error(layered, flatten(snn.Expected(estimator)(program, params).grad))

    return difference
