"""One's own network: gradient estimators against its true gradient, group by group of parameters.

Docs: tools/docs/doctor.md. The table is made in `snn_tools.comparison.rows`, the meaning of "true"
is that of `snn_tools.comparison.truth`.
"""

from collections.abc import Mapping

import jax
from jax import Array

from snn.estimators.base import Estimator
from snn.program import Program
from snn.types import Params
from snn_tools.comparison.batches import N_BATCHES, Batches
from snn_tools.comparison.problem import Problem, groups_of
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison
from snn_tools.comparison.truth import Truth, resolve, runs_of


def compare(
    program: Program,
    params: Params,
    candidates: Mapping[str, Estimator],
    key: Array,
    *,
    truth: Truth = None,
    n_trials: int = 1024,
    truth_runs: int = 2**16,
) -> Comparison:
    r"""Set gradient estimators against the true gradient of a network of your own.

    Candidates and the true gradient see different trials, so that the inner product of their means
    is unbiased; squared norms are freed from the noise of the means (`batch_means`). The
    cosine is that of the *means*: the variance column tells how far a single trial is off.

    Args:
        program: the network, its input and its loss.
        params: where it is differentiated.
        candidates: estimators by name.
        key: a JAX random key; decides all noise.
        truth: what the true gradient is: ``"sampled"``, the gradient of the expected loss with
            spikes drawn from the layers' escape noise; or an estimator that is unbiased for what
            you mean. None is ``"sampled"``, but refused where a candidate or the program has no
            noise, since it then is a choice to be made (`snn_tools.comparison.truth`).
        n_trials: trials of each candidate.
        truth_runs: runs of the network for the true gradient, where it is not enumerated; trials,
            if ``truth`` is an estimator.

    Raises:
        ValueError: without candidates, with fewer than 32 trials, or for a ``truth`` that is open.

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

    def measured(estimator: Estimator, key: Array, n: int) -> Batches:
        # Each of the batches in parts, where it does not fit into the memory.
        parts = -(-n // (N_BATCHES * problem.at_once()))
        size = max(2, n // (N_BATCHES * parts))
        return problem.batches(estimator, jax.random.split(key, N_BATCHES * parts), size)

    true = measured(estimator, true_key, int(truth_runs // runs_of(estimator)))
    found = {
        name: measured(candidate, own, n_trials)
        for (name, candidate), own in zip(candidates.items(), keys, strict=True)
    }
    return compared(groups_of(params), found, true, (meaning, describe(estimator, true)))


def describe(estimator: Estimator, batches: Batches) -> str:
    """Say how a gradient was estimated."""
    name = type(estimator).__name__
    if len(batches.means) == 1:
        return f"{name}, exact, {batches.runs:.0f} runs"
    trials = len(batches.means) * batches.size
    return f"{name}, {trials} trials of {batches.runs:.0f} run{'s' * (batches.runs != 1)}"
