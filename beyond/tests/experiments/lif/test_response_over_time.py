"""Two losses over time: trainings, options of an arm, both losses at the end, and verdicts."""

import jax
import numpy as np
import pytest

import snn
from beyond.experiments.lif.descent import descend
from beyond.experiments.lif.response_over_time import MEASURED, ResponseOverTime
from beyond.experiments.study import choose
from experiments.engine.checkpoint import checkpointed
from snn.estimators.cross_fitted import CrossFitted


def small(**changes):
    settings = {
        "n_inputs": 3,
        "n_hidden": 3,
        "n_outputs": 2,
        "steps": 40,
        "n_updates": 2,
        "chunk": 1,
    }
    settings |= {"budget": 8, "alone": [1], "shared": [2, 4], "n_test": 8, "rates": [0.1, 0.3]}
    return ResponseOverTime(**settings | {"seeds": [0, 1], "tuning_seeds": [5]} | changes)


def test_a_budget_is_spent_by_every_variant():
    config = small()
    for variant in config.variants:
        estimator, n_trials = variant.follows(config.budget, 10.0)
        inner = estimator.estimator if isinstance(estimator, CrossFitted) else estimator
        flips = inner.n_flips if isinstance(inner, snn.StochasticAD) else 0
        assert n_trials * (1 + flips) == config.budget
        assert isinstance(estimator, CrossFitted) == variant.arm.endswith("of_response")


def test_a_trial_without_a_flip_is_refused():
    with pytest.raises(ValueError, match="no flip: shared"):
        small(shared=[2, 5])


def test_both_losses_are_measured_on_the_same_trials():
    config = small(resets=False, n_updates=4)
    tasks = config.tasks([1, 2])
    variant = config.variants[-1]
    (row, _) = config.compute_many([1, 2])
    rate = int(np.flatnonzero(np.isfinite(row["log_loss"][-1]).all(axis=-1))[0])
    run = descend(config, variant.follows, config.rates[rate], tasks, "again")
    program, params = tasks.one
    flat, unravel = jax.flatten_util.ravel_pytree(params)
    noise = snn.draw_noise(
        program, params, jax.random.split(jax.random.fold_in(jax.random.key(0), 0x5EED))[0], 8
    )

    def losses(weights):
        runs = jax.vmap(lambda xi: program(unravel(weights), xi, snn.Spike(snn.sample)))(noise)
        return np.array([runs.loss.mean(), program.loss(runs.output.mean(axis=0))])

    np.testing.assert_allclose(run.weights[0, 0], flat, rtol=1e-6)
    expected = np.log(losses(run.weights[0, -1]) / losses(run.weights[0, 0]))
    np.testing.assert_allclose(row["log_loss"][-1, rate], expected, rtol=1e-4, atol=1e-5)
    assert abs(expected[0] - expected[1]) > 1e-3


def test_as_many_tuning_tasks_as_judged_tasks_do_not_share_checkpoints(tmp_path):
    config = small(seeds=[1], tuning_seeds=[5], gradients=["surrogate"], surrogates=["broad"])
    without = config.compute_many([1])
    with checkpointed(tmp_path, "x"):
        checkpointed_data = config.compute_many([1])
    np.testing.assert_array_equal(checkpointed_data[0]["log_loss"], without[0]["log_loss"])


def test_an_arm_chooses_among_its_variants():
    """The second variant of the first arm is best in tuning, at its first rate."""
    arm_of, names = ["a", "a", "b"], ["a_1", "a_2", "b"]
    tuning = np.zeros((3, 2, 4, len(MEASURED)))
    tuning[1, 0] = -1.0
    tuning[2, 1, :, 1] = -1.0
    logs = np.arange(6.0).reshape(3, 2, 1, 1) + np.zeros((3, 2, 5, len(MEASURED)))
    data = {
        "variants": np.array([names] * 5),
        "arm_of": np.array([arm_of] * 5),
        "rates": np.array([[0.1, 0.3]] * 5),
        "tuning": np.array([tuning] * 5),
        "log_loss": np.moveaxis(logs, 2, 0),
        "methods": np.array([["a", "b", "a_1", "a_2"]] * 5),
    }
    pooled = ResponseOverTime().pooled(data)
    assert pooled["chosen_variant"].tolist() == [[1, 2, 0, 1], [1, 2, 0, 1]]
    np.testing.assert_allclose(pooled["chosen_rate"], [[0.1, 0.1, 0.1, 0.1], [0.1, 0.3, 0.1, 0.1]])
    np.testing.assert_allclose(np.log(pooled["relative"][:, :, 0]), [[2, 4, 0, 2], [2, 5, 0, 2]])
    better = choose(ResponseOverTime.outcomes(data, "expected")).better
    assert better[0, 1] == 5 and better[1, 0] == 0
