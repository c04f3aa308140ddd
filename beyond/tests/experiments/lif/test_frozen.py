"""Frozen trainings are told by their losses."""

import numpy as np

from beyond.experiments.lif.tuned_training import frozen


def test_frozen_is_what_varies_by_less_than_a_thousandth_at_the_end():
    falling = np.linspace(2, 1.1, 20)
    stopped = np.concatenate([falling, np.full(6, 1.0)])
    late = np.concatenate([falling, np.full(5, 1.0)])
    wobble = np.concatenate([falling, 1 + 1e-3 * np.array([-1, 1, -1, 1, -1, 1])])
    little = np.concatenate([falling, 1 + 1e-4 * np.array([-1, 1, -1, 1, -1, 1])])
    is_frozen = [bool(frozen(loss)) for loss in (falling, stopped, late, wobble, little)]
    assert is_frozen == [False, True, False, False, True]
