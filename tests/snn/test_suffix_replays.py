"""Replays of parts of a trial: unbiased to the end and if stopped at random, biased if not."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.estimators.suffix_replays import Block, SuffixReplays
from snn.flips import Systematic
from snn.noise import Constant, OffsetNoise
from snn.spikes import FIXED
from snn.stats import flatten, flatten_trials, mean_and_se, z_score
from snn.value_object import value_object
from tests.snn.problems import (
    BATCH,
    Problem,
    assert_unbiased,
    largest_z,
    mean_gradient,
    moments,
    recurrent_lif,
)

KEY = jax.random.key(0)


def layered_lif():
    """Two layers of one neuron, 12 sites, and late spikes where early ones are wanted."""
    neuron = snn.LIF(tau_mem=4e-3, tau_syn=2e-3)
    network = snn.LIFNetwork((2, 1, 1), snn.escape.Sigmoid(3.0), neuron)
    x = jnp.ones((6, 2)).at[1::2, 1].set(0.0)
    loss = snn.losses.VanRossum(jnp.array([[1.0, 1, 1, 0, 0, 0]]).T, tau_mem=4e-3, tau_syn=2e-3)
    params = [{"w": jnp.array([[4.0], [2.9]])}, {"w": jnp.array([[8.0]])}]
    return Problem(snn.Program(network, x, loss), params)


RECURRENT = recurrent_lif(reset_input=True, steps=6)
PROBLEMS = {"recurrent": RECURRENT, "layers": layered_lif()}
BLOCKS = {"recurrent": 2, "layers": 3}
TRIALS = {"recurrent": 50 * BATCH, "layers": 36 * BATCH}


@cache
def trials(name, n_trials=None, **settings):
    """Estimates trial by trial; trials are the same ones, however many there are."""
    estimator = SuffixReplays(**{"n_blocks": BLOCKS[name], "flips_per_block": 4} | settings)
    noise_key, key = jax.random.split(KEY)
    noise = snn.draw_noise(*PROBLEMS[name], noise_key, n_trials or TRIALS[name])
    return estimator.per_trial(*PROBLEMS[name], noise, key)


@cache
def exact(name):
    return np.asarray(flatten(snn.ExactEnumeration()(*PROBLEMS[name]).grad))


def and_exact(each, name):
    """The mean of the trials, and what it should be."""
    return mean_gradient(each.grad), exact(name)


@pytest.mark.parametrize(
    "problem",
    [RECURRENT, recurrent_lif(reset="subtract", theta=0.6), layered_lif()],
    ids=["input reset", "subtractive reset", "layers"],
)
def test_a_trial_in_parts_is_the_trial(problem):
    """Parts of 0, 1, 2 and the remaining steps, each from the states after the one before."""
    program, params = problem
    ends = (0, 0, 1, 3, len(program.x))

    @jax.jit
    def whole_and_parts(noise):
        parts, states = [], program.network.initial_states()
        for first, end in zip(ends, ends[1:], strict=False):
            x, xi = program.x[first:end], OffsetNoise(noise, step=first)
            output, trace, states = program.network.resume(params, x, xi, FIXED, states)
            parts.append((output, trace))
        return program(params, noise, FIXED), parts

    noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(program, params, jax.random.key(4), 1))
    run, parts = whole_and_parts(noise)
    for first, end, (output, trace) in zip(ends, ends[1:], parts, strict=False):
        np.testing.assert_array_equal(output, run.output[first:end])
        for layer, whole in zip(trace, run.trace, strict=True):
            np.testing.assert_allclose(layer.v, whole.v[first:end], atol=1e-14)
            np.testing.assert_array_equal(layer.s, whole.s[first:end])


@pytest.mark.parametrize("name", PROBLEMS)
def test_unbiased(name):
    """n, n - 1, ... 1 of n blocks are run for four flips each."""
    each = trials(name)
    assert_unbiased(*and_exact(each, name))
    np.testing.assert_allclose(each.n_evaluations, 1 + 4 * (BLOCKS[name] + 1) / 2, rtol=1e-14)


@value_object
class Forgetful(snn.LIFNetwork):
    """A network that keeps a share of the currents it starts from; the wrong variant keeps none."""

    kept: float = 1.0

    def resume(self, params, x, noise, spike, states):
        states = tuple(state._replace(i=self.kept * state.i) for state in states)
        return super().resume(params, x, noise, spike, states)


def test_blocks_of_unequal_length_are_unbiased_but_without_currents_in_the_states():
    """Four blocks of 2, 1, 1 and 2 steps."""
    program, params = PROBLEMS["recurrent"]
    actual = []
    for kept in (1.0, 0.0):  # Both networks share one compiled program.
        network = Forgetful(**vars(program.network), kept=kept)
        problem = Problem(snn.Program(network, program.x, program.loss), params)
        estimate = moments(SuffixReplays(n_blocks=4, flips_per_block=4), problem, 20 * BATCH)
        actual.append(largest_z(estimate, exact("recurrent")))
    assert actual[0] < 5 and actual[1] > 20


def test_flips_are_found_in_layers_of_different_widths():
    """Units are numbered through the layers of a step: 3 and 2 of them, in 4 steps."""
    network = snn.LIFNetwork((1, 3, 2))
    program = snn.Program(network, jnp.ones((4, 1)), snn.losses.Linear())
    params = [{"w": jnp.ones((1, 3))}, {"w": jnp.ones((3, 2))}]
    noise, widths = Constant(0.5), (3, 2)

    @jax.jit
    def forced(step, unit):
        """Where another number is drawn, ``(step, unit)``."""
        run = program(params, noise, FIXED)
        block = Block(network, program, params, noise, run, 0, network.initial_states())
        other = block.flipped((step, unit, jnp.zeros(())))
        rows = [[other.draw(i, t, (n,)) for t in range(4)] for i, n in enumerate(widths)]
        return jnp.concatenate([jnp.stack(row) for row in rows], axis=1) != 0.5

    for step in range(4):
        for unit in range(5):
            expected = np.zeros((4, 5), bool)
            expected[step, unit] = True
            np.testing.assert_array_equal(forced(step, unit), expected)


def test_each_random_choice_has_a_key_of_its_own(monkeypatch):
    """Those of a block's flips and of the length of its replays."""
    used = []

    def note(key):
        words = jax.random.key_data(key)
        jax.debug.callback(lambda words: used.append(tuple(words.tolist())), words)

    @value_object
    class Noted:
        def __call__(self, key, q, n):
            note(key)
            return Systematic()(key, q, n)

    n_further = SuffixReplays._n_further

    def noted(self, key, survival, block):
        note(key)
        return n_further(self, key, survival, block)

    monkeypatch.setattr(SuffixReplays, "_n_further", noted)
    program, params = recurrent_lif(steps=6)
    noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(program, params, jax.random.key(4), 1))
    single = jax.jit(SuffixReplays(n_blocks=3, draw=Noted(), survival=0.5).single)
    single(program, params, noise, jax.random.key(0))
    jax.effects_barrier()
    assert len(used) == len(set(used)) == 2 * 3


def assert_same(one, other):
    np.testing.assert_allclose(flatten_trials(one.grad), flatten_trials(other.grad), atol=1e-13)
    np.testing.assert_allclose(one.n_evaluations, other.n_evaluations, rtol=1e-14)


@pytest.mark.parametrize("settings", [{"survival": 1.0}, {"survival": 0.0, "horizon": 2}], ids=str)
def test_replays_that_never_stop_run_to_the_end(settings):
    whole = trials("layers")
    assert np.std(flatten_trials(whole.grad), axis=0).max() > 0.001
    assert_same(trials("layers", **settings), whole)


@pytest.mark.parametrize(
    "name, survival, horizon", [("recurrent", 0.7, 0), ("layers", 0.7, 0), ("layers", 0.7, 1)]
)
def test_unbiased_if_stopped_at_random(name, survival, horizon):
    each = trials(name, survival=survival, horizon=horizon)
    assert_unbiased(*and_exact(each, name))


def test_batches_change_nothing():
    """Replays of a trial stop when they should, whichever trials and flips run at once."""
    stopped = {"survival": 0.7, "horizon": 0}
    at_once = trials("recurrent", **stopped)
    first = jax.tree.map(lambda leaf: leaf[: 5 * BATCH], at_once)
    other = {"n_trials": 5 * BATCH, "batch_size": 5 * BATCH, "replay_batch": 1}
    assert_same(trials("recurrent", **stopped, **other), first)


def test_later_differences_without_their_weights_bias(monkeypatch, compiled_anew):
    """The wrong variant: differences that are not divided by the probability to be computed."""
    monkeypatch.setattr(SuffixReplays, "_reach", lambda self, j: jnp.ones_like(j, float))
    each = trials.__wrapped__("recurrent", 10 * BATCH, survival=0.5)
    assert largest_z(*and_exact(each, "recurrent")) > 20


def test_truncation_alone_biases_the_less_the_longer_the_horizon():
    actual = [trials("layers", survival=0.0, horizon=horizon) for horizon in range(3)]
    assert largest_z(*and_exact(actual[0], "layers")) > 20
    means = (np.mean(flatten_trials(each.grad), axis=0) for each in actual)
    truth = exact("layers")
    errors = [np.linalg.norm(mean - truth) / np.linalg.norm(truth) for mean in means]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.05 > 5 * errors[-1]


def test_cost_counts_the_steps_that_run():
    """Three blocks of three, two and one that could run, and four flips in each."""
    for horizon, blocks in ((0, 1 + 1 + 1), (1, 2 + 2 + 1)):
        each = trials("layers", survival=0.0, horizon=horizon)
        np.testing.assert_allclose(each.n_evaluations, 1 + 4 * blocks / 3, rtol=1e-14)
        estimator = SuffixReplays(n_blocks=3, survival=0.0, horizon=horizon)
        assert 3 * 4 * float(estimator.runs_per_flip()) == pytest.approx(4 * blocks / 3)
    assert float(SuffixReplays(n_blocks=3).runs_per_flip()) == pytest.approx(6 / 9)


def test_cost_at_random_is_as_expected():
    each = trials("layers", survival=0.7, horizon=0)
    cost = mean_and_se(each.n_evaluations)
    # Of the first block a mean of 1 + 0.7 + 0.49 blocks of three, and so on; four flips in each.
    assert abs(z_score(cost, 1 + 4 * (2.19 + 1.7 + 1) / 3)) < 5
    per_flip = float(SuffixReplays(n_blocks=3, survival=0.7).runs_per_flip())
    assert per_flip == pytest.approx((2.19 + 1.7 + 1) / 9)
    assert abs(z_score(cost, 1 + 1.05 * 12 * per_flip)) > 5


def test_numbers_do_not_recompile():
    structures = {
        jax.tree.structure(SuffixReplays(horizon=horizon, survival=survival))
        for horizon, survival in ((0, 0.5), (1, 0.0))
    }
    assert len(structures) == 1
