"""Mixtures of a broad and an unbiased estimate: what is taken from which, runs, noise, slopes."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.true_gradient.budgets import METHODS
from beyond.experiments.true_gradient.hybrids import BROAD, FOLLOWED, MATCHED, SYSTEMATIC
from beyond.experiments.true_gradient.lif_task import lif_task
from beyond.experiments.true_gradient.mixed_estimators import InOtherNoise, Jittered, PerNeuron

SIZES, STEPS, BETA, BUDGET = (4, 2, 2), 16, 10.0, 8
KEY = jax.random.key(5)


@pytest.fixture(scope="module")
def problem():
    return task(BETA)


def task(beta):
    return lif_task(jax.random.key(5), SIZES, STEPS, beta, input_rate=300.0)


def estimate(name, problem, seed=1):
    made, n_trials = FOLLOWED[name].within(BUDGET, BETA)
    noise = snn.draw_noise(*problem, jax.random.key(seed), n_trials)
    return made(*problem, noise, KEY).grad


def test_updates_cost_what_is_said():
    runs = {name: followed.runs(32) for name, followed in FOLLOWED.items()}
    assert runs.pop("stochastic_ad_systematic_x8") == 256
    assert runs.pop("broad_jittered") == 96
    assert runs.pop("broad_at_silent") == runs.pop("unbiased_at_silent") == 64
    assert set(runs.values()) == {32}
    _, n_trials = FOLLOWED["broad_at_silent"].within(32, BETA)
    assert n_trials == 32 + 1


def test_a_neuron_takes_one_gradient_or_the_other():
    spikes = jnp.zeros((4, STEPS, 3)).at[2, 5, 1].set(1)
    trace = (SimpleNamespace(s=spikes),)
    broad, unbiased = [{"w": jnp.full((2, 3), value)} for value in (1.0, -1.0)]
    parts = snn.Surrogate(), snn.StochasticAD()
    made = {on: PerNeuron(*parts, broad_at_silent=on) for on in (True, False)}
    for on, expected in ((True, [1, -1, 1]), (False, [-1, 1, -1])):
        (layer,) = made[on].mixed([broad], [unbiased], trace)
        np.testing.assert_array_equal(layer["w"], [expected] * 2)


def test_both_hybrids_together_are_both_gradients(problem):
    """Every weight takes one in A and the other in B, of the same trials."""
    noise = snn.draw_noise(*problem, jax.random.key(1), BUDGET + 1)
    first, last = (
        jax.tree.map(lambda leaf, p=p: leaf[p], noise) for p in (slice(-1), slice(-1, None))
    )
    broad = METHODS[BROAD].within(BUDGET, BETA)[0](*problem, first).grad
    unbiased = METHODS[SYSTEMATIC].within(BUDGET)[0](*problem, last, KEY).grad
    one, other = (estimate(name, problem) for name in ("broad_at_silent", "unbiased_at_silent"))
    for a, b, c, d in zip(*map(jax.tree.leaves, (one, other, broad, unbiased)), strict=True):
        np.testing.assert_allclose(a + b, c + d, rtol=1e-5, atol=1e-8)


def test_where_all_is_silent_the_broad_one_still_has_a_gradient(problem):
    program, params = problem
    still = program, jax.tree.map(lambda w: -jnp.abs(w), params)
    broad, unbiased = (
        max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(estimate(name, still)))
        for name in ("broad_at_silent", "unbiased_at_silent")
    )
    assert broad > 0.02 > 20 * unbiased


def test_noise_has_no_mean_and_the_variance_of_one_unbiased_estimate(problem):
    broad = METHODS[BROAD].within(BUDGET, BETA)[0]
    unbiased = METHODS[SYSTEMATIC].within(BUDGET)[0]
    n = 4000
    keys = jax.random.split(jax.random.key(3), n)

    def flat(grad):
        return jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(grad)])

    @jax.jit
    @jax.vmap
    def both(key):
        noise = snn.draw_noise(*problem, key, 4)
        first = jax.tree.map(lambda leaf: leaf[:2], noise)
        off = flat(Jittered(broad, unbiased)(*problem, noise, key).grad)
        last = jax.tree.map(lambda leaf: leaf[3:], noise)
        own = flat(unbiased(*problem, last, jax.random.fold_in(key, 1)).grad)
        return off - flat(broad(*problem, first).grad), own

    jitter, own = map(np.asarray, both(keys))
    noisy = own.std(axis=0) > 0
    assert noisy.sum() >= 6 and not jitter[:, ~noisy].any()
    z = jitter[:, noisy].mean(axis=0) / (jitter[:, noisy].std(axis=0) / n**0.5)
    assert np.abs(z).max() < 5
    total = jitter.var(axis=0).sum() / own.var(axis=0).sum()
    assert 0.85 < total < 1.15
    # Were the difference not divided by sqrt(2), it would be twice that.
    assert not 0.85 < 2 * total < 1.15


def test_other_noise_is_that_of_another_network(problem):
    broader = task(BETA / 4)
    unbiased = METHODS[SYSTEMATIC].within(BUDGET)[0]
    noise = snn.draw_noise(*problem, jax.random.key(1), 1)
    gradient = InOtherNoise(unbiased, BETA / 4)(*problem, noise, KEY).grad
    expected, own = (unbiased(*each, noise, KEY).grad for each in (broader, problem))
    for a, b, c in zip(*map(jax.tree.leaves, (gradient, expected, own)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
        assert not np.allclose(a, c, rtol=1e-2)


def test_schedules_go_from_one_method_to_the_other():
    half = FOLLOWED["first_broad"]
    for name, times in ((BROAD, (0.0, 14 / 29)), (SYSTEMATIC, (15 / 29, 1.0))):
        expected = METHODS[name].within(BUDGET, BETA)
        assert [half.within(BUDGET, BETA, x) for x in times] == [expected] * 2
    slopes = [FOLLOWED["annealed"].within(BUDGET, BETA, x)[0].derivative.beta for x in (0, 0.5, 1)]
    np.testing.assert_allclose(slopes, [BETA / 4, BETA / 2, BETA])
    assert METHODS[MATCHED].within(BUDGET, BETA)[0].derivative.beta == BETA
