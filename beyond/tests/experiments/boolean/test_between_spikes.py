"""The map of tasks solved over breadth and lambda."""

import jax
import numpy as np

from beyond.experiments.boolean.between_spikes import BetweenSpikes
from beyond.experiments.boolean.directions import Direction, direction
from beyond.experiments.methods import between

SMALL = {"bits": 2, "ones": 2, "width": 2, "depth": 1, "n_updates": 6, "observe_every": 1}


def small(**changes):
    settings = {"n_tasks": 3, "n_tuning": 2, "rates": [0.03, 0.1], "seeds": [0]}
    return BetweenSpikes(**SMALL | settings | changes)


def test_what_diverged_has_all_patterns_wrong():
    # A rate that is no number, which no user can give: all losses are NaN.
    flow = small().model_copy(update={"rates": [float("nan")]})
    tasks, _ = flow.tasks(0)
    np.testing.assert_array_equal(flow.last_wrong(between(0.25, 1.0), tasks), 4.0)


def test_surrogate_means_are_affine_in_lambda():
    flow = small(ratios=[0.25], lams=[-0.5, 0.0, 0.5, 1.0, 1.1])
    tasks, _ = flow.tasks(0)
    task = jax.tree.map(lambda leaf: leaf[0], tasks)

    # Once for all directions.
    followed = jax.jit(Direction.follow)

    def mean(lam):
        along = direction(flow.arm(between(0.25, lam)), flow.beta, flow.n_updates)
        at = task.weights, 0
        return np.asarray(followed(along, flow.beta, flow.family, task, at)[0])

    g_0, g_1 = mean(0.0), mean(1.0)
    assert np.abs(g_1 - g_0).max() > 1e-3 * np.abs(g_1).max()
    for lam in (-0.5, 0.5, 1.1):
        np.testing.assert_allclose(mean(lam), g_0 + lam * (g_1 - g_0), rtol=1e-9, atol=1e-13)
