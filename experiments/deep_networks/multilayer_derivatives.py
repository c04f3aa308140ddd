"""Gradient estimates for a multi-layer stochastic network, against the exact gradient."""

from collections.abc import Iterator
from typing import Annotated

import jax
import numpy as np
from jax import Array
from pydantic import Field

import snn
from experiments.deep_networks.stochastic_mlp import StochasticMLP, build, layer_of_parameter
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    OneOf,
    Quantity,
    Seed,
    array,
    at,
    band,
    exact,
    listed,
    param,
    seeds_param,
    stacked,
    statistical,
)
from experiments.engine.progress import track
from experiments.estimators import CATALOGUE, estimator, is_unbiased
from experiments.merge_estimators import merge_estimators
from experiments.statistics import ROUNDING, pooled_mean, pooled_rms, wrong_sign
from snn.estimators.base import Estimator, Oracle, n_trials
from snn.stats import mean_and_se
from snn.types import Noise, Params

FAMILIES = ("stochastic_ad", "score_function")
"""Families of unbiased variants: the summary has the largest z-score of each family."""
CHANCE = "a normal mean has |z| > 5 once in 1.7 million parameters"
OF_SG = "bias_over_that_of_sg"


class MultilayerDerivatives(StochasticMLP):
    """Bias and variance of gradient estimators in a stochastic multi-layer network."""

    estimators: Distinct[Annotated[str, OneOf(CATALOGUE)]] = param(
        ["surrogate", "mean_field", "stochastic_ad"], "estimators to compare, each by its name"
    )
    n_trials: Annotated[int, Field(ge=16, le=10_000_000)] = param(
        4096, "trials per seed and estimator"
    )
    n_flips: Count = param(2, "spikes flipped per trial by stochastic_ad_few_flips")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "exact": array("seed, parameter", "exact gradient, by enumeration"),
        "oracle_disagreement": array(
            "seed", "largest difference between the two oracles, relative to the gradient"
        ),
        "layer": array("seed, parameter", "layer of each parameter"),
        "estimators": array("seed, estimator", "names"),
        "group_sizes": array("seed, size", "trials that are averaged"),
        "evaluations": array("seed, estimator", "evaluations of the network per trial"),
        "mean": array("seed, estimator, parameter", "mean over trials"),
        "se": array("seed, estimator, parameter", "its standard error"),
        "expected": array(
            "seed, estimator, parameter", "exact expectation where it can be enumerated, else NaN"
        ),
        "error": array(
            "seed, estimator, size",
            "relative error of the mean, root mean square over groups of trials",
        ),
        "pooled_mean": array("estimator, parameter", "mean over trials and seeds"),
        "pooled_se": array("estimator, parameter", "standard error of this mean"),
        "sampled_bias": array(
            "estimator", "norm of the bias over the norm of the gradient, sampled"
        ),
        "sampled_bias_se": array(
            "estimator", "norm of the standard error over the norm of the gradient"
        ),
        "seed_bias": array("seed, estimator", "relative norm of the bias, seed by seed"),
        "expected_bias": array(
            "estimator", "relative norm of the exact bias, NaN if the expectation is not known"
        ),
        "largest_z": array("estimator", "largest z-score over parameters, NaN without noise"),
        "pooled_error": array("estimator, size", "error over all seeds"),
        "along": array(
            "seed, estimator",
            "component of the bias along the bias of the SG, in units of the latter",
        ),
        "along_se": array("seed, estimator", "its standard error"),
        "bias_over_that_of_sg": array(
            "estimator", "component of the bias along the bias of the SG, over all seeds"
        ),
        "bias_over_that_of_sg_se": array("estimator", "its standard error"),
    }

    def check(self) -> None:
        """Refuse more flips than there are neurons.

        Raises:
            ValueError: For more flips than there are neurons.
        """
        super().check()
        if self.n_flips > self.n_sites:
            names, expected = self.given("n_flips", "sizes"), f"expected 1 to {self.n_sites}"
            raise ValueError(f"more flips than neurons: {names}; {expected}")

    def compute(self, seed: int) -> Data:
        """Return the estimates of every estimator on the same noise."""
        program, params = build(self)
        matched = snn.Expected(estimator("surrogate", beta=self.beta))
        oracles = snn.ExactEnumeration(), snn.TransferMatrix(), matched
        gradient, other, sg = (flat(oracle(program, params).grad) for oracle in oracles)
        k_noise, k_estimator = jax.random.split(jax.random.key(seed))
        # Not compiled as a whole: one program for all layers takes ten times as long to compile.
        noise = snn.draw_noise(program, params, k_noise, self.n_trials)
        group_sizes = 2 ** np.arange(int(np.log2(self.n_trials)) - 3)
        rows = []
        for method in track(self._estimators(), "estimators"):
            trials, evaluations, expected = per_trial(method, program, params, noise, k_estimator)
            mean, se = mean_and_se(trials)
            error = [group_error(trials, gradient, int(n)) for n in group_sizes]
            share, share_se = along(sg - gradient, trials - gradient)
            row = {"evaluations": evaluations, "mean": mean, "se": se, "expected": expected}
            rows.append(row | {"error": error, "along": share, "along_se": share_se})
        return {
            "exact": gradient,
            "oracle_disagreement": np.abs(other - gradient).max() / np.abs(gradient).max(),
            "layer": layer_of_parameter(params),
            "estimators": np.array(self.estimators),
            "group_sizes": group_sizes,
            **stacked(rows),
        }

    def _estimators(self) -> list[Estimator]:
        """Return the estimators; variants that differ only in the coupling share a program."""
        by_name = {n: estimator(n, beta=self.beta, n_flips=self.n_flips) for n in self.estimators}
        alike = [
            n for n, e in by_name.items() if isinstance(e, snn.StochasticAD) and not e.needs_key
        ]
        shared = merge_estimators([by_name[name] for name in alike], "coupling")
        return list((by_name | dict(zip(alike, shared, strict=True))).values())

    def pooled(self, data: Data) -> Data:
        """Return means, errors and biases over all seeds, by estimator."""
        gradient = data["exact"][0]
        mean, se = pooled_mean(data["mean"], data["se"])

        def relative(vectors: np.ndarray) -> np.ndarray:
            return np.linalg.norm(vectors, axis=-1) / np.linalg.norm(gradient)

        share, share_se = pooled_mean(data["along"], data["along_se"])
        noisy = se > ROUNDING
        z = np.abs(np.divide(mean - gradient, se, out=np.zeros_like(se), where=noisy))
        return {
            "pooled_mean": mean,
            "pooled_se": se,
            "sampled_bias": relative(mean - gradient),
            "sampled_bias_se": relative(se),
            "seed_bias": relative(data["mean"] - gradient),
            "expected_bias": relative(data["expected"][0] - gradient),
            "largest_z": np.where(noisy.any(axis=-1), z.max(axis=-1), np.nan),
            "pooled_error": pooled_rms(data["error"]),
            OF_SG: share,
            f"{OF_SG}_se": share_se,
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return exact biases, and z-scores of sampled means."""
        gradient, names = data["exact"][0], listed(data, "estimators")
        expected = dict(zip(names, data["expected"][0], strict=True))
        z = {name: np.abs(scores).max() for name, scores in z_scores(data)}
        quantities = {
            "oracle_disagreement": exact(data["oracle_disagreement"][0], atol=ROUNDING),
        }
        for name, mean in expected.items():
            if np.isfinite(mean).all():
                bias = np.linalg.norm(mean - gradient) / np.linalg.norm(gradient)
                quantities[at("relative_bias", name)] = exact(float(bias), atol=1e-10)
        if "surrogate" in z:
            wrong = wrong_sign(expected["surrogate"], gradient).mean()
            quantities["surrogate_wrong_sign_fraction"] = exact(wrong)
            # The standard error of a z-score is 1.
            quantities[at("max_abs_z", "surrogate")] = statistical(z["surrogate"], 1.0)
        largest: dict[str, float] = {}
        for name, value in z.items():
            if is_unbiased(name):
                family = next((f for f in FAMILIES if name.startswith(f)), name)
                largest[family] = max(value, largest.get(family, 0.0))
        for family, value in largest.items():
            quantities[at("max_abs_z", family)] = band(value, 0, 5, CHANCE)
        share, se = pooled_mean(data["along"], data["along_se"])
        for i, name in enumerate(names):
            if np.isfinite(share[i]) and (is_unbiased(name) or name == "surrogate") and se[i] > 0:
                quantities[at(OF_SG, name)] = statistical(share[i], se[i])
        return quantities


def z_scores(data: Data) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the z-score of each estimator's mean over all seeds, parameter by parameter."""
    mean, se = pooled_mean(data["mean"], data["se"])
    for name, m, s in zip(listed(data, "estimators"), mean, se, strict=True):
        if s.any():
            difference = m - data["exact"][0]
            yield name, np.divide(difference, s, out=np.zeros_like(s), where=s > 0)


def per_trial(
    method: Estimator, program: snn.Program, params: Params, noise: Noise, key: Array
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return gradients ``(trial, parameter)``, evaluations per trial and the expectation.

    The expectation, ``(parameter,)``, is NaN if a trial's gradient depends on more than the spikes
    of the trial, such as replays or other trials. Every trial of an oracle has the same gradient.
    """
    if isinstance(method, Oracle):
        estimate = method(program, params, noise)
        grad = flat(estimate.grad)
        trials = np.broadcast_to(grad, (n_trials(noise), grad.size))
        return trials, float(estimate.n_evaluations), grad
    estimate = method.per_trial(program, params, noise, key)
    trials = flat(estimate.grad, n_trials(noise))
    expected = np.full_like(trials[0], np.nan)
    if method.depends_only_on_spikes:
        expected = flat(snn.Expected(method)(program, params).grad)
    return trials, float(np.mean(np.asarray(estimate.n_evaluations))), expected


def flat(gradient: Params, *trials: int) -> np.ndarray:
    """Flatten a gradient like `snn.stats.flatten`, without compiling for each shape."""
    leaves = jax.tree.leaves(gradient)
    return np.concatenate([np.asarray(leaf).reshape(*trials, -1) for leaf in leaves], axis=-1)


def along(bias: np.ndarray, errors: np.ndarray) -> snn.stats.Mean:
    """Return the component of the mean error along a bias, in units of this bias.

    The component is 1 for the same bias and 0 for none. As one number for all parameters it shows a
    bias that is smaller than the noise of every single parameter.

    Args:
        bias: E[SG] - exact, ``(parameter,)``.
        errors: estimate - exact of every trial, ``(trial, parameter)``.

    Returns:
        Mean and standard error; NaN without a bias.
    """
    size = np.sum(bias**2)
    return mean_and_se(errors @ bias / (size if size > ROUNDING**2 else np.nan))


def group_error(trials: np.ndarray, gradient: np.ndarray, size: int) -> float:
    """Return the root-mean-square relative error of means over groups of ``size`` trials."""
    groups = trials[: len(trials) // size * size].reshape(-1, size, trials.shape[1]).mean(axis=1)
    squared = np.sum((groups - gradient) ** 2, axis=1) / np.sum(gradient**2)
    return float(np.sqrt(squared.mean()))
