"""Enumerates the exact gradient, and holds estimates against it."""

import jax
import numpy as np

import snn
from experiments.enumerated_gradient import MAX_SITES, RESETS, UNBIASED, EnumeratedGradient
from experiments.lif_task import lif_task
from snn.estimators.base import Estimator
from snn.estimators.score_function import LeaveOneOut
from snn.estimators.suffix_replays import SuffixReplays
from snn.flips import Systematic
from snn.stats import cosine, flatten, flatten_trials, mean_and_se, z_score

ROUNDING = 1e-4
"""Relative error of sums over all spike patterns in single precision, with room to spare."""


def compute(config: EnumeratedGradient, seed: int) -> dict[str, np.ndarray]:
    """One network.

    Returns:
        ``max_abs_z``, the largest z-score over parameters of each unbiased estimate, and
        ``surrogate_max_abs_z`` that of the surrogate gradient through the reset; ``cosine`` and
        ``ratio`` of norms of the expected surrogate gradient, by derivative of the reset.
    """
    key, noise_key, own_key = jax.random.split(jax.random.key(seed), 3)
    sizes = tuple(config.sizes)
    problem = lif_task(
        key,
        sizes,
        config.steps,
        config.beta,
        config.recurrence,
        input_rate=config.input_rate,
    )
    exact = flatten(snn.ExactEnumeration(max_sites=MAX_SITES)(*problem).grad)
    noise = snn.draw_noise(*problem, noise_key, config.n_trials)

    # Of weights without influence both are rounding errors.
    matters = np.abs(exact) > ROUNDING * np.abs(exact).max()

    def max_abs_z(estimator: Estimator) -> float:
        each = estimator.per_trial(*problem, noise, own_key).grad
        z = z_score(mean_and_se(flatten_trials(each)), exact)
        return np.abs(z[matters]).max()

    unbiased = (
        snn.StochasticAD(n_flips=config.n_flips),
        snn.StochasticAD(n_flips=config.n_flips, draw=Systematic()),
        SuffixReplays(flips_per_block=config.n_flips, n_blocks=2),
        snn.ScoreFunction(LeaveOneOut()),
    )
    expected = [
        flatten(snn.Expected(snn.Surrogate(reset=getattr(snn, reset)))(*problem).grad)
        for reset in RESETS
    ]
    zs = dict(zip(UNBIASED, map(max_abs_z, unbiased), strict=True))
    norm = np.linalg.norm(exact)
    return {
        "max_abs_z": np.array([zs[name] for name in UNBIASED]),
        "surrogate_max_abs_z": np.array(max_abs_z(snn.Surrogate(reset=snn.through))),
        "cosine": np.array([cosine(g, exact) for g in expected]),
        "ratio": np.array([np.linalg.norm(g) / norm for g in expected]),
    }
