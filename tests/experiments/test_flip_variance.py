"""The bias of truncation is that of the truncation alone, and runs are counted."""

import jax
import numpy as np

from experiments.flip_variance import N_BLOCKS
from experiments.flip_variance.truncation import measure_truncation
from experiments.lif_task import lif_task
from experiments.trial_batches import layer_batches
from snn.estimators.truncated_replays import TruncatedReplays


def test_truncation_is_measured_against_replays_that_run_on():
    problem = lif_task(jax.random.key(0), (20, 20, 10), 60)

    def batches(estimator, seed=1):
        return layer_batches(estimator, *problem, jax.random.key(seed), 32, 1024)

    settings = {"flips_per_block": 16, "batch_size": 16}
    endless = TruncatedReplays(horizon=0, survival=1.0, n_blocks=N_BLOCKS, **settings)
    with jax.numpy_rank_promotion("allow"):
        reference = batches(endless, seed=2)
        measured = measure_truncation(batches, reference, [0, 3], 1.0, settings)
    bias, se = measured["truncation_bias_squared"], measured["truncation_bias_squared_se"]
    # With the longest horizon nothing is left out, and all noise is shared.
    np.testing.assert_allclose(bias[1], 0, atol=1e-24)
    assert bias[0, 0] > 4 * se[0, 0]
    np.testing.assert_allclose(measured["truncated_runs"], [[0.25, 0.625], [0.625, 0.625]])
    # At random with survival 1, too.
    spread = measured["truncated_spread"]
    np.testing.assert_allclose(spread[1, 0], spread[0, 1], rtol=1e-12)
    assert (np.abs(spread[0, 0] / spread[0, 1] - 1) > 0.01).all()
