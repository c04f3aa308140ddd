"""Error of gradient estimates, against the number of samples."""

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
    Quantity,
    Seed,
    array,
    at,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.estimators import estimator, is_unbiased
from experiments.single_neuron.late_spike import LateSpike, params, program
from experiments.statistics import pooled_rms
from snn.noise import Uniforms
from snn.types import Params

SAMPLED = ("surrogate", "smoothed_right", "stochastic_ad", "score_function_no_baseline")


class EstimatorError(LateSpike):
    """Error of estimates of d P(late spike) / dw, against the number of trials.

    Averaging removes the error of unbiased estimators; the error of biased estimators remains.
    """

    n_trials: Annotated[int, Field(ge=100, le=10_000_000)] = param(
        10_000, "largest number of samples"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "exact": array("seed", "derivative of E[S] at the late step, by enumeration"),
        "expected_surrogate": array("seed", "expectation of the surrogate gradient"),
        "surrogate_deterministic": array("seed", "surrogate gradient of the deterministic neuron"),
        "n_samples": array("seed, size", "trials that are averaged"),
        "surrogate_deterministic_pooled_error": array(
            "", "relative error of this surrogate gradient"
        ),
        **array("size", "relative error of the mean, root mean square over groups and seeds").each(
            "{}_pooled_error", SAMPLED
        ),
        **array(
            "seed, size", "relative error of the mean, root mean square over groups of trials"
        ).each("{}_error", SAMPLED),
        **array("seed", "mean over all trials").each("{}_mean", SAMPLED),
        **array("seed", "standard error of the mean").each("{}_se", SAMPLED),
    }

    def compute(self, seed: int) -> Data:
        """Return errors over the exact derivative, root mean square over groups of trials."""
        late, w = program(self, self.late_step, self.late_step + 1), params(self)
        noise = snn.draw_noise(late, w, jax.random.key(seed), self.n_trials)
        return {name: np.asarray(array) for name, array in _errors(late, w, noise).items()}

    def pooled(self, data: Data) -> Data:
        """Return root mean squares over seeds, ``..._pooled_error``."""
        arrays = {f"{name}_pooled_error": pooled_rms(data[f"{name}_error"]) for name in SAMPLED}
        ratio = data["surrogate_deterministic"][0] / data["exact"][0]
        return arrays | {"surrogate_deterministic_pooled_error": np.abs(ratio - 1)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return estimates over the exact derivative, and z-scores of the unbiased estimators."""
        truth = data["exact"][0]
        quantities = {
            "exact": exact(truth),
            at("over_exact", "sg"): exact(data["expected_surrogate"][0] / truth),
            at("over_exact", "sg_deterministic"): exact(data["surrogate_deterministic"][0] / truth),
        }
        for name in SAMPLED:
            mean = data[f"{name}_mean"].mean()
            error = np.sqrt(np.sum(data[f"{name}_se"] ** 2)) / data[f"{name}_se"].size
            quantities[at("over_exact", name)] = statistical(mean / truth, error / abs(truth))
            if is_unbiased(name):
                quantities[at("z", name)] = statistical((mean - truth) / error, 1.0)
        return quantities


@jax.jit
def _errors(late: snn.Program, w: Params, noise: Uniforms) -> dict[str, Array]:
    deterministic = estimator("surrogate_deterministic")
    first = jax.tree.map(lambda xi: xi[:1], noise)
    exact = _derivative(estimator("exact_enumeration")(late, w, noise))
    n_trials = noise.values[0].shape[0]
    decades = np.log10(n_trials)
    n_samples = np.unique(np.logspace(0, decades, round(4 * decades) + 1).round().astype(int))
    data = {
        "n_samples": n_samples,
        "exact": exact,
        "expected_surrogate": _derivative(estimator("surrogate_expected")(late, w, noise)),
        "surrogate_deterministic": _derivative(deterministic(late, w, first)),
    }
    samples = [_derivative(estimator(name).per_trial(late, w, noise)) for name in SAMPLED]
    # All estimators at once: a program of few sums is compiled in less time.
    errors = [_rms_errors(jnp.stack(samples), n, exact) for n in n_samples.tolist()]
    for name, own, error in zip(SAMPLED, samples, jnp.stack(errors, axis=1), strict=True):
        mean, se = snn.stats.mean_and_se(own)
        data |= {f"{name}_error": error, f"{name}_mean": mean, f"{name}_se": se}
    return data


def _derivative(estimate: snn.Estimate) -> Array:
    """Return the derivative by the only weight; a gradient per trial gives one per trial."""
    return estimate.grad[0]["w"][..., 0, 0]


def _rms_errors(samples: Array, n: int, exact: Array) -> Array:
    """Return root-mean-square errors of means over ``n`` samples, over the exact derivative.

    Args:
        samples: One row per estimator, ``(estimator, trial)``.
        n: Number of samples of a mean.
        exact: The exact derivative.

    Returns:
        The error of each estimator, ``(estimator,)``.
    """
    n_estimators, n_trials = samples.shape
    blocks = samples[:, : n_trials // n * n].reshape(n_estimators, -1, n).mean(axis=2)
    return jnp.sqrt(jnp.mean((blocks - exact) ** 2, axis=1)) / jnp.abs(exact)
