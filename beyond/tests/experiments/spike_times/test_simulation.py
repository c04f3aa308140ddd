"""Simulated trials agree with the integrals, in mean and spread."""

import numpy as np
import pytest

from beyond.experiments.spike_times import one_run, surrogates, truth
from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import Renewal
from beyond.experiments.spike_times.simulation import Simulation

LOSS = truth.reward_near(10.0, 4.0)
N = 4000


@pytest.fixture(scope="module", params=[0.95, 1.2])
def place(request):
    noise, rng = Exponential(5.0), np.random.default_rng(3)
    simulation = Simulation(request.param, noise, 16.0, 400)
    run = simulation.run(LOSS, rng, np.zeros(N))
    return Renewal(request.param, noise, 16.0, 400), run, simulation.births(LOSS, rng, N)


def z(each, exact):
    return (each.mean() - exact) / (each.std() / len(each) ** 0.5)


def test_means_are_those_of_the_integrals(place):
    neuron, run, births = place
    exact = truth.by_births(neuron, LOSS)
    assert abs(z(run.loss, neuron.over_time(neuron.spikes * LOSS.value(neuron.t)))) < 5
    assert abs(z(run.surrogate, surrogates.detached(neuron, LOSS))) < 5
    for each in (run.pathwise, run.score, births):
        assert abs(z(each, exact)) < 5
    # The SG's mean is another one, and so is that of moves without births.
    assert abs(z(run.surrogate, exact)) > 20
    assert abs(z(run.pathwise, exact + truth.by_moves(neuron, LOSS).boundary)) > 10


def test_spreads_are_those_of_the_integrals(place):
    neuron, run, _ = place
    for each, route in (
        (run.pathwise, one_run.pathwise),
        (run.score, one_run.score_function),
        (run.surrogate, one_run.surrogate),
    ):
        exact = route(neuron, LOSS)[1]
        assert each.std() == pytest.approx(exact, rel=0.08)


def test_rare_spikes_carry_the_pathwise_mean_in_low_noise():
    """Samples miss them: here the sample's spread is far below the true one."""
    noise = Exponential(80.0)
    exact = one_run.pathwise(Renewal(0.95, noise, 16.0, 800), LOSS)[1]
    run = Simulation(0.95, noise, 16.0, 800).run(LOSS, np.random.default_rng(0), np.zeros(N))
    assert exact > 1e5
    assert run.pathwise.std() < exact / 5
