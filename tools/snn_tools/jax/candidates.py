"""Compare gradient estimators with the true gradient of your own network, group by group.

`snn_tools.shared.rows` computes the table, and `snn_tools.jax.truth` defines the true gradient.
"""

from collections.abc import Mapping

import jax
from jax import Array

from snn.estimators.base import AnyEstimator
from snn.program import Program
from snn.types import Params
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.jax.truth import Truth, resolve, runs_of
from snn_tools.shared.batches import N_BATCHES, Batches
from snn_tools.shared.comparison import Comparison
from snn_tools.shared.rows import compared


def compare(
    program: Program,
    params: Params,
    candidates: Mapping[str, AnyEstimator],
    key: Array,
    *,
    truth: Truth = None,
    n_trials: int = 1024,
    truth_runs: int = 2**16,
) -> Comparison:
    r"""Compare gradient estimators with the true gradient of your own network.

    Candidates and the true gradient use different trials, so that the inner product of their means
    is unbiased. Squared norms are corrected for the noise of the means (`batch_means`). The cosine
    compares *means*; the variance column shows the deviation of a single trial.

    Args:
        program: the network, its input and its loss.
        params: the parameters at which the loss is differentiated.
        candidates: estimators by name.
        key: a JAX random key for all noise.
        truth: meaning of the true gradient. ``"sampled"`` is the gradient of the expected loss,
            with spikes drawn from the layers' escape noise. An estimator stands for the gradient
            that it estimates without bias. None means ``"sampled"``; if a candidate or the program
            has no noise, None is refused (`snn_tools.jax.truth`).
        n_trials: trials of each candidate.
        truth_runs: forward passes for the true gradient, if it is not enumerated; trials, if
            ``truth`` is an estimator.

    Returns:
        The table, with a row for each candidate and group of parameters.

    Raises:
        ValueError: without candidates, with fewer than 32 trials, or if ``truth`` is open.

    Reference: beyond/docs/true_gradient.md.
    """
    if not isinstance(candidates, Mapping) or not candidates:
        raise ValueError(
            f"compare: candidates: got {candidates!r}, expected a dictionary of one or more "
            f'estimators by name, for instance {{"matched": snn.Surrogate()}}.'
        )
    if min(n_trials, truth_runs) < 2 * N_BATCHES:
        raise ValueError(
            f"compare: got n_trials={n_trials}, truth_runs={truth_runs}, expected at least "
            f"{2 * N_BATCHES} of each, 2 in each of {N_BATCHES} batches."
        )
    problem = Problem(program, params)
    pilot_key, true_key, *keys = jax.random.split(key, 2 + len(candidates))
    meaning, estimator, _ = resolve(truth, problem, dict(candidates), pilot_key)

    def measured(estimator: AnyEstimator, key: Array, n: int) -> Batches:
        # A batch that does not fit into the memory is split into parts.
        parts = -(-n // (N_BATCHES * problem.at_once()))
        size = max(2, n // (N_BATCHES * parts))
        return problem.batches(estimator, jax.random.split(key, N_BATCHES * parts), size)

    true = measured(estimator, true_key, int(truth_runs // runs_of(estimator)))
    batches = {
        name: measured(candidate, own, n_trials)
        for (name, candidate), own in zip(candidates.items(), keys, strict=True)
    }
    return compared(groups_of(params), batches, true, (meaning, describe(estimator, true)))


def describe(estimator: AnyEstimator, batches: Batches) -> str:
    """Describe how a gradient was estimated."""
    name = type(estimator).__name__
    if len(batches.means) == 1:
        return f"{name}, exact, {batches.runs:.0f} runs"
    trials = len(batches.means) * batches.size
    return f"{name}, {trials} trials of {batches.runs:.0f} run{'s' * (batches.runs != 1)}"
