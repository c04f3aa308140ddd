"""What all estimators share: one call, means over trials, batches, counts, refusals."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.estimators.score_function import LeaveOneOut, NoBaseline
from snn.stats import flatten, flatten_trials
from snn.types import Estimate
from snn.value_object import static, value_object
from tests.snn.problems import BATCH, mean_gradient, mlp

N = 20
SAMPLED = {
    "surrogate": snn.Surrogate,
    "some flips": lambda **kwargs: snn.StochasticAD(n_flips=2, **kwargs),
    "score function": lambda **kwargs: snn.ScoreFunction(LeaveOneOut(), **kwargs),
}
each_estimator = pytest.mark.parametrize("make", SAMPLED.values(), ids=SAMPLED)


def noise_for(problem, n_trials=N):
    return snn.draw_noise(*problem, jax.random.key(0), n_trials)


@each_estimator
def test_the_call_is_the_mean_of_single_trials(make):
    """Twenty trials at once, and in batches, the last of which is not full."""
    (program, params), noise, key = mlp(), noise_for(mlp()), jax.random.key(1)
    each = make().per_trial(program, params, noise, key)
    leaves = jax.tree.leaves((each.grad, each.loss, each.n_evaluations))
    assert all(leaf.shape[0] == N for leaf in leaves)
    mean = make(batch_size=7)(program, params, noise, key)
    np.testing.assert_allclose(
        flatten(mean.grad), np.mean(flatten_trials(each.grad), axis=0), atol=1e-14
    )
    assert isinstance(mean, Estimate)
    assert mean.loss == pytest.approx(float(np.mean(each.loss)))
    assert jax.tree.structure(mean.grad) == jax.tree.structure(params)
    assert jax.tree.map(jnp.shape, mean.grad) == jax.tree.map(jnp.shape, params)


def test_surrogate_differentiates_the_mean_loss():
    """Its mean is one reverse pass of its own, without batches, too."""
    noise = noise_for(mlp())
    each = snn.Surrogate().per_trial(*mlp(), noise)
    mean = snn.Surrogate()(*mlp(), noise)
    expected = np.mean(flatten_trials(each.grad), axis=0)
    np.testing.assert_allclose(flatten(mean.grad), expected, atol=1e-14)


def test_estimators_see_the_same_trials_under_the_same_noise():
    losses = [
        make().per_trial(*mlp(), noise_for(mlp()), jax.random.key(1)).loss
        for make in SAMPLED.values()
    ]
    for other in losses[1:]:
        np.testing.assert_array_equal(other, losses[0])


@value_object
class Counted:
    """A network that reports every evaluation, those of a batch one by one."""

    network: snn.MLP
    report: Callable = static()

    def __call__(self, params, x, noise, spike):
        out, trace = self.network(params, x, noise, spike)
        # The output differs between the evaluations of a batch, so each makes a call of its own.
        jax.debug.callback(self.report, out)
        return out, trace


@pytest.mark.parametrize(
    "estimator, n_trials, per_trial, reverse",
    [
        (snn.ExactEnumeration(), 1, 2**6, 0),
        (snn.MeanField(), 1, 1, 0),
        (snn.Surrogate(batch_size=2), 5, 1, 1),
        (snn.SmoothedStochasticAD(), 5, 1, 0),
        (snn.ScoreFunction(batch_size=2), 5, 1, 0),
        (snn.StochasticAD(batch_size=2, replay_batch=4), 5, 1 + 6, 0),
        (snn.StochasticAD(n_flips=2), 5, 1 + 2, 0),
        (snn.DisARM(), 5, 1 + 3, 0),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_as_many_evaluations_as_counted(estimator, n_trials, per_trial, reverse):
    """The reverse pass is not counted, though its forward half may be a run of the program."""
    (program, params), outputs = mlp(), []
    counted = snn.Program(Counted(program.network, outputs.append), program.x, program.loss)
    estimate = estimator(counted, params, noise_for(mlp(), n_trials), jax.random.key(0))
    jax.effects_barrier()
    assert estimate.n_evaluations == per_trial
    assert len(outputs) == n_trials * (per_trial + reverse)


@pytest.mark.parametrize(
    "oracle, evaluations",
    [(snn.Expected(), 2**6), (snn.TransferMatrix(), 2**3 + 2**5 + 2**3)],
    ids=["Expected", "TransferMatrix"],
)
def test_evaluations_of_oracles(oracle, evaluations):
    assert oracle(*mlp()).n_evaluations == evaluations


def test_flipped_sites_depend_on_the_key_and_on_nothing_else():
    estimator, problem, noise = snn.StochasticAD(n_flips=2), mlp(), noise_for(mlp())
    a, again, b, every = (
        flatten_trials(est.per_trial(*problem, noise, jax.random.key(seed)).grad)
        for est, seed in [(estimator, 1), (estimator, 1), (estimator, 2), (snn.StochasticAD(), 1)]
    )
    np.testing.assert_array_equal(a, again)
    assert (a != b).any() and (a != every).any()


def test_replays_in_batches():
    whole = snn.StochasticAD().per_trial(*mlp(), noise_for(mlp()))
    batched = snn.StochasticAD(replay_batch=4).per_trial(*mlp(), noise_for(mlp()))
    np.testing.assert_allclose(flatten_trials(batched.grad), flatten_trials(whole.grad), atol=1e-14)


def test_counter_noise_is_replayed():
    noise = snn.noise.ThreefryNoise.sample(jax.random.key(0), 20 * BATCH)
    exact = flatten(snn.ExactEnumeration()(*mlp()).grad)
    grad = snn.StochasticAD().per_trial(*mlp(), noise, jax.random.key(1)).grad
    estimate = mean_gradient(grad)
    assert np.abs(snn.stats.z_score(estimate, exact)).max() < 5
    assert np.abs(snn.stats.z_score(estimate, 1.5 * exact)).max() > 5


def test_leave_one_out_is_the_mean_of_the_others():
    """A mean that includes the trial itself would bias, by a half where there are two trials."""
    np.testing.assert_allclose(LeaveOneOut()(jnp.array([1.0, 2.0, 6.0])), [4.0, 3.5, 1.5])
    np.testing.assert_allclose(LeaveOneOut()(jnp.array([1.0, 2.0])), [2.0, 1.0])


@pytest.mark.parametrize("baseline", [NoBaseline(), LeaveOneOut()], ids=["none", "leave one out"])
def test_groups_of_trials_have_the_estimates_that_they_have_alone(baseline):
    """A leave-one-out baseline is then that of the group: that of all trials would be seen."""
    estimator, k = snn.ScoreFunction(baseline), 5
    all_trials = estimator.per_trial(*mlp(), noise_for(mlp()))
    each = np.asarray(flatten_trials(all_trials.grad))
    means = estimator.means_of_groups(each, np.asarray(all_trials.loss), k, 3)
    assert len(means) == 3
    second = jax.tree.map(lambda leaf: leaf[k : 2 * k], noise_for(mlp()))
    alone = flatten(estimator(*mlp(), second).grad)
    np.testing.assert_allclose(means[1], alone, rtol=0, atol=1e-12)
    of_all = each[k : 2 * k].mean(axis=0)
    assert (np.abs(of_all - alone).max() > 1e-3) == isinstance(baseline, LeaveOneOut)
