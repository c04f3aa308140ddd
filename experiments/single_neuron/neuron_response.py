"""Response of one neuron: a surrogate gradient equals the slope of the mean response."""

from collections.abc import Callable
from functools import partial
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
    OneOf,
    Positive,
    Quantity,
    Seed,
    array,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.single_neuron.escape_noises import SHAPES
from experiments.statistics import pooled_mean
from snn.draws import draw_numbers
from snn.noise import Uniforms


class NeuronResponse(Experiment):
    """Spikes, mean response and derivative of one neuron against the membrane potential.

    The neuron is run with threshold spikes and a surrogate gradient, and with escape noise. The
    derivative of the mean response is measured on the noisy neuron's spikes alone.
    """

    noise: Annotated[str, OneOf(SHAPES)] = param(
        "sigmoid", "escape noise; the derivative of its firing probability is the surrogate"
    )
    beta: Positive = param(
        5.0,
        "slope of the noise: 1/sigma of a gaussian, 1/delta_u of an exponential",
        unit="1/potential",
    )
    theta: float = param(1.0, "firing threshold, between u_low and u_high", unit="potential")
    u_low: float = param(0.0, "lowest membrane potential shown", unit="potential")
    u_high: float = param(2.0, "highest membrane potential shown", unit="potential")
    n_raster_trials: Annotated[int, Field(ge=2, le=10_000)] = param(30, "trials of the raster")
    n_raster_points: Annotated[int, Field(ge=2, le=10_000)] = param(
        61, "membrane potentials of the raster"
    )
    n_trials: Annotated[int, Field(ge=100, le=1_000_000)] = param(
        10_000, "trials for each measured mean and derivative"
    )
    n_points: Annotated[int, Field(ge=2, le=10_000)] = param(
        25, "membrane potentials with a measured mean and derivative"
    )
    half_step: Positive = param(
        0.02, "step h of the difference quotient, which blurs kinks", unit="potential"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "theta": array("seed", "threshold"),
        "u": array("seed, point", "membrane potential"),
        "step": array("seed, point", "spike of the deterministic neuron"),
        "surrogate": array("seed, point", "surrogate derivative of the step", unit="1/potential"),
        "probability": array("seed, point", "firing probability of the stochastic neuron"),
        "slope": array(
            "seed, point",
            "derivative of the firing probability, by enumeration",
            unit="1/potential",
        ),
        "u_raster": array("seed, column", "potentials of the rasters"),
        **array("seed, trial, column", "spikes of the deterministic or stochastic neuron").each(
            "raster_{}", ("deterministic", "stochastic")
        ),
        "u_measured": array("seed, point", "potentials at which trials are averaged"),
        "mean": array("seed, point", "mean spike over trials"),
        "spread": array(
            "seed, end, point", "5 and 95 % of means over as many trials as the raster has"
        ),
        "difference": array(
            "seed, point", "difference quotient of trial means", unit="1/potential"
        ),
        "difference_se": array("seed, point", "its standard error", unit="1/potential"),
        "slope_measured": array(
            "seed, point", "exact slope at these potentials, by enumeration", unit="1/potential"
        ),
        "pooled_mean": array("point", "mean spike over all seeds"),
        "pooled_spread": array("end, point", "spread over all seeds"),
        "pooled_difference": array(
            "point", "difference quotient over all seeds", unit="1/potential"
        ),
        "pooled_difference_se": array("point", "its standard error", unit="1/potential"),
    }

    def check(self) -> None:
        """Check that the threshold is in the range shown, and that the quotient's step is small.

        Raises:
            ValueError: If one of these conditions does not hold.
        """
        if not self.u_high > self.u_low:
            raise ValueError(f"u_high is not above u_low: {self.given('u_high', 'u_low')}")
        if not self.u_low <= self.theta <= self.u_high:
            names = self.given("theta", "u_low", "u_high")
            raise ValueError(f"the threshold is outside of the range shown: {names}")
        if self.half_step * self.beta > 0.2:
            # The quotient's error over the slope's scale is (h beta)^2 / 6.
            names, expected = self.given("half_step", "beta"), "expected half_step * beta <= 0.2"
            raise ValueError(f"the step is too coarse for the slope: {names}; {expected}")

    def compute(self, seed: int) -> Data:
        """Return responses and derivatives of the neuron against the membrane potential u."""
        network = snn.MLP((1, 1), SHAPES[self.noise].make(self.beta), self.theta)
        program = snn.Program(network, np.zeros(1), snn.losses.Linear())
        arrays = _responses(
            program,
            np.array([self.u_low, self.u_high]),
            self.half_step,
            jax.random.key(seed),
            raster=(self.n_raster_points, self.n_raster_trials),
            measured=(self.n_points, self.n_trials),
        )
        return {name: np.asarray(array) for name, array in (arrays | {"theta": self.theta}).items()}

    def pooled(self, data: Data) -> Data:
        """Return mean, spread and difference over seeds, with the standard error of the latter."""
        difference, se = pooled_mean(data["difference"], data["difference_se"])
        over_seeds = {f"pooled_{name}": data[name].mean(axis=0) for name in ("mean", "spread")}
        return over_seeds | {"pooled_difference": difference, "pooled_difference_se": se}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the deviations of the surrogate and of the measured derivative from the slope.

        ``measured_slope_at_threshold`` is taken at the measured potential closest to threshold.
        ``measured_slope_rms_z`` is left out if no point has enough trials for a standard error.
        """
        u, surrogate, slope = data["u"][0], data["surrogate"][0], data["slope"][0]
        probability = data["probability"][0]
        rise = probability[-1] - probability[0]
        at_threshold = np.argmin(np.abs(data["u_measured"][0] - self.theta))
        measured = data["difference"][:, at_threshold]
        error = np.sqrt(np.sum(data["difference_se"][:, at_threshold] ** 2)) / measured.size
        # A standard error is reliable only if enough trials change their spike.
        counted = 2 * self.half_step * self.n_trials * data["slope_measured"] >= 20
        # Across a kink or jump of the slope, the quotient differs from the derivative.
        edge = self.theta + SHAPES[self.noise].edge / self.beta
        counted &= np.abs(data["u_measured"] - edge) > self.half_step
        z = (data["difference"] - data["slope_measured"])[counted] / data["difference_se"][counted]
        quantities = {
            "surrogate_minus_slope_max": exact(np.abs(surrogate - slope).max(), rtol=0, atol=1e-12),
            "surrogate_peak": exact(surrogate.max()),
            "surrogate_integral_minus_rise": exact(
                np.trapezoid(surrogate, u) - rise, rtol=0, atol=1e-6
            ),
            "measured_slope_at_threshold": statistical(measured.mean(), error),
        }
        if z.size:
            rms, se = np.sqrt(np.mean(z**2)), 1 / np.sqrt(2 * z.size)
            quantities["measured_slope_rms_z"] = statistical(rms, se)
        return quantities


Sizes = tuple[int, int]
"""Numbers of membrane potentials and of trials."""


@partial(jax.jit, static_argnames=("raster", "measured"))
def _responses(
    program: snn.Program, ends: Array, half_step: float, key: Array, raster: Sizes, measured: Sizes
) -> dict[str, Array]:
    """Return the arrays of `NeuronResponse`, without the threshold.

    Args:
        program: the neuron.
        ends: lowest and highest membrane potential.
        half_step: h of the difference quotient.
        key: a JAX random key for the noise of all trials.
        raster: sizes of the raster.
        measured: sizes of the averages.
    """
    step = snn.Surrogate(snn.surrogate.Matched(), forward=snn.threshold)
    exact = snn.ExactEnumeration()

    def derivative(estimator: snn.Surrogate | snn.ExactEnumeration) -> Callable:
        return jax.vmap(lambda u: _value_and_slope(estimator, program, u))

    low, high = ends
    u = jnp.linspace(low, high, 401)
    u_raster, u_measured = (jnp.linspace(low, high, n_points) for n_points, _ in (raster, measured))
    raster_key, mean_key = jax.random.split(key)
    raster_noise, noise = _noise(raster_key, *raster), _noise(mean_key, *measured)
    spikes = _spikes(program, u_measured, noise, snn.sample)
    # The same noise on both sides: only the trials that the step 2h makes fire contribute.
    changes = [
        _spikes(program, u_measured + side * half_step, noise, snn.sample) for side in (1, -1)
    ]
    difference = snn.stats.mean_and_se((changes[0] - changes[1]) / (2 * half_step))
    data = dict(zip(("step", "surrogate"), derivative(step)(u), strict=True))
    data |= dict(zip(("probability", "slope"), derivative(exact)(u), strict=True))
    return data | {
        "u": u,
        "u_raster": u_raster,
        "raster_deterministic": _spikes(program, u_raster, raster_noise, snn.threshold),
        "raster_stochastic": _spikes(program, u_raster, raster_noise, snn.sample),
        "u_measured": u_measured,
        "mean": spikes.mean(axis=0),
        "spread": _spread_of_means(spikes, raster[1]),
        "difference": difference.mean,
        "difference_se": difference.se,
        "slope_measured": derivative(exact)(u_measured)[1],
    }


def _params(u: Array) -> list[dict[str, Array]]:
    """Return a neuron without input: its bias is the membrane potential, and d/dbias is d/du."""
    return [{"w": jnp.zeros((1, 1)), "b": u[None]}]


def _value_and_slope(
    estimator: snn.Surrogate | snn.ExactEnumeration, program: snn.Program, u: Array
) -> tuple[Array, Array]:
    """Return the mean spike at ``u`` and its derivative, by estimators without sampling."""
    estimate = estimator(program, _params(u), Uniforms((jnp.full((1, 1), 0.5),)))
    return estimate.loss, estimate.grad[0]["b"][0]


def _noise(key: Array, n_points: int, n_trials: int) -> Uniforms:
    """Return independent noise for each membrane potential and trial, ``(point, trial, 1)``."""
    return Uniforms((draw_numbers(jax.random.uniform, key, (n_points, n_trials, 1)),))


def _spikes(program: snn.Program, u: Array, noise: Uniforms, forward: Callable) -> Array:
    """Return spikes ``(trial, point)`` of the neuron at each potential ``u``."""

    def trial(u: Array, xi: Uniforms) -> Array:
        return program(_params(u), xi, snn.Spike(forward)).output[0]

    return jax.vmap(jax.vmap(trial, (None, 0)))(u, noise).T


def _spread_of_means(spikes: Array, n_trials: int) -> Array:
    """Return the 5 % and 95 % quantiles of the means over ``n_trials`` trials, ``(2, point)``."""
    n_groups = max(spikes.shape[0] // n_trials, 1)
    groups = spikes[: n_groups * n_trials].reshape(n_groups, -1, spikes.shape[1])
    return jnp.quantile(groups.mean(axis=1), jnp.array([0.05, 0.95]), axis=0)
