"""Gradients of one network by every estimator, from the same trials."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.engine.progress import track
from experiments.multilayer_derivatives import ESTIMATORS, MultilayerDerivatives
from experiments.stochastic_mlp.network import build, layer_of_parameter
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.base import Estimator, n_trials
from snn.estimators.score_function import LeaveOneOut, NoBaseline
from snn.stats import flatten, flatten_trials, mean_and_se
from snn.types import Noise, Params

MAKE = {
    "surrogate": lambda config: snn.Surrogate(),
    "smoothed_straight_through": lambda config: snn.SmoothedStochasticAD(StraightThrough()),
    "smoothed_right": lambda config: snn.SmoothedStochasticAD(Right()),
    "smoothed_left": lambda config: snn.SmoothedStochasticAD(Left()),
    "smoothed_two_sided": lambda config: snn.SmoothedStochasticAD(TwoSided()),
    "mean_field": lambda config: snn.MeanField(),
    "stochastic_ad": lambda config: snn.StochasticAD(StraightThrough()),
    "stochastic_ad_right": lambda config: snn.StochasticAD(Right()),
    "stochastic_ad_left": lambda config: snn.StochasticAD(Left()),
    "stochastic_ad_two_sided": lambda config: snn.StochasticAD(TwoSided()),
    "stochastic_ad_few_flips": lambda config: snn.StochasticAD(n_flips=config.n_flips),
    "score_function": lambda config: snn.ScoreFunction(LeaveOneOut()),
    "score_function_no_baseline": lambda config: snn.ScoreFunction(NoBaseline()),
}
if tuple(MAKE) != ESTIMATORS:
    raise ImportError(f"the schema names {ESTIMATORS}, but {tuple(MAKE)} can be made")


def compute(config: MultilayerDerivatives, seed: int) -> dict[str, np.ndarray]:
    """Runs every estimator on the same noise.

    Args:
        config: the network, the estimators and the number of trials.
        seed: seed of the trials.

    Returns:
        exact: exact gradient by enumeration, ``(parameter,)``.
        oracle_disagreement: largest difference of the two oracles, relative to the gradient.
        layer: layer of each parameter, ``(parameter,)``.
        estimators: their names, ``(estimator,)``.
        evaluations: evaluations of the network per trial, ``(estimator,)``.
        mean, se: mean over trials and its standard error, ``(estimator, parameter)``.
        expected: exact expectation of each estimator where it can be enumerated, else NaN.
        group_sizes: numbers of trials that are averaged, ``(group size,)``.
        error: root mean square of |mean - exact| / |exact| over groups of so many trials,
            ``(estimator, group size)``. The leave-one-out baseline is that of all trials.
    """
    program, params = build(config)
    gradient = np.asarray(flatten(snn.ExactEnumeration()(program, params).grad))
    other = np.asarray(flatten(snn.TransferMatrix()(program, params).grad))
    k_noise, k_estimator = jax.random.split(jax.random.key(seed))
    draw = jax.jit(lambda key: snn.draw_noise(program, params, key, config.n_trials))
    noise = draw(k_noise)
    group_sizes = 2 ** np.arange(int(np.log2(config.n_trials)) - 3)
    rows = []
    for name in track(config.estimators, "estimators"):
        estimator = MAKE[name](config)
        run = smoothed_network if name == "mean_field" else per_trial
        trials, evaluations, expected = run(estimator, program, params, noise, k_estimator)
        mean, se = mean_and_se(trials)
        rows.append(
            {
                "evaluations": evaluations,
                "mean": mean,
                "se": se,
                "expected": expected,
                "error": [group_error(np.asarray(trials), gradient, int(n)) for n in group_sizes],
            }
        )
    return {
        "exact": gradient,
        "oracle_disagreement": np.abs(other - gradient).max() / np.abs(gradient).max(),
        "layer": layer_of_parameter(params),
        "estimators": np.array(config.estimators),
        "group_sizes": group_sizes,
        **{key: np.stack([np.asarray(row[key]) for row in rows]) for key in rows[0]},
    }


def per_trial(
    estimator: Estimator, program: snn.Program, params: Params, noise: Noise, key: Array
) -> tuple[Array, float, Array]:
    """Gradient of each trial, ``(trial, parameter)``, evaluations per trial, and expectation.

    The expectation, ``(parameter,)``, is NaN where a trial depends on more than its own spikes:
    on replays, or on other trials.
    """
    estimate = estimator.per_trial(program, params, noise, key)
    expected = jnp.full_like(flatten(params), jnp.nan)
    if estimator.from_spikes_alone:
        expected = flatten(snn.Expected(estimator)(program, params).grad)
    return flatten_trials(estimate.grad), float(np.mean(estimate.n_evaluations)), expected


def smoothed_network(
    estimator: snn.MeanField, program: snn.Program, params: Params, noise: Noise, key: Array
) -> tuple[Array, float, Array]:
    """As `per_trial`, for mean field: every trial has the same gradient."""
    estimate = estimator(program, params)
    grad = flatten(estimate.grad)
    trials = jnp.broadcast_to(grad, (n_trials(noise), grad.size))
    return trials, float(estimate.n_evaluations), grad


def group_error(trials: np.ndarray, gradient: np.ndarray, size: int) -> float:
    """Root-mean-square relative error of means over disjoint groups of ``size`` trials."""
    groups = trials[: len(trials) // size * size].reshape(-1, size, trials.shape[1]).mean(axis=1)
    squared = np.sum((groups - gradient) ** 2, axis=1) / np.sum(gradient**2)
    return float(np.sqrt(squared.mean()))
