"""Work along a way is an integral."""

import numpy as np

from beyond.experiments.boolean.boolean_training import Flow
from beyond.experiments.boolean.escape_plane import work_along


def test_work_is_the_integral_along_the_way():
    """The first of two weights moves by 1, 2, 3, ... and the second by -1."""
    steps = np.arange(6)
    weights = np.stack([steps * (steps + 1) / 2, -steps], axis=-1).astype(float)
    taken = np.stack([steps**2, np.full(6, 4)], axis=-1).astype(float)
    work = work_along(Flow(np.zeros((1, 6)), weights[None], taken[None]))
    # Between two points the mean of what is taken, times the way.
    each = [0.0, 0.5 * 1 - 4, 2.5 * 2 - 4, 6.5 * 3 - 4, 12.5 * 4 - 4, 20.5 * 5 - 4]
    np.testing.assert_allclose(work[0], np.cumsum(each))
