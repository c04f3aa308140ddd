"""The derivative of the mean loss is the same by either route, and wrong variants fail."""

import numpy as np
import pytest
import scipy

from beyond.experiments.spike_times import one_run, surrogates, truth
from beyond.experiments.spike_times.intensity import LARGEST, Exponential
from beyond.experiments.spike_times.renewal import THETA, TIME_OF_MAXIMUM, Renewal, psp

LOSS = truth.reward_near(10.0, 4.0)
PLACES = [(0.95, 5.0), (0.95, 20.0), (1.2, 5.0), (1.2, 20.0)]


def extrapolated(route, w, beta, n=400):
    """Return a route's number, extrapolated from two grids."""
    coarse, fine = (route(Renewal(w, Exponential(beta), 16.0, k), LOSS) for k in (n // 2, n))
    return fine + (fine - coarse) / 3


def mean_loss(neuron, loss):
    """Return the mean loss of a trial."""
    return float(neuron.over_time(neuron.spikes * loss.value(neuron.t)))


@pytest.mark.parametrize(("w", "beta"), PLACES)
def test_both_routes_are_the_finite_difference_of_the_mean_loss(w, beta):
    births = extrapolated(truth.by_births, w, beta)
    moves = extrapolated(lambda *args: sum(truth.by_moves(*args)), w, beta)
    step = 1e-4
    above, below = (extrapolated(mean_loss, w + d, beta) for d in (step, -step))
    tolerance = 2e-4 * (1 + abs(births))
    assert moves == pytest.approx(births, abs=tolerance)
    assert (above - below) / (2 * step) == pytest.approx(births, abs=tolerance)


@pytest.mark.parametrize("w", [0.95, 1.2])
def test_a_grid_twice_as_fine_leaves_a_quarter_of_the_error(w):
    """Every integral is of second order in the cells, as the extrapolation from two grids assumes.

    A cell that is left out, or that counts whole where it counts half, makes it the first order:
    half of the error would remain. In high noise a spike soon follows another one.
    """
    grids = [Renewal(w, Exponential(1.0), 16.0, n) for n in (80, 160, 320)]
    routes = {"mean loss": mean_loss, "births": truth.by_births}
    for part in truth.Moves._fields:
        routes[part] = lambda *args, part=part: getattr(truth.by_moves(*args), part)
    for name, route in routes.items():
        first, second = np.diff([route(grid, LOSS) for grid in grids])
        assert first / second == pytest.approx(4, rel=0.15), name


@pytest.mark.parametrize(("w", "beta"), PLACES[:3])
def test_wrong_variants_are_found_out(w, beta):
    """Without the boundary, without what a reset changes, or at fixed resets."""
    exact = extrapolated(truth.by_births, w, beta)
    no_boundary = extrapolated(lambda *args: sum(truth.by_moves(*args)[:2]), w, beta)
    assert abs(no_boundary - exact) > 0.1
    assert abs(extrapolated(surrogates.detached, w, beta) - exact) > 0.5


def test_one_spike_is_a_quadrature():
    """With a tiny intensity two spikes do not occur, and the mean loss is an integral."""
    beta, w, rho = 5.0, 1.2, 1e-7
    noise = Exponential(beta, rho)

    def change(t):
        return LOSS.value(t) * noise.slope(w * psp(t) - THETA) * psp(t)

    wanted = scipy.integrate.quad(change, 0, 16, epsabs=0, epsrel=1e-12)[0]
    coarse, fine = (truth.by_births(Renewal(w, noise, 16.0, n), LOSS) for n in (200, 400))
    assert fine + (fine - coarse) / 3 == pytest.approx(wanted, rel=1e-5)
    assert wanted != pytest.approx(mean_loss(Renewal(w, noise, 16.0, 400), LOSS), rel=0.1)


@pytest.mark.parametrize("beta", [80.0, 120.0])
def test_first_spikes_alone_slide_in_low_noise(beta):
    """A single integral over time agrees with tables over pairs of spikes."""
    by_tables = extrapolated(lambda *g: truth.by_moves(*g).slide, 1.3, beta, n=1200)
    alone = truth.first_slide(1.3, Exponential(beta), LOSS, 16.0, 100_000)
    assert np.isclose(alone, by_tables, rtol=1e-4)


def test_event_based_gradient_is_that_of_the_crossing_time():
    def loss_at(w):
        t = scipy.optimize.brentq(lambda t: w * psp(t) - THETA, 0, TIME_OF_MAXIMUM, xtol=1e-14)
        return LOSS.value(np.array(t))

    difference = (loss_at(1.2 + 1e-6) - loss_at(1.2 - 1e-6)) / 2e-6
    assert surrogates.event_based(1.2, LOSS, 16.0) == pytest.approx(difference, rel=1e-7)
    assert surrogates.event_based(0.95, LOSS, 16.0) == 0.0


def test_an_intensity_that_overflows_is_capped():
    noise = Exponential(1e6)
    assert noise.rate(np.array(1.0)) == pytest.approx(np.exp(LARGEST))
    assert noise.slope(np.array(1.0)) == 0.0
    assert noise.rate(np.array(-1.0)) == 0.0
    neuron = Renewal(1.2, noise, 16.0, 200)
    for number in (truth.by_births(neuron, LOSS), *truth.by_moves(neuron, LOSS)):
        assert np.isfinite(number)
    # No spike is lost: the first one comes in the first cell in which the threshold is passed.
    assert 1 - neuron.survival[0, -1] == pytest.approx(1.0)


@pytest.mark.parametrize("route", [one_run.pathwise, one_run.score_function])
@pytest.mark.parametrize(("w", "beta"), PLACES)
def test_unbiased_estimates_have_the_true_mean(route, w, beta):
    exact = extrapolated(truth.by_births, w, beta)
    mean = extrapolated(lambda *args: route(*args)[0], w, beta)
    assert mean == pytest.approx(exact, abs=1e-3 * (1 + abs(exact)))
    sg = extrapolated(lambda *args: one_run.surrogate(*args)[0], w, beta)
    assert sg == pytest.approx(extrapolated(surrogates.detached, w, beta), rel=1e-3)
