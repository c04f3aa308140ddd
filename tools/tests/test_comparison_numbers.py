"""Numbers of `compared` and of the pilot against batches whose mean and noise are known."""

import jax
import numpy as np
import pytest

import snn
from snn.stats.batch_means import KNOWN_SE
from snn_tools.comparison import truth
from snn_tools.comparison.problem import Batches, Problem, groups_of
from snn_tools.comparison.rows import compared, needed
from snn_tools.comparison.table import TruthRow

MEAN = np.linspace(1.0, 2.0, 200)
SIGMA = 3.0
"""Standard deviation of each parameter in one trial."""


def batches(n, size, seed):
    noise = np.random.default_rng(seed).normal(size=(n, len(MEAN)))
    return Batches(MEAN + SIGMA / size**0.5 * noise, size, 1.0)


@pytest.mark.parametrize(("n", "size"), [(16, 64), (96, 8)])
def test_variance_and_noise_are_those_of_the_batches(n, size):
    groups = groups_of({"a": MEAN[:100], "b": MEAN[100:]})
    found = compared(groups, {"own": batches(n, size, 0)}, batches(n, size, 1), ("", ""))
    one_trial = len(MEAN) * SIGMA**2 / (MEAN @ MEAN)
    # 3000 squares of noise: relative error 0.026; a wrong number of trials is off by 6 or more.
    assert found.row("own").variance == pytest.approx(one_trial, rel=0.13)
    assert found.truth[0].noise ** 2 == pytest.approx(one_trial / (n * size), rel=0.13)
    assert found.truth[0].norm == pytest.approx(np.linalg.norm(MEAN), rel=0.03)


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
