"""Initial gain: its equivalence with the slope, annealing, and the predictions on known shares."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.boolean import boolean_training
from beyond.experiments.boolean.directions import direction
from beyond.experiments.boolean.initial_weights import LONGER, WINDOWS, InitialWeights, scaled
from beyond.experiments.families import AGAIN, STARTS
from beyond.experiments.methods import ANNEALED, BEST, FROM_GAINS

RESPONSE, USUAL = "exact_of_response", "broad_usual"
SMALL = {"n_tasks": 6, "n_tuning": 4, "n_updates": 60, "rates": [0.01]}


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def test_a_quarter_of_the_weights_is_a_quarter_of_the_slope(monkeypatch):
    """At a quarter of the rate, too; Adam's epsilon would break the scaling."""
    monkeypatch.setattr(boolean_training, "EPSILON", 1e-30)
    low = InitialWeights(beta=16.0, gains=[0.25], **SMALL)
    high = InitialWeights(beta=4.0, gains=[1.0], **SMALL | {"rates": [0.04]})
    name = f"{ANNEALED}{RESPONSE}"
    ends = [each.last_wrong(name, scaled(each.tasks(5)[0], each.gains[0])) for each in (low, high)]
    other = low.last_wrong(name, low.tasks(5)[0])
    assert np.allclose(*ends, rtol=1e-9) and not np.allclose(ends[0], other, rtol=1e-3)


def test_annealing_starts_at_a_quarter_of_the_slope_and_ends_at_the_whole():
    config = InitialWeights(**SMALL)
    task = jax.tree.map(lambda leaf: leaf[0], config.tasks(5)[0])
    exact, annealed = (direction(config.arm(n), 16.0, 60) for n in (RESPONSE, ANNEALED + RESPONSE))
    for update, part in ((0, 0.25), (15, 0.625), (30, 1.0), (60, 1.0)):
        at = task.weights, jnp.array(update)
        taken, wrong = annealed.follow(16.0, config.family, task, at)
        plain = exact.follow(part * 16.0, config.family, task, at)[0]
        whole = exact.follow(16.0, config.family, task, at)
        assert np.allclose(taken, plain) and np.allclose(wrong, whole[1])


def panel(methods, solved, gains=WINDOWS["slope_16"], updates=1.0):
    """A panel in which a method solves a share of 200 tasks at each gain, and 20 tuning tasks."""
    rng = np.random.default_rng(0)
    shape = len(methods), len(gains), 2
    share = np.array([[[solved(m, g) * updates] * 2 for g in gains] for m in methods])
    wrong = {n: (rng.uniform(size=(*shape, n)) > share[..., None]).astype(float) for n in (20, 200)}
    return {
        "methods": np.array(methods)[None],
        "beta": np.array([16.0]),
        "gains": np.array(gains)[None],
        "rates": np.array([0.01, 0.03])[None],
        "tuning": wrong[20][None],
        "wrong": wrong[200][None],
    }


ALL = (1 / 32, 1 / 16, *WINDOWS["slope_16"])


def bad_start(method, gain):
    """The exact gradient needs small weights, and a broad SG does not."""
    exact = method.removeprefix(ANNEALED) in BEST["best_exact"]
    return 0.3 if exact and gain > 0.25 else 0.9


def panels(solved):
    each = {}
    for start, long in LONGER.items():
        each[start] = panel(FROM_GAINS, solved, ALL)
        each[long] = panel((RESPONSE, USUAL), solved, (0.25, 1.0))
    return each | {name: panel(FROM_GAINS, solved) for name in AGAIN}


def test_a_bad_start_is_told_from_breadth():
    quantities = InitialWeights.conclusions(panels(bad_start))
    for start in STARTS:
        at = lambda name, start=start: quantities[f"{start}.{name}"]  # noqa: E731
        breadth = f"{USUAL}_over_{RESPONSE}_in_slope_16"
        breadth_at_one = f"{USUAL}_at_one_over_{RESPONSE}_at_one_in_slope_16"
        own_start = f"{RESPONSE}_over_{RESPONSE}_at_one_in_slope"
        assert abs(at(breadth).value) < 0.1 and at(breadth_at_one).value > 0.4
        assert at(f"{own_start}_16").ci_low > 0.4
        # At slope 4 gain 1 is small enough.
        assert at(f"{own_start}_4").value == 0
    for letter in "ab":
        assert quantities[f"starts_again.E177{letter}_p"].value > 0.05


def test_breadth_beyond_the_start_is_found():
    def broad(method, gain):
        return 0.9 if method.startswith("broad") else 0.5

    quantities = InitialWeights.conclusions(panels(broad))
    cells = [f"starts.E165{x}_p" for x in "abcd"] + [f"starts_again.E177{x}_p" for x in "ab"]
    for name in cells:
        assert quantities[name].value < 1e-6


def test_own_gain_and_shares_are_those_of_the_best_option():
    data = panel(FROM_GAINS, bad_start, ALL)
    pooled = InitialWeights().pooled(data)
    i = FROM_GAINS.index(RESPONSE)
    assert pooled["own_gain"][i] <= 0.25 and pooled["own_share"][i, 0] > 0.8
    shares = [bad_start(RESPONSE, gain) for gain in ALL]
    np.testing.assert_allclose(pooled["gain_share"][i, :, 0], shares, atol=0.12)
