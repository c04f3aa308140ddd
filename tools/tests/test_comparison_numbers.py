"""Numbers of `compared` against batches whose mean and noise are known, and turns of drawing."""

import numpy as np
import pytest

from snn.stats.batch_means import KNOWN_SE, alignment
from snn_tools.jax.problem import groups_of
from snn_tools.shared.batches import N_BATCHES, Sums
from snn_tools.shared.comparison import ERRORS, EVEN, FEWEST, Row, carrying, compared, drawn

MEAN = np.linspace(1.0, 2.0, 200)
SIGMA = 3.0
"""Standard deviation of each parameter in one trial."""


def added(n, size, seed):
    sums, rng = Sums(), np.random.default_rng(seed)
    for _ in range(n):
        sums.add(MEAN + SIGMA / size**0.5 * rng.normal(size=len(MEAN)), size)
    assert sums.trials == n * size
    return sums.means()


@pytest.mark.parametrize(("n", "size"), [(16, 64), (96, 8)])
def test_noise_is_that_of_the_batches(n, size):
    groups = groups_of({"a": MEAN[:100], "b": MEAN[100:]})
    row = compared(groups, added(n, size, 0), added(n, size, 1))[0]
    one_trial = len(MEAN) * SIGMA**2 / (MEAN @ MEAN)
    # 3000 squares of noise: relative error 0.026; a wrong number of trials is off by 6 or more.
    assert row.noise**2 == pytest.approx(one_trial / (n * size), rel=0.13)
    assert row.norm == pytest.approx(np.linalg.norm(MEAN), rel=0.03)


def test_all_batches_count_in_sixteen_sums():
    sums = Sums()
    for i in range(2 * N_BATCHES):
        sums.add(np.full(2, float(i)), 8)
    np.testing.assert_array_equal(sums.means()[:, 0], np.arange(N_BATCHES) + N_BATCHES / 2)


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e-145, 1e-300])
def test_batches_that_carry_the_variance_do_not_depend_on_the_unit(scale):
    one = np.eye(N_BATCHES, 1)
    assert carrying(scale * (one + 5.0)) == pytest.approx(1 / (1 - 3 / 16 + 3 / 256), rel=0.1)
    assert carrying(scale * np.tile([1.0, -1.0], 8)[:, None]) == pytest.approx(N_BATCHES)
    assert carrying(np.full((N_BATCHES, 3), scale)) == np.inf


REPETITIONS = 400
CELLS = [
    (size, cosine, noise)
    for size in (1, 2, 3, 30)
    for cosine in ((1.0, 0.99, 0.9, 0.0, -0.9) if size > 1 else (1.0, -1.0))
    for noise in ((0.1, 0.0), (0.3, 0.0), (0.2, 0.2))
]


def batches(kind, size, cosine, noise):
    """Batches of two gradients of norm 1, for each repetition."""
    rng = np.random.default_rng([size, int(100 * abs(cosine)), int(100 * sum(noise))])
    true = np.eye(1, size)[0]
    g = cosine * true + ((1 - cosine**2) ** 0.5 * np.eye(1, size, 1)[0] if size > 1 else 0)
    gradients = []
    for mean, level in zip((g, true), noise, strict=True):
        z = rng.normal(size=(REPETITIONS, N_BATCHES, size))
        if kind == "events":  # two in a batch, in one direction
            events = (rng.poisson(2.0, (REPETITIONS, N_BATCHES, 1)) - 2.0) / 2**0.5
            z = events * rng.normal(size=(REPETITIONS, 1, size))
        gradients.append(mean + level * (N_BATCHES / size) ** 0.5 * z)
    return gradients


def coverage(kind, cell, errors):
    """Share of the cosines that are at most so many standard errors from the true one."""
    aligned = alignment(*batches(kind, *cell))
    within = np.abs(aligned.cosine - cell[1]) <= errors * aligned.cosine_se + 1e-9
    return within[np.isfinite(aligned.cosine)].mean()


@pytest.mark.parametrize("kind", ["normal", "events"])
def test_the_interval_covers_in_every_cell_and_half_of_it_does_not(kind):
    """The rule, chosen before the numbers: in 90 % or more, less three standard errors."""
    least = 0.9 - 3 * (0.9 * 0.1 / REPETITIONS) ** 0.5
    assert min(coverage(kind, cell, ERRORS) for cell in CELLS) >= least
    assert min(coverage(kind, cell, ERRORS / 2) for cell in CELLS) < least


@pytest.mark.parametrize("cosine", [-1.2, -1.0, -0.4, 0.0, 0.97, 1.0, 1.2])
@pytest.mark.parametrize("se", [0.0, 0.02, 0.1, 1.0, np.inf])
def test_the_interval_is_of_cosines(cosine, se):
    """An estimate without bias may be beyond 1 by more than its error; a cosine is not."""
    row = Row("a", 1, True, 1.0, 0.0, False, False, cosine=cosine, cosine_se=se)
    low, high = row.interval
    assert -1 <= low <= np.clip(cosine, -1, 1) <= high <= 1
    # Within these limits nothing is cut off.
    assert low in (-1, 1) or low == cosine - ERRORS * se
    assert high in (-1, 1) or high == cosine + ERRORS * se


def test_a_cosine_that_one_batch_of_either_or_few_batches_decide_is_not_known():
    normal = np.random.default_rng(0).normal(size=(N_BATCHES, 200))
    even, other = MEAN + normal, MEAN + normal[::-1]
    # One batch is as far from the mean as the mean from 0.
    rare = MEAN + 20.0 * np.eye(N_BATCHES, 1) * np.eye(1, 200) + 0.01 * normal
    pairs = [(even, other), (rare, other), (even, rare)]
    pairs += [(even[:n], other[:n]) for n in (FEWEST, FEWEST - 1)]
    rows = [compared(groups_of({"a": MEAN}), *pair)[0] for pair in pairs]
    # Their standard errors are small, and mean nothing.
    assert max(row.cosine_se for row in rows) < KNOWN_SE / 2 and carrying(rare) < EVEN
    assert [row.known for row in rows] == [True, False, False, True, False]


class Ticking:
    """A clock whose turns take so many seconds each."""

    def __init__(self, budget, seconds):
        self.budget, self.seconds, self.now = budget, seconds, 0.0

    def elapsed(self):
        return self.now

    def turn(self, yours, exact):
        self.now += self.seconds
        rng = np.random.default_rng(int(self.now))
        for sums in (yours, exact):
            sums.add(MEAN + self.noise * rng.normal(size=len(MEAN)), 1)


@pytest.mark.parametrize(
    ("budget", "seconds", "noise", "turns"),
    [
        (100.0, 1.0, 1e-3, 16),  # precise
        (30.5, 1.0, 9.0, 31),  # time is up
        (0.5, 1.0, 9.0, 8),  # the fewest turns have some seconds more
        (0.5, 2.0, 9.0, None),
        (0.0, 0.1, 9.0, None),
    ],
)
def test_turns_end_when_there_are_enough_or_time_is_up(budget, seconds, noise, turns):
    clock = Ticking(budget, seconds)
    clock.noise = noise
    found = drawn(groups_of({"a": MEAN}), clock.turn, "", clock)
    assert (found and found.trials) == (turns and 2 * turns)
