"""Measures variances over batches of trials."""

from collections.abc import Iterator

import jax
import numpy as np

import snn
from experiments.batches import layer_batches
from experiments.flip_variance import N_BATCHES, VARIANTS, FlipVariance
from experiments.gradient_comparison import squared_norm
from experiments.lif_task import lif_task
from snn.coupling import Left, StraightThrough, TwoSided
from snn.estimators.base import Estimator
from snn.estimators.score_function import ScoreFunction
from snn.flips import Independent, Stratified, Systematic


def compute(config: FlipVariance, seed: int) -> dict[str, np.ndarray]:
    """One network.

    Returns:
        ``variance`` of stochastic AD, ``(variant, n_flips, layer)``; ``all_flips``,
        ``score_function`` and ``surrogate``, of one trial each, ``(layer,)``, all relative to the
        squared norm of the true gradient of that layer. ``n_flips``, and the names of the ``variants``.
    """
    key, noise_key, reference_key = jax.random.split(jax.random.key(seed), 3)
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    problem = lif_task(key, sizes, config.steps, config.beta, config.recurrence)
    best = snn.StochasticAD(n_flips=max(config.n_flips), draw=Systematic(), batch_size=16)
    reference = layer_batches(best, *problem, reference_key, N_BATCHES, config.n_trials)
    norms = np.array([squared_norm(layer) for layer in reference])

    def variance(estimator: Estimator, n_trials: int = config.n_trials) -> np.ndarray:
        layers = layer_batches(estimator, *problem, noise_key, N_BATCHES, n_trials)
        size = n_trials // N_BATCHES
        return np.array([size * g.var(axis=0, ddof=1).sum() for g in layers]) / norms

    variants = dict(zip(VARIANTS, _variants(), strict=True))
    table = [
        [
            variance(snn.StochasticAD(coupling, n_flips=n, draw=draw, batch_size=16))
            for n in config.n_flips
        ]
        for coupling, draw in variants.values()
    ]
    return {
        "n_flips": np.array(config.n_flips),
        "variants": np.array(VARIANTS),
        "variance": np.array(table),
        "all_flips": variance(snn.StochasticAD(batch_size=1), config.n_trials_all),
        "score_function": variance(ScoreFunction()),
        "surrogate": variance(snn.Surrogate(reset=snn.through)),
    }


def _variants() -> Iterator[tuple]:
    """Coupling and draw of each variant."""
    for draw in (Independent(), Stratified(), Systematic()):
        yield StraightThrough(), draw
    yield Left(), Systematic()
    yield TwoSided(), Systematic()
