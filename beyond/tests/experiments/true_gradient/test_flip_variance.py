"""The bias of truncation is that of the truncation alone, and runs are counted."""

import dataclasses

import jax
import numpy as np
import pytest

from beyond.experiments.true_gradient.flip_variance import N_BLOCKS, FlipVariance
from beyond.experiments.true_gradient.lif_task import lif_task
from beyond.experiments.true_gradient.trial_batches import layer_batches
from beyond.experiments.true_gradient.truncation import measure_truncation
from experiments.engine.errors import UserError
from snn.estimators.truncated_replays import TruncatedReplays


def test_truncation_is_measured_against_replays_that_run_on():
    problem = lif_task(jax.random.key(0), (10, 10, 5), 40)

    def batches(estimator, seed=1):
        return layer_batches(estimator, *problem, jax.random.key(seed), 32, 512)

    replays = TruncatedReplays(flips_per_block=8, n_blocks=N_BLOCKS, batch_size=16)
    endless = dataclasses.replace(replays, survival=1.0)
    with jax.numpy_rank_promotion("allow"):
        reference = batches(endless, seed=2)
        measured = measure_truncation(batches, reference, replays, [0, 3], 1.0)
    bias, se = measured["truncation_bias_squared"], measured["truncation_bias_squared_se"]
    # With the longest horizon nothing is left out, and all noise is shared.
    np.testing.assert_allclose(bias[1], 0, atol=1e-24)
    assert bias[0, 0] > 4 * se[0, 0]
    np.testing.assert_allclose(measured["truncated_runs"], [[0.25, 0.625], [0.625, 0.625]])
    # At random with survival 1, too.
    spread = measured["truncated_spread"]
    np.testing.assert_allclose(spread[1, 0], spread[0, 1], rtol=1e-12)
    assert (np.abs(spread[0, 0] / spread[0, 1] - 1) > 0.01).all()


def test_truncation_in_the_panel_of_variances():
    """In units of the gradient, and with the flips that the short replays have."""
    small = {"n_inputs": 5, "n_hidden": 4, "n_outputs": 2, "steps": 16, "n_trials": 128}
    config = FlipVariance(
        n_flips=[8], horizons=[0, 3], n_trials_all=64, beta=2.5, seeds=[0], **small
    )
    with jax.numpy_rank_promotion("allow"):
        data = {name: array[None] for name, array in config.compute(0).items()}
    runs = 1 + 8 * np.array([[0.25, 0.625], [(4 + 3 / 2 + 2 / 4 + 1 / 8) / 16, 0.625]])
    np.testing.assert_allclose(data["truncated_evaluations"][0], runs)
    summary = config.summary(data)
    # With the longest horizon these are the short replays themselves, but for the draws.
    assert 0.5 < summary["horizon_3_at_random_over_suffix_replays"].value < 2
    assert summary["horizon_3_bias_squared"].value == pytest.approx(0, abs=1e-9)
    assert summary["horizon_0_bias_squared"].value > 1e-4


def test_lists_that_do_not_rise_are_refused():
    with pytest.raises(UserError, match="n_flips is not a rising list"):
        FlipVariance(n_flips=[128, 32], seeds=[0]).check("panels.variance")
