"""Two losses over time: trainings, options of an arm, both losses at the end, and verdicts."""

import jax
import numpy as np
import pytest

import snn
from beyond.experiments.lif import response_options
from beyond.experiments.lif.claims_of_response import CLAIMS
from beyond.experiments.lif.descent import descend
from beyond.experiments.lif.response_arms import LOSSES
from beyond.experiments.lif.response_over_time import ResponseOverTime
from beyond.experiments.lif.response_predictions import HIGH, LOW
from beyond.tests.experiments.verdicts import verdicts as verdicts_of
from experiments.engine.cache import checkpointed
from snn.estimators.cross_fitted import CrossFitted

N = 32


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
        estimator, n_trials = variant.follows.within(config.budget, 10.0)
        inner = estimator.estimator if isinstance(estimator, CrossFitted) else estimator
        flips = inner.n_flips if isinstance(inner, snn.StochasticAD) else 0
        assert n_trials * (1 + flips) == config.budget
        assert isinstance(estimator, CrossFitted) == variant.arm.endswith("of_response")


@pytest.mark.parametrize(
    ("changes", "parameter"), [({"shared": [2, 5]}, "shared"), ({"alone": [8]}, "alone")]
)
def test_a_trial_without_a_flip_is_refused(changes, parameter):
    with pytest.raises(ValueError, match=f"no flip: {parameter}="):
        small(**changes)


def test_both_losses_are_measured_on_the_same_trials():
    config = small(resets=False, n_updates=4)
    tasks = config.tasks([1, 2])
    variant = config.variants[-1]
    trained = config._trained(variant, tasks, [1], "judged")
    assert np.isnan(trained[0]).all() and np.isfinite(trained[1][0]).all()
    run = descend(config, variant.follows, 0.3, tasks, "again")
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
    np.testing.assert_allclose(trained[1, 0], expected, rtol=1e-4, atol=1e-5)
    assert abs(expected[0] - expected[1]) > 1e-3


def test_as_many_tuning_tasks_as_judged_tasks_do_not_share_checkpoints(tmp_path):
    config = small(seeds=[1], tuning_seeds=[5], gradients=["surrogate"], surrogates=["broad"])
    without = config.compute_many([1])
    with checkpointed(tmp_path, ["x"]):
        checkpointed_data = config.compute_many([1])
    np.testing.assert_array_equal(checkpointed_data[0]["log_loss"], without[0]["log_loss"])


def test_an_arm_chooses_among_its_variants():
    """The second variant of the first arm is best in tuning, at its first rate."""
    arm_of, names = ["a", "a", "b"], ["a_1", "a_2", "b"]
    tuning = np.zeros((3, 2, 4, len(LOSSES)))
    tuning[1, 0] = -1.0
    tuning[2, 1, :, 1] = -1.0
    logs = np.arange(6.0).reshape(3, 2, 1, 1) + np.zeros((3, 2, 5, len(LOSSES)))
    some = response_options.candidates(arm_of, tuning, 5)
    assert some == [[0], [0], [0, 1]]
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
    np.testing.assert_allclose(np.log(pooled["final"][:, :, 0]), [[2, 4, 0, 2], [2, 5, 0, 2]])
    assert pooled["lower"][0, 0, 1] == 5 and pooled["lower"][0, 1, 0] == 0


def planted(levels, n=N, **changes):
    """Arrays of a panel with the log of each arm's final loss, by loss."""
    config = ResponseOverTime(**changes)
    arms = list(dict.fromkeys(v.arm for v in config.variants))
    spread = 0.05 * np.sin(np.arange(n))
    logs = np.zeros((n, len(arms), 1, len(LOSSES)))
    for i, arm in enumerate(arms):
        logs[:, i, 0] = np.asarray(levels.get(arm, (0.0, 0.0))) + (1 + 0.1 * i) * spread[:, None]
    data = {
        "variants": np.array([arms] * n),
        "arm_of": np.array([arms] * n),
        "methods": np.array([arms] * n),
        "rates": np.ones((n, 1)),
        "tuning": np.zeros((n, len(arms), 1, 4, len(LOSSES))),
        "log_loss": logs,
    }
    return data | config.pooled(data)


def verdicts(high, low):
    panels = {HIGH: planted(high), LOW: planted(low)}
    return verdicts_of(CLAIMS, "fig10", ResponseOverTime.conclusions(panels))


STATED = {
    "unbiased_of_expected": (0.0, 0.0),
    "unbiased_of_response": (-0.3, -0.3),
    "matched_of_expected": (-0.2, 0.0),
    "broad_of_expected": (-0.7, -0.7),
    "broad_of_response": (-0.6, -0.9),
    "broad_detached_of_expected": (-0.2, -0.2),
    "super_spike_of_expected": (-0.25, -0.2),
    "super_spike_through_of_expected": (-0.45, -0.4),
}


def test_verdicts_follow_the_losses():
    low = STATED | {"matched_of_expected": (0.2, 0.2)}
    assert set(verdicts(STATED, low).values()) == {"holds"}
    turned = {arm: (-x, -y) for arm, (x, y) in STATED.items()}
    verdict_by_claim = verdicts(turned, turned | {"matched_of_expected": (-0.2, 0.0)})
    assert set(verdict_by_claim.values()) == {"fails"}


def test_arms_within_the_margin_are_not_beyond_it_and_one_regime_decides_nothing():
    near = STATED | {"unbiased_of_response": (-0.6, -0.6)}
    verdict_by_claim = verdicts(near, near)
    assert verdict_by_claim["E127"] == verdict_by_claim["E128"] == "fails"
    panels = {HIGH: planted(STATED)}
    assert ResponseOverTime.conclusions(panels) == {}
