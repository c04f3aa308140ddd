"""Networks without noise: two derivations, finite differences, and defined answers to bad input."""

import numpy as np
import pytest

from beyond.experiments.spike_times.event_prop import event_prop
from beyond.experiments.spike_times.exact_adjoint import CASES, ExactAdjoint
from beyond.experiments.spike_times.implicit import spike_time_derivatives
from beyond.experiments.spike_times.lif import Network, Neurons
from experiments.engine.errors import UserError


def single(w, neurons=Neurons()):  # noqa: B008
    return Network(np.array([[w]]), np.zeros((1, 1)), neurons)


AT_ZERO = np.array([0.0]), np.array([0])


def test_adjoint_and_implicit_derivative_agree_with_finite_differences():
    """To 1e-8 in networks of 20 neurons, feed-forward and recurrent, with either reset."""
    data = ExactAdjoint(n_neurons=20, step=1e-5, seeds=[0]).compute(0)
    assert data["n_spikes"].min() > 50
    assert data["adjoint"].max() < 1e-12
    is_compared = np.isfinite(data["difference"])
    assert is_compared.sum() >= 6 and data["difference"][is_compared].max() < 1e-8
    assert {CASES[i][2] for i in np.flatnonzero(is_compared)} == {True, False}


@pytest.mark.parametrize("reset", ["hard", "subtract"])
@pytest.mark.parametrize("wrong", ["recurrent", "reset"])
def test_a_jump_that_is_left_out_is_found_out(reset, wrong):
    """The adjoint without the jump of the receivers' velocities, or without that of the reset."""
    rng = np.random.default_rng(4)
    network = Network(rng.normal(4, 2, (6, 4)), rng.normal(0, 1, (6, 6)), Neurons(reset=reset))
    times, channels = np.sort(rng.uniform(0, 15, 10)), rng.integers(0, 4, 10)
    spikes = network.run(times, channels, 25.0)
    slopes = rng.normal(size=len(spikes))
    exact = np.tensordot(slopes, spike_time_derivatives(network, spikes, times, channels), 1)
    right = np.hstack(event_prop(network, spikes, times, channels, slopes))
    assert right == pytest.approx(exact, rel=1e-8, abs=1e-10)
    if wrong == "reset":
        # A reset that does nothing. Hard and by subtraction are one: the potential is at threshold.
        unreset = Neurons(theta=0.0, reset="subtract")
        altered = Network(network.inputs, network.recurrent, unreset)
    else:
        altered = Network(network.inputs, 0 * network.recurrent, network.neurons)
    off = np.hstack(event_prop(altered, spikes, times, channels, slopes)) - exact
    assert np.linalg.norm(off) > 1e-2 * np.linalg.norm(exact)


def test_closed_form_and_root_finding_agree():
    closed = single(5.0).run(*AT_ZERO, 20.0)
    near = single(5.0, Neurons(10.0, 5.0 * (1 + 1e-12))).run(*AT_ZERO, 20.0)
    assert len(closed) >= 1
    assert closed[0].time == pytest.approx(near[0].time, abs=1e-9)
    assert closed[0].v[0] == pytest.approx(1.0, abs=1e-14)


def test_a_neuron_that_cannot_reach_its_threshold_is_silent():
    network = single(3.9)
    spikes = network.run(*AT_ZERO, 100.0)
    assert spikes == []
    inputs, recurrent = event_prop(network, spikes, *AT_ZERO, np.zeros(0))
    assert np.all(inputs == 0) and np.all(recurrent == 0)
    assert spike_time_derivatives(network, spikes, *AT_ZERO).shape == (0, 1, 2)


@pytest.mark.parametrize("tau_s", [5.0, 4.0])
def test_a_grazing_crossing_is_no_spike_and_the_next_weight_has_one(tau_s):
    neurons = Neurons(10.0, tau_s)
    t = np.log(10 / tau_s) / (1 / tau_s - 1 / 10)
    peak = neurons.gain * (np.exp(-t / 10) - np.exp(-t / tau_s))
    assert single((1 - 1e-12) / peak, neurons).run(*AT_ZERO, 50.0) == []
    derivatives = []
    for above in (1e-6, 1e-8):
        network = single((1 + above) / peak, neurons)
        spikes = network.run(*AT_ZERO, 50.0)
        assert len(spikes) == 1 and spikes[0].time < t
        derivatives.append(spike_time_derivatives(network, spikes, *AT_ZERO)[0, 0, 0])
    assert np.all(np.isfinite(derivatives))
    assert derivatives[1] / derivatives[0] == pytest.approx(10, rel=0.05)


def test_two_spikes_at_one_instant_both_count():
    """No spike is lost, and equal weights onto a third neuron get equal derivatives."""
    inputs = np.array([[6.0], [6.0], [0.0]])
    between = np.zeros((3, 3))
    between[2, :2] = 3.0
    network = Network(inputs, between)
    spikes = network.run(*AT_ZERO, 12.0)
    first = [spike for spike in spikes if spike.time == spikes[0].time]
    assert [spike.neuron for spike in first] == [0, 1]
    assert any(spike.neuron == 2 for spike in spikes)
    slopes = np.array([float(spike.neuron == 2) for spike in spikes])
    adjoint = np.hstack(event_prop(network, spikes, *AT_ZERO, slopes))
    exact = np.tensordot(slopes, spike_time_derivatives(network, spikes, *AT_ZERO), 1)
    assert adjoint == pytest.approx(exact, rel=1e-10, abs=1e-12)
    assert adjoint[0, 0] == pytest.approx(adjoint[1, 0], rel=1e-10)
    assert adjoint[2, 1] == pytest.approx(adjoint[2, 2], rel=1e-10)


def test_a_spike_at_the_end_is_not_counted():
    end = single(5.0).run(*AT_ZERO, 20.0)[0].time
    assert single(5.0).run(*AT_ZERO, end) == []
    assert len(single(5.0).run(*AT_ZERO, np.nextafter(end, 100))) == 1


def test_equal_time_constants_are_refused():
    with pytest.raises(UserError, match="one time constant"):
        Neurons(5.0, 5.0)


def test_a_network_that_explodes_is_refused():
    network = Network(np.array([[50.0]]), np.array([[20.0]]))
    with pytest.raises(UserError, match="too many spikes"):
        network.run(*AT_ZERO, 1e5)
