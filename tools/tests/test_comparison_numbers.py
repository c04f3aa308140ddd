"""Numbers of `compared` and of the pilot against batches whose mean and noise are known."""

import jax
import numpy as np
import pytest

import snn
from snn.stats import FEW_TRIALS
from snn.stats.batch_means import KNOWN_SE
from snn_tools.jax import truth
from snn_tools.jax.problem import Batches, Problem, groups_of
from snn_tools.shared import rows
from snn_tools.shared.comparison import TruthRow
from snn_tools.shared.rows import compared, effective, needed

MEAN = np.linspace(1.0, 2.0, 200)
SIGMA = 3.0
"""Standard deviation of each parameter in one trial."""


def batches(n, size, seed):
    noise = np.random.default_rng(seed).normal(size=(n, len(MEAN)))
    return Batches(MEAN + SIGMA / size**0.5 * noise, size, 1.0)


@pytest.mark.parametrize(("n", "size"), [(16, 64), (96, 8)])
def test_variance_and_noise_are_those_of_the_batches(n, size):
    groups = groups_of({"a": MEAN[:100], "b": MEAN[100:]})
    table = compared(groups, {"own": batches(n, size, 0)}, batches(n, size, 1), ("", ""))
    one_trial = len(MEAN) * SIGMA**2 / (MEAN @ MEAN)
    # 3000 squares of noise: relative error 0.026; a wrong number of trials is off by 6 or more.
    assert table.row("own").variance == pytest.approx(one_trial, rel=0.13)
    assert table.truth[0].noise ** 2 == pytest.approx(one_trial / (n * size), rel=0.13)
    assert table.truth[0].norm == pytest.approx(np.linalg.norm(MEAN), rel=0.03)


@pytest.mark.parametrize(("n", "size"), [(16, 64), (24, 64), (31, 2), (47, 2), (96, 8)])
def test_variance_is_right_for_any_number_of_batches(n, size):
    """In the mean over seeds, to 5 %: sums of unequal numbers of batches were off by 13 %."""
    groups, true = groups_of({"a": MEAN}), batches(1, 10**12, 0)
    variances = [
        compared(groups, {"own": batches(n, size, seed)}, true, ("", "")).rows[0].variance
        for seed in range(100)
    ]
    assert np.mean(variances) == pytest.approx(len(MEAN) * SIGMA**2 / (MEAN @ MEAN), rel=0.05)


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


class Drawn(Problem):
    """Variances of a trial, trials in a batch and runs are those of a table."""

    def batches(self, estimator, keys, size):
        variance, size, runs = self.params[type(estimator)]
        away = np.array([1.0, -1.0] * (len(keys) // 2))[:, None]
        return Batches((variance / size) ** 0.5 * away, size, runs)


@pytest.mark.parametrize(
    ("variance", "chosen"), [(0.5, snn.EvolutionStrategies), (2.0, snn.ScoreFunction)]
)
def test_the_pilot_chooses_by_variance_times_runs(variance, chosen, monkeypatch):
    first, second = snn.ScoreFunction(), snn.EvolutionStrategies(1.0)
    monkeypatch.setattr(truth, "unbiased", lambda _: (first, second))
    monkeypatch.setattr(truth, "batch_of", lambda *_: 4)
    table = {type(first): (8.0, 16, 1.0), type(second): (variance, 4, 8.0)}
    assert type(truth._pilot(Drawn(None, table), jax.random.key(0))[0]) is chosen


def test_few_trials_are_as_few_as_in_the_core():
    assert rows.FEW_TRIALS == FEW_TRIALS
