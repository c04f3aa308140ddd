"""Numbers of `compared` against batches whose mean and noise are known."""

import numpy as np
import pytest

import snn
from snn.stats.batch_means import KNOWN_SE
from snn_tools.jax.problem import groups_of
from snn_tools.shared.batches import N_BATCHES, Batches, Sums
from snn_tools.shared.budget import in_turns
from snn_tools.shared.comparison import TruthRow, compared, effective, needed

MEAN = np.linspace(1.0, 2.0, 200)
SIGMA = 3.0
"""Standard deviation of each parameter in one trial."""


def batches(n, size, seed):
    noise = np.random.default_rng(seed).normal(size=(n, len(MEAN)))
    return Batches(MEAN + SIGMA / size**0.5 * noise, size, 1.0)


def added(n, size, seed):
    sums = Sums()
    for mean in batches(n, size, seed).means:
        sums.add(Batches(mean[None], size, 1.0))
    return sums.batches()


@pytest.mark.parametrize(("n", "size"), [(16, 64), (96, 8)])
def test_noise_is_that_of_the_batches(n, size):
    groups = groups_of({"a": MEAN[:100], "b": MEAN[100:]})
    table = compared(groups, {"own": added(n, size, 0)}, added(n, size, 1), ("", ""))
    one_trial = len(MEAN) * SIGMA**2 / (MEAN @ MEAN)
    # 3000 squares of noise: relative error 0.026; a wrong number of trials is off by 6 or more.
    assert table.truth[0].noise ** 2 == pytest.approx(one_trial / (n * size), rel=0.13)
    assert table.truth[0].norm == pytest.approx(np.linalg.norm(MEAN), rel=0.03)


@pytest.mark.parametrize("scale", [1.0, 1e-60, 1e-145, 1e-300])
def test_effective_trials_do_not_depend_on_the_unit(scale):
    (group,) = groups_of({"a": MEAN})
    spreads = np.random.default_rng(0).exponential(size=(400, 1))
    for each, right in [
        (np.ones((100, 1)), 100.0),
        (spreads, snn.stats.effective_number(spreads[:, 0] ** 2)),
    ]:
        assert effective(Batches(MEAN[None], 1, 1.0, scale * each), group) == pytest.approx(right)


def test_noise_that_is_twice_too_large_takes_four_times_the_trials():
    row = TruthRow("all", 1, 1.0, 2 * KNOWN_SE, False, np.inf, False)
    assert needed(row) == pytest.approx(4.0)


def test_batches_that_are_added_up_are_so_many_trials():
    sums = Sums()
    for i in range(2 * N_BATCHES):
        sums.add(Batches(np.full((1, 2), float(i)), 8, 1.0, np.zeros((8, 1))))
    merged = sums.batches()
    assert merged.size == 16 and len(merged.spreads) == 8 * 2 * N_BATCHES
    np.testing.assert_array_equal(merged.means[:, 0], np.arange(N_BATCHES) + N_BATCHES / 2)


class Ticking:
    """A clock whose turns take so many seconds each."""

    def __init__(self, budget, seconds):
        self.budget, self.seconds, self.now = budget, seconds, 0.0

    def elapsed(self):
        return self.now

    def left(self):
        return self.budget - self.now

    def turn(self):
        self.now += self.seconds


@pytest.mark.parametrize(
    ("budget", "seconds", "enough", "sufficed", "turns"),
    [
        (100.0, 1.0, 20, True, 20),  # precise
        (30.5, 1.0, 99, True, 31),  # time is up
        (0.0, 1.0, 0, True, 8),  # the fewest turns have some seconds more
        (0.0, 2.0, 0, False, 2),
    ],
)
def test_turns_end_when_there_are_enough_or_time_is_up(budget, seconds, enough, sufficed, turns):
    clock = Ticking(budget, seconds)
    assert in_turns(clock.turn, lambda n: n >= enough, clock) == sufficed
    assert clock.now == turns * seconds
