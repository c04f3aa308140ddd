"""Rates that tuning tasks choose, and intervals that hold the error of the choice."""

import numpy as np

from beyond.experiments import chosen_rates


def test_the_least_mean_chooses_of_equals_the_lowest_and_never_what_diverged():
    tuning = np.array(
        [[[2.0, 2.0], [1.0, 3.0], [5.0, 5.0]], [[np.inf] * 2, [4.0, 4.0], [np.nan] * 2]]
    )
    assert chosen_rates.chosen(tuning).tolist() == [0, 1]
    np.testing.assert_array_equal(
        chosen_rates.at_chosen(tuning, np.array([1, 1])), [[1.0, 3.0], [4.0, 4.0]]
    )
    np.testing.assert_array_equal(chosen_rates.at_end(np.array([0, 1, 2]), 3), [1, 0, 1])
    assert not chosen_rates.at_end(np.array([0]), 1).any()


def test_an_interval_holds_the_choice_of_the_rate():
    """Where tuning tasks cannot tell two rates apart, it reaches from one value to the other."""
    rng = np.random.default_rng(1)
    judged = np.stack([np.zeros(400), np.ones(400)])[None] + 0.01 * rng.normal(size=(1, 2, 400))
    undecided = rng.normal(size=(1, 2, 16))
    undecided[:, 1] -= undecided[:, 1].mean() - undecided[:, 0].mean()
    decided = undecided - np.array([0.0, 100.0])[:, None]
    for tuning, width in ((undecided, 1.0), (decided, 0.0)):
        samples = chosen_rates.resampled(tuning, judged)
        _, low, high = chosen_rates.with_interval(np.ones(1), samples)[0]
        assert abs(high - low - width) < 0.02


def test_of_one_rate_it_covers_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(chosen_rates, "RESAMPLES", 300)
    rng, hits = np.random.default_rng(2), 0
    for _ in range(200):
        judged = rng.normal(size=(1, 1, 40))
        samples = chosen_rates.resampled(np.zeros((1, 1, 3)), judged)
        _, low, high = chosen_rates.with_interval(judged.mean(axis=-1)[:, 0], samples)[0]
        hits += low < 0 < high
    assert 0.89 < hits / 200 < 0.98


def test_every_sample_is_that_of_its_own_draws():
    """A sample draws tuning tasks, then judged tasks. All bits are those of a loop over samples."""
    rng = np.random.default_rng(4)
    tuning, values = rng.normal(size=(3, 4, 7)), rng.normal(size=(3, 4, 30))
    draws, expected, crossed = np.random.default_rng(0), [], []
    for _ in range(120):
        first, second = (draws.integers(n, size=n) for n in (7, 30))
        at_best = chosen_rates.at_chosen(values, chosen_rates.chosen(tuning[..., first]))
        expected.append(at_best[:, second].mean(axis=-1))
        crossed.append(at_best[::-1, second].mean(axis=-1))
    samples = chosen_rates.resampled(tuning, values, 120)
    np.testing.assert_array_equal(samples, expected)
    assert not np.allclose(samples, crossed)
