"""Measures variances over batches of trials."""

from collections.abc import Callable

import jax
import numpy as np

import snn
from experiments.flip_variance import N_BATCHES, N_BLOCKS, VARIANTS, FlipVariance
from experiments.flip_variance.truncation import measure_truncation
from experiments.gradient_comparison import squared_norm
from experiments.lif_task import lif_task
from experiments.trial_batches import layer_batches
from snn.coupling import Coupling, Left, StraightThrough, TwoSided
from snn.estimators.base import Estimator
from snn.estimators.score_function import LeaveOneOut
from snn.estimators.suffix_replays import SuffixReplays
from snn.flips import Draw, Independent, Stratified, Systematic
from snn.free_output import ExpectedVanRossum, FreeOutput
from snn.types import Program

PER_RUN = 16
"""Trials at once: their replays fit into the processor's cache."""


def _stochastic_ad(coupling: Coupling, draw: Draw) -> Callable[[int], Estimator]:
    return lambda n: snn.StochasticAD(coupling, n_flips=n, draw=draw, batch_size=PER_RUN)


MAKE = {
    "independent": _stochastic_ad(StraightThrough(), Independent()),
    "stratified": _stochastic_ad(StraightThrough(), Stratified()),
    "systematic": _stochastic_ad(StraightThrough(), Systematic()),
    "left": _stochastic_ad(Left(), Systematic()),
    "two_sided": _stochastic_ad(TwoSided(), Systematic()),
    "suffix_replays": lambda n: SuffixReplays(
        flips_per_block=n // N_BLOCKS, n_blocks=N_BLOCKS, batch_size=PER_RUN
    ),
}


def compute(config: FlipVariance, seed: int) -> dict[str, np.ndarray]:
    """One network.

    Returns:
        ``variance`` of stochastic AD, ``(variant, n_flips, layer)``; ``all_flips``,
        ``score_function`` and ``surrogate``, of one trial each, ``(layer,)``, all relative to the
        squared norm of the true gradient of that layer. ``sampled_output`` and
        ``averaged_output``: variances with the most flips where outputs do not reset, ``(layer,)``.
        ``n_flips``, names of the ``variants``, and their ``evaluations`` of the network,
        ``(variant, n_flips)``. With the most flips, replays that stop early, see
        `measure_truncation`: their ``truncation_bias_squared`` with its standard error,
        ``(horizon, layer)``, ``truncated_variance``, ``(plain or at random, horizon, layer)``, and
        ``truncated_evaluations``, ``(plain or at random, horizon)``.
    """
    key, noise_key, reference_key = jax.random.split(jax.random.key(seed), 3)
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    program, params = lif_task(key, sizes, config.steps, config.beta, config.recurrence)
    best = MAKE["systematic"](max(config.n_flips))
    reference = layer_batches(best, program, params, reference_key, N_BATCHES, config.n_trials)
    norms = np.array([squared_norm(layer) for layer in reference])

    def batches(
        estimator: Estimator, program: Program = program, n_trials: int = config.n_trials
    ) -> list[np.ndarray]:
        return layer_batches(estimator, program, params, noise_key, N_BATCHES, n_trials)

    def variance(
        estimator: Estimator, program: Program = program, n_trials: int = config.n_trials
    ) -> np.ndarray:
        layers = batches(estimator, program, n_trials)
        return n_trials // N_BATCHES * np.array([g.var(axis=0, ddof=1).sum() for g in layers])

    # A replay of a suffix counts as the share of steps that it runs.
    share = [(N_BLOCKS + 1) / (2 * N_BLOCKS) if v == "suffix_replays" else 1 for v in VARIANTS]
    # The same network, but for outputs that do not reset: only these can be averaged out.
    sampled = snn.Program(FreeOutput(program.network), program.x, program.loss)
    averaged = snn.Program(
        FreeOutput(program.network, averaged=True), program.x, ExpectedVanRossum(program.loss)
    )
    each = [[variance(MAKE[name](n)) for n in config.n_flips] for name in VARIANTS]
    n_most = max(config.n_flips)
    settings = {"flips_per_block": n_most // N_BLOCKS, "batch_size": PER_RUN}
    truncation = measure_truncation(batches, reference, config.horizons, config.survival, settings)
    spread, runs = truncation.pop("truncated_spread"), truncation.pop("truncated_runs")
    return truncation | {
        "truncated_variance": config.n_trials // N_BATCHES * spread / norms,
        "truncated_evaluations": 1 + n_most * runs,
        "n_flips": np.array(config.n_flips),
        "variants": np.array(VARIANTS),
        "evaluations": 1 + np.outer(share, config.n_flips),
        "variance": np.array(each) / norms,
        "all_flips": variance(snn.StochasticAD(batch_size=1), n_trials=config.n_trials_all) / norms,
        "score_function": variance(snn.ScoreFunction(LeaveOneOut())) / norms,
        "surrogate": variance(snn.Surrogate(reset=snn.through)) / norms,
        "sampled_output": variance(best, sampled),
        "averaged_output": variance(best, averaged),
    }
