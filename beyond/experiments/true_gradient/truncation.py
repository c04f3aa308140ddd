r"""What replays that stop early get wrong, and what it costs to stop them at random instead.

The bias of a horizon is measured against replays that run on, under the same noise and with the
same flips: the difference of the two estimates has little noise. Given is

.. math::
    |E[g_h] - E[g]|^2 / |E[g]|^2,

freed of the noise of both. Unlike its root it exists where noise drowns the bias: around zero.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from snn.estimators.base import Estimator
from snn.estimators.truncated_replays import TruncatedReplays
from snn.stats.batch_means import squared_ratio

Layers = list[np.ndarray]


def measure_truncation(
    batches: Callable[[Estimator], Layers],
    true: Layers,
    replays: TruncatedReplays,
    horizons: list[int],
    survival: float,
) -> dict[str, np.ndarray]:
    """Return truncated replays of some horizons, plain and at random.

    Args:
        batches: means of an estimator over batches of the same trials, one array
            ``(batch, parameter)`` per layer.
        true: those of an unbiased estimate, from other trials.
        replays: those to measure, but for horizon and survival.
        horizons: blocks after that of the flip which every replay runs.
        survival: probability of each next block of those that stop at random.

    Returns:
        ``truncation_bias_squared`` of plain truncation, relative to the squared norm, with
        ``truncation_bias_squared_se``, ``(horizon, layer)``; of the kinds plain and at random
        ``truncated_runs`` per flip, ``(kind, horizon)``, and ``truncated_spread``, the variance of
        batch means, ``(kind, horizon, layer)``.
    """

    def stopping(horizon: int, survival: float) -> TruncatedReplays:
        # Neither number recompiles: all of them are one program.
        return dataclasses.replace(replays, horizon=horizon, survival=float(survival))

    kinds = [[stopping(horizon, s) for horizon in horizons] for s in (0.0, survival)]
    found = [[batches(estimator) for estimator in kind] for kind in kinds]
    endless = batches(stopping(0, 1.0))
    bias = np.array(
        [
            [squared_ratio(g - e, t) for g, e, t in zip(layers, endless, true, strict=True)]
            for layers in found[0]
        ]
    )
    return {
        "truncation_bias_squared": bias[..., 0],
        "truncation_bias_squared_se": bias[..., 1],
        "truncated_runs": np.array([[float(e.runs_per_flip()) for e in kind] for kind in kinds]),
        "truncated_spread": np.array(
            [[[g.var(axis=0, ddof=1).sum() for g in layers] for layers in kind] for kind in found]
        ),
    }
