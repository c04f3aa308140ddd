"""Identities of cheap estimators, with each other and with the gradient (an extension)."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.networks import Networks, gaussians, weights
from experiments.engine.declare.experiment import (
    MAX_SEED,
    Data,
    Experiment,
    Quantity,
    array,
    exact,
    param,
)
from snn.coupling import TwoSided
from snn.estimators.base import Estimator
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.noise import all_patterns
from snn.program import site_shapes
from snn.stats import flatten, flatten_trials, relative_error
from snn.surrogate import require_escape
from snn.types import Params
from snn.value_object import value_object

Layered = snn.Surrogate | snn.SmoothedStochasticAD | PathSampleAnalytic
"""Estimators whose exact mean is known layer by layer."""


@value_object
class ReinMax:
    r"""ReinMax for a binary unit, :math:`2\pi(1-\pi) - p(1-p)/2`, :math:`\pi = (p+s)/2`.

    ReinMax is a derivative by the logit. The slope over p (1-p) converts it to a derivative by v.

    Reference: Liu, Dong, Liu, Yu, Gao, NeurIPS 2023, algorithm 2.
    """

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        escape = require_escape(self, escape)
        p = escape.prob(v)
        middle = (p + s) / 2
        logit_slope = escape.slope_over_prob(v) + escape.slope_over_silence(v)
        return (2 * middle * (1 - middle) - p * (1 - p) / 2) * logit_slope


@value_object
class Quadratic:
    """Quadratic form of the output, s.A.s + b.s, with interactions between neurons.

    Attributes:
        form: matrix A, ``(output, output)``.
        linear: vector b, ``(output,)``.
    """

    form: Array
    linear: Array

    def __call__(self, output: Array) -> Array:
        return output @ self.form @ output + self.linear @ output


def against_reinmax(estimator: Estimator, program: snn.Program, params: Params) -> Array:
    """Return the difference of an estimator from ReinMax, over all spike patterns."""
    patterns = all_patterns(site_shapes(program, params), 16)
    ours, reinmax = (
        flatten_trials(e.per_trial(program, params, patterns).grad)
        for e in (estimator, snn.Surrogate(ReinMax()))
    )
    return jnp.linalg.norm(ours - reinmax) / jnp.linalg.norm(reinmax)


def bias(estimator: Layered, program: snn.Program, params: Params) -> Array:
    """Return the bias of an estimator, relative to the gradient."""
    mean = LayeredMean(estimator)(program, params).grad
    return relative_error(mean, snn.TransferMatrix()(program, params).grad)


def against_enumeration(estimator: Layered, program: snn.Program, params: Params) -> Array:
    """Return the difference between the means by transfer matrices and by enumeration."""
    layered = flatten(LayeredMean(estimator)(program, params).grad)
    return relative_error(layered, flatten(snn.Expected(estimator)(program, params).grad))


N_INPUTS = 3
Sizes = tuple[int, ...]
ONE, SHALLOW, WIDE, DEEP = (3,), (3, 1), (3, 3, 1), (3, 3, 2)
"""Number of neurons in each layer after the inputs."""
TWO_SIDED, STRAIGHT = snn.SmoothedStochasticAD(TwoSided()), snn.SmoothedStochasticAD()
PATH = PathSampleAnalytic()
Difference = Callable[[Any, snn.Program, Params], Array]
IDENTITIES: dict[str, tuple[Difference, Estimator, Sizes]] = {
    "two_sided_minus_reinmax": (against_reinmax, TWO_SIDED, DEEP),
    "straight_through_minus_reinmax": (against_reinmax, STRAIGHT, DEEP),
    "two_sided_bias_quadratic": (bias, TWO_SIDED, ONE),
    "straight_through_bias_quadratic": (bias, STRAIGHT, ONE),
    "path_sample_analytic_bias_one_hidden_layer": (bias, PATH, SHALLOW),
    "path_sample_analytic_bias_two_hidden_layers": (bias, PATH, WIDE),
    "surrogate_bias_one_hidden_layer": (bias, snn.Surrogate(), SHALLOW),
    "layered_mean_minus_enumeration": (against_enumeration, snn.Surrogate(), DEEP),
}
"""Difference, estimator and networks of each identity."""


@dataclass
class EstimatorIdentities(Experiment):
    """Relative differences that vanish, beside counterparts with a nonzero value."""

    NEEDS_X64: ClassVar[bool] = True

    beta: float = param(2.0, "slope of the escape noise", unit="1/potential", above=0)
    n_networks: int = param(10, "number of random networks; the largest difference counts", low=1)
    network_seed: int = param(0, "seed of the networks", low=0, high=MAX_SEED)

    ARRAYS = array("", "largest relative difference over random networks").each("{}", IDENTITIES)

    def compute(self, seed: None) -> Data:
        """Return the largest relative differences over random networks."""
        key = jax.random.key(self.network_seed)
        every = {sizes for _, _, sizes in IDENTITIES.values()}
        drawn = {sizes: networks((N_INPUTS, *sizes), self, key) for sizes in every}

        def largest(difference: Difference, estimator: Estimator, sizes: Sizes) -> np.ndarray:
            values = jax.jit(jax.vmap(partial(difference, estimator)))(*drawn[sizes])
            return np.asarray(values).max()

        return {name: largest(*identity) for name, identity in IDENTITIES.items()}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return all differences."""
        return {name: exact(value, atol=1e-11) for name, value in data.items()}


def networks(sizes: Sizes, config: EstimatorIdentities, key: Array) -> Networks:
    """Return networks with Gaussian weights and inputs, and random quadratic losses."""
    n, n_out = config.n_networks, sizes[-1]
    shapes = [(sizes[0],), (n_out, n_out), (n_out,), *itertools.pairwise(sizes)]
    x, form, linear, *values = gaussians(key, n, shapes)
    escape = snn.escape.Sigmoid(jnp.full(n, config.beta))
    network = snn.MLP(sizes, escape, jnp.zeros(n))
    loss = Quadratic(jnp.asarray(form), jnp.asarray(linear))
    return snn.Program(network, jnp.asarray(x), loss), weights(values, 1.0)
