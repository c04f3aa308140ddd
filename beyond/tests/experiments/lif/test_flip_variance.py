"""Variances are of single trials, relative to the gradient, and runs are counted."""

import jax
import numpy as np
import pytest

from beyond.experiments.lif.flip_variance import PLAIN, SHORT, VARIANTS, FlipVariance

SMALL = {"n_inputs": 5, "n_hidden": 4, "n_outputs": 2, "steps": 16, "beta": 2.5, "n_trials": 512}


def test_variances_and_runs_of_a_panel():
    config = FlipVariance(n_flips=[8, 32], n_trials_all=128, seeds=[0], **SMALL)
    with jax.numpy_rank_promotion("allow"):
        data = {name: array[None] for name, array in config.compute(0).items()}
    plain, short = VARIANTS.index(PLAIN), VARIANTS.index(SHORT)
    np.testing.assert_allclose(data["evaluations"][0, [plain, short]], [[9, 33], [6, 21]])
    eight, more = data["variance"][0, plain]
    # A part of the variance is that of the spikes, which flips do not lower.
    assert (eight > 1.3 * more).all() and (eight < 4 * more).all()
    assert (data["stochastic_ad"][0] < eight).all()
    assert (data["surrogate_through"][0] < data["stochastic_ad"][0]).all()
    summary = config.summary(data)
    assert len(summary) == len(VARIANTS) - 1
    hidden = data["variance"][0, :, 1, 0]
    ratio = summary[f"{SHORT}_over_few_flips"].value
    assert ratio == pytest.approx(hidden[short] / hidden[plain])
