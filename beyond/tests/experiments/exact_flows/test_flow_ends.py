"""What is said of a way on from an end: its highest point, and the work up to there, by hand."""

import numpy as np
import pytest

from beyond.experiments.exact_flows.descent import Flow
from beyond.experiments.exact_flows.flow_ends import FlowEnds, _climb, work_along

WRONG = np.array(
    [
        # Over a barrier, to a solution; what comes after that does not count.
        [1.0, 1.5, 2.25, 0.75, 0.25, 3.0],
        # Up and down again, without a solution.
        [2.0, 1.5, 2.5, 1.0, 1.0, 1.25],
        # Downhill all the way.
        [2.0, 1.5, 1.25, 1.0, 0.75, 0.25],
    ]
)


@pytest.fixture
def flow():
    """Two weights, of which the first moves by 1, 2, 3, ... and the second by -1."""
    steps = np.arange(6)
    weights = np.stack([steps * (steps + 1) / 2, -steps], axis=-1)
    taken = np.stack([steps**2, np.full(6, 4)], axis=-1)
    same = np.zeros_like(WRONG)
    return Flow(WRONG, same, same, *(np.stack([x.astype(float)] * 3) for x in (weights, taken)))


# Between two points the mean of what is taken, times the way: (0 + 1) / 2 * 1 - 4, and so on.
WORK = np.cumsum([0.0, 0.5 * 1 - 4, 2.5 * 2 - 4, 6.5 * 3 - 4, 12.5 * 4 - 4, 20.5 * 5 - 4])


def test_work_is_the_integral_along_the_way(flow):
    np.testing.assert_allclose(work_along(flow), np.stack([WORK] * 3))


def test_a_climb_is_from_the_end_that_was_left_to_the_highest_point(flow):
    found = _climb(flow, n_patterns=4)
    np.testing.assert_allclose(found["rise"], [1.25, 0.5, 0.0])
    np.testing.assert_allclose(found["loss_change"], np.array([1.25, 0.5, 0.0]) / 8)
    np.testing.assert_allclose(found["work"], [WORK[2], WORK[2], WORK[0]])
    # From where the way ends it would be another rise.
    assert not np.allclose(WRONG.max(axis=1) - WRONG[:, -1], found["rise"])


def test_shares_are_of_the_unsolved_ends():
    """Four of five ends are unsolved: one way leaves one of them, the other three."""
    after = np.array([[0.1, 0.1, 2.0, 2.0, 2.0], [0.1, 2.0, 0.1, 0.1, 0.1]])
    data = {
        "wrong_at_end": np.array([0.2, 1.0, 1.0, 2.0, 2.0]),
        "wrong_after": after,
        "rise": np.array([[9.0, 0.0, 9.0, 9.0, 9.0], [9.0, 9.0, 0.06, 0.04, 0.5]]),
        "norm": np.array([1.0, 0.009, 0.011, 0.5, 0.5]),
        "least": np.array([-1.0, -0.1, -0.0009, -0.0011, 0.2]),
        "wrong_surrogate": np.array([0.1, 0.1, 0.1, 2.0, 2.0]),
        "wrong_polished": np.array([0.1, 0.1, 2.0, 0.1, 0.1]),
    }
    found = FlowEnds(seeds=[0]).pooled({name: values[None] for name, values in data.items()})
    assert found["stuck"] == 4
    assert found["flat"][0] == 1 / 4 and found["saddle"][0] == 2 / 4
    np.testing.assert_allclose(found["leaves"][:, 0], [1 / 4, 3 / 4])
    np.testing.assert_allclose(found["barrier"][:, 0], [0, 2 / 3])
    np.testing.assert_allclose(found["gain"][0], (3 - 1) / 4)
    # Three leave by the second way alone, one by the first alone.
    np.testing.assert_allclose(found["leaves_p"], 2 * (1 + 4) / 2**4)
    np.testing.assert_array_equal(found["polished"], [[0, 2], [1, 2]])
