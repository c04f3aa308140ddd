"""The page that says which gradient to use: not stale, and right about what it is told."""

import numpy as np
import pytest

from experiments.atlas import choice
from figures.drawing import unpack
from scripts import which_gradient

NAMES = ["surrogate", "disarm", "score_function", "stochastic_ad"]


def panel(variance=(1.0, 3.0, 5.0, 2.0), cosine=0.9, sites=12):
    """One seed, one cell and two networks, in which the estimators cost 1, 3, 1 and 10 runs."""
    shape = (1, len(NAMES), 1, 2)
    unknown = np.full(shape, np.nan)
    biased = np.arange(len(NAMES))[None, :, None, None] == 0
    return {
        "estimators": np.array([NAMES]),
        "cells": np.array([[[2.0, 5.0, 4.0, 1.0]]]),
        "sites": np.array([[sites]]),
        "evaluations": np.array([1.0, 3.0, 1.0, 10.0]).reshape(1, -1, 1),
        "cosine": np.where(biased, cosine, unknown),
        "scale": np.where(biased, 2.0, unknown),
        "bias": np.where(biased, 0.5, unknown),
        "variance": np.broadcast_to(np.reshape(variance, (1, -1, 1, 1)), shape),
    }


def test_the_page_is_not_stale():
    with np.load(which_gradient.NUMBERS) as file:
        page = which_gradient.render(unpack(file)[0])
    assert which_gradient.PAGE.read_text() == page, "python -m scripts.which_gradient"


def test_alignment_is_that_of_gaussian_estimates():
    """Against a simulation: the best multiple of the mean of K noisy estimates."""
    rng = np.random.default_rng(0)
    mean = 2.0 * 5.0 * np.array([0.9, np.sqrt(1 - 0.81)])  # cosine 0.9 with the first axis
    gradient = np.array([5.0, 0.0])
    # Variance 1 in units of |g|^2, over two components; a budget of 10 buys 10 trials.
    noise = rng.normal(0, np.sqrt(25 / 2 / 10), (200_000, 2))
    estimates = mean + noise
    projected = np.mean(estimates @ gradient) / np.sqrt(np.mean(np.sum(estimates**2, 1))) / 5
    measured = choice.alignment(panel(), 10)[0, 0]
    assert measured == pytest.approx(projected, abs=1e-3)
    assert abs(choice.alignment(panel(), 5)[0, 0] - projected) > 5e-3


def test_what_a_budget_does_not_buy_is_not_chosen():
    alone = choice.alignment(panel(), 1)[:, 0]
    np.testing.assert_array_equal(np.isfinite(alone), [True, False, False, False])
    assert np.isfinite(choice.alignment(panel(), 2)[2, 0])  # leave-one-out needs two trials


def chosen(anywhere, **kwargs):
    best = choice.best(panel(**kwargs), anywhere)[0]
    return ["all paths" if i == choice.ALL_PATHS else NAMES[i] for i in best]


def test_bias_wins_at_small_budgets_and_loses_at_large_ones():
    assert chosen(True)[0] == "surrogate"
    assert chosen(True)[2] == "score_function"
    assert chosen(True)[4] == "all paths"  # 2^12 paths
    assert chosen(True, sites=30)[4] == "score_function"


def test_only_layers_may_use_what_asks_for_them():
    quiet = (1.0, 0.1, 5.0, 2.0)
    assert chosen(False, variance=quiet)[2] == "disarm"
    assert chosen(True, variance=quiet)[2] == "score_function"
